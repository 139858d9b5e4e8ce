"""The model chooser: shipped models by name, and one from a file of this computer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import GuiConnector

FROM_FILE = "file"
"""What the scene stores when the model comes from a file; the path itself stays on this computer."""


# The same rule as in bundle/shipped.py, whose package imports torch, which must not be loaded into the application;
# a test compares the two.
DEFAULT_FOLDER = "speckle2self-default"


def shippedModels() -> list[tuple[str, str]]:
    """Return name and title of the models that came with the extension, "default" first."""
    files = sorted(modelsFolder().glob("*/configs/metadata.json"))
    models = [(_name(file.parents[1]), _title(file)) for file in files]
    return sorted(models, key=lambda model: model[0] != "default")


def modelsFolder() -> Path:
    """Return ``Resources/Models``: beside the library once installed, at the root of the source tree otherwise."""
    library = Path(__file__).resolve().parents[1]
    candidates = [library.parent / "Resources" / "Models", library.parents[1] / "Resources" / "Models"]
    return next((folder for folder in candidates if folder.is_dir()), candidates[0])


def _name(folder: Path) -> str:
    return "default" if folder.name == DEFAULT_FOLDER else folder.name


def _title(metadataFile: Path) -> str:
    metadata = json.loads(metadataFile.read_text(encoding="utf-8"))
    return f"{metadata['name']} {metadata['version']}"


class ModelConnector(GuiConnector):  # type: ignore[misc]
    """Binds a combo box, whose items carry model names as data, to a text parameter.

    Slicer's own connector needs the choices when the class is made; these are found when the panel is.

    Parameters
    ----------
    comboBox : QComboBox
        Is filled with the shipped models and "From file".
    """

    def __init__(self, comboBox: Any) -> None:
        super().__init__()
        self._comboBox = comboBox
        comboBox.clear()
        for name, title in shippedModels():
            comboBox.addItem(title, name)
        comboBox.addItem(_("From file..."), FROM_FILE)

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        """Return False: it is never chosen by type, only given."""
        return False

    @staticmethod
    def create(widget: Any, datatype: Any) -> ModelConnector:
        """Return a connector for a combo box."""
        return ModelConnector(widget)

    def _connect(self) -> None:
        self._comboBox.connect("currentIndexChanged(int)", self._onIndexChanged)

    def _disconnect(self) -> None:
        self._comboBox.disconnect("currentIndexChanged(int)", self._onIndexChanged)

    def _onIndexChanged(self, index: int) -> None:
        self.changed()

    def widget(self) -> Any:
        """Return the combo box."""
        return self._comboBox

    def read(self) -> str:
        """Return the chosen model's name."""
        return str(self._comboBox.itemData(self._comboBox.currentIndex))

    def write(self, value: str) -> None:
        """Choose a model; one that a scene names but this computer lacks is added to the list, marked."""
        index = self._comboBox.findData(value)
        if index < 0:
            self._comboBox.addItem(_("{name} (not installed here)").format(name=value), value)
            index = self._comboBox.findData(value)
        self._comboBox.currentIndex = index
