"""Binds a list of nodes to a combo box in which several can be checked."""

from __future__ import annotations

from typing import Any

import qt
from Speckle2SelfLib.desktop.widget_connector import WidgetConnector


class CheckedNodesConnector(WidgetConnector):
    """Binds a qMRMLCheckableNodeComboBox to a parameter that lists nodes; Slicer brings no connector for it.

    Parameters
    ----------
    widget : qMRMLCheckableNodeComboBox
        Whose checked nodes are the parameter's.
    """

    signal = "checkedNodesChanged()"

    def read(self) -> list[Any]:
        """Return the checked nodes, in the order of the scene."""
        return list(self._widget.checkedNodes())

    def write(self, value: Any) -> None:
        """Check exactly these nodes; those that have left the scene are passed over."""
        wanted = presentNodes(value)
        for node in self._widget.checkedNodes():
            if node not in wanted:
                self._widget.setCheckState(node, qt.Qt.Unchecked)
        for node in wanted:
            if self._widget.checkState(node) != qt.Qt.Checked:
                self._widget.setCheckState(node, qt.Qt.Checked)


def presentNodes(nodes: Any) -> list[Any]:
    """Return the nodes of a parameter that are still in the scene."""
    return [node for node in nodes if node is not None and node.GetScene() is not None]
