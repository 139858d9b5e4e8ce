"""Binds check boxes, one for each filter, to a parameter; and choosers of regions, which take nodes of two classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slicer.parameterNodeWrapper import GuiConnector
from Speckle2SelfLib.desktop.widget_connector import WidgetConnector

SEPARATOR = ","


class FilterChoiceConnector(GuiConnector):  # type: ignore[misc]
    """Binds check boxes to a text parameter: the names of those that are checked, with commas between them.

    Parameters
    ----------
    checkBoxes : mapping of str to QCheckBox
        By name.
    """

    def __init__(self, checkBoxes: Mapping[str, Any]) -> None:
        super().__init__()
        self._checkBoxes = dict(checkBoxes)

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        """Return False: it is never chosen by type, only given."""
        return False

    @staticmethod
    def create(widget: Any, datatype: Any) -> FilterChoiceConnector:
        """Return a connector for check boxes."""
        return FilterChoiceConnector(widget)

    def _connect(self) -> None:
        for checkBox in self._checkBoxes.values():
            checkBox.connect("toggled(bool)", self._onToggled)

    def _disconnect(self) -> None:
        for checkBox in self._checkBoxes.values():
            checkBox.disconnect("toggled(bool)", self._onToggled)

    def _onToggled(self, checked: bool) -> None:
        self.changed()

    def widget(self) -> Any:
        """Return one of the check boxes."""
        return next(iter(self._checkBoxes.values()))

    def read(self) -> str:
        """Return the names of the checked boxes."""
        return SEPARATOR.join(name for name, checkBox in self._checkBoxes.items() if checkBox.checked)

    def write(self, value: str) -> None:
        """Check exactly these boxes; names that have none are passed over."""
        for name, checkBox in self._checkBoxes.items():
            wasBlocked = checkBox.blockSignals(True)  # or each box would be told as a choice of its own
            checkBox.checked = name in value.split(SEPARATOR)
            checkBox.blockSignals(wasBlocked)


class RegionConnector(WidgetConnector):
    """Binds a qMRMLNodeComboBox that lists nodes of several classes; Slicer's own connector would make it one.

    Parameters
    ----------
    widget : qMRMLNodeComboBox
        With its node types as the .ui file says.
    """

    signal = "currentNodeChanged(vtkMRMLNode*)"

    def read(self) -> Any:
        """Return the chosen node or None."""
        return self._widget.currentNode()

    def write(self, value: Any) -> None:
        """Choose a node."""
        self._widget.setCurrentNode(value)
