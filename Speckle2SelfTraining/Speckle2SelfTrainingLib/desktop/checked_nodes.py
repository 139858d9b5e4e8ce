"""Binds a list of nodes to a combo box in which several can be checked."""

from __future__ import annotations

from typing import Any

import qt
from slicer.parameterNodeWrapper import GuiConnector


class CheckedNodesConnector(GuiConnector):  # type: ignore[misc]
    """Binds a qMRMLCheckableNodeComboBox to a parameter that lists nodes; Slicer brings no connector for it.

    Parameters
    ----------
    comboBox : qMRMLCheckableNodeComboBox
        Whose checked nodes are the parameter's.
    """

    def __init__(self, comboBox: Any) -> None:
        super().__init__()
        self._comboBox = comboBox

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        """Return False: it is never chosen by type, only given."""
        return False

    @staticmethod
    def create(widget: Any, datatype: Any) -> CheckedNodesConnector:
        """Return a connector for a combo box."""
        return CheckedNodesConnector(widget)

    def _connect(self) -> None:
        self._comboBox.connect("checkedNodesChanged()", self._onCheckedNodesChanged)

    def _disconnect(self) -> None:
        self._comboBox.disconnect("checkedNodesChanged()", self._onCheckedNodesChanged)

    def _onCheckedNodesChanged(self) -> None:
        self.changed()

    def widget(self) -> Any:
        """Return the combo box."""
        return self._comboBox

    def read(self) -> list[Any]:
        """Return the checked nodes, in the order of the scene."""
        return list(self._comboBox.checkedNodes())

    def write(self, value: Any) -> None:
        """Check exactly these nodes; those that have left the scene are passed over."""
        wanted = presentNodes(value)
        for node in self._comboBox.checkedNodes():
            if node not in wanted:
                self._comboBox.setCheckState(node, qt.Qt.Unchecked)
        for node in wanted:
            if self._comboBox.checkState(node) != qt.Qt.Checked:
                self._comboBox.setCheckState(node, qt.Qt.Checked)


def presentNodes(nodes: Any) -> list[Any]:
    """Return the nodes of a parameter that are still in the scene."""
    return [node for node in nodes if node is not None and node.GetScene() is not None]
