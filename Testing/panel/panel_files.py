"""Reads what the .ui files say about their widgets."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# classes that a user types, chooses or presses in
INPUTS = {
    "QCheckBox",
    "QComboBox",
    "QDoubleSpinBox",
    "QLineEdit",
    "QPushButton",
    "QRadioButton",
    "QSlider",
    "QSpinBox",
    "QToolButton",
    "ctkPathLineEdit",
    "ctkSliderWidget",
    "qMRMLCheckableNodeComboBox",
    "qMRMLNodeComboBox",
}
SHOW_THEIR_TEXT = {"QCheckBox", "QPushButton", "QRadioButton", "QToolButton"}
# a label beside its control is in the column before; of equal rows the left cell comes first
CELL = ("row", "column")


@dataclass(frozen=True)
class Widget:
    """A widget of a .ui file."""

    element: ElementTree.Element

    @property
    def kind(self) -> str:
        """Its class."""
        return str(self.element.get("class"))

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.element.get("name"))

    def text_of(self, name: str) -> str:
        """Return a property, empty where it is not set."""
        found = self.element.find(f"property[@name='{name}']")
        return "" if found is None else "".join(found.itertext()).strip()

    @property
    def mnemonic(self) -> str:
        """The letter that is pressed with Alt, empty where there is none."""
        found = re.search(r"&(\w)", self.text_of("text").replace("&&", ""))
        return found.group(1).lower() if found else ""


@dataclass(frozen=True)
class PanelFile:
    """A .ui file."""

    path: Path

    @cached_property
    def root(self) -> ElementTree.Element:
        """The outermost element."""
        return ElementTree.parse(self.path).getroot()

    @cached_property
    def widgets(self) -> list[Widget]:
        """All widgets, in the order of the file, which is that of the Tab key where no other is given."""
        return [Widget(element) for element in self.root.iter("widget")]

    @property
    def inputs(self) -> list[Widget]:
        """The widgets that a user works with."""
        return [widget for widget in self.widgets if widget.kind in INPUTS]

    @property
    def buddies(self) -> dict[str, str]:
        """Name of the label of each widget that has one."""
        labels = (widget for widget in self.widgets if widget.kind == "QLabel")
        return {label.text_of("buddy"): label.name for label in labels if label.text_of("buddy")}

    @property
    def tab_stops(self) -> list[str]:
        """The order of the Tab key, empty where it is that of the file."""
        return [str(stop.text) for stop in self.root.findall("tabstops/tabstop")]

    def unordered_cells(self) -> Iterator[str]:
        """Yield the layouts whose cells are not in the order in which they are read."""
        for layout in self.root.iter("layout"):
            cells = [tuple(int(item.get(key, 0)) for key in CELL) for item in layout.findall("item")]
            if cells != sorted(cells):
                yield str(layout.get("name"))


def panels(repository: Path) -> dict[str, list[PanelFile]]:
    """Return the .ui files of each module; those of one module are shown together."""
    modules = ("Speckle2Self", "Speckle2SelfTraining")
    return {
        name: [PanelFile(path) for path in sorted((repository / name).glob("Resources/UI/*.ui"))] for name in modules
    }
