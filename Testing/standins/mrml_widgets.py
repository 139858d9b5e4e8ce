"""Stand-ins for Slicer's Qt widgets that show MRML nodes, on the real scene of `slicer-core`.

qMRMLWidget, qMRMLNodeComboBox and qMRMLCheckableNodeComboBox imitate Libs/MRML/Widgets/qMRMLWidget.h,
qMRMLNodeComboBox.h/.cxx and qMRMLCheckableNodeComboBox.h/.cxx of Slicer's sources: filtering by class, the entry for no
node, check marks, and signals that come whoever changed the scene.
"""

# ruff: noqa: N801, N802, N815 - Slicer's and Qt's own names

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6 import QtCore, QtWidgets
from PySide6.QtCore import Property, Signal

from .pythonqt import PythonQtObject, emit


class qMRMLWidget(PythonQtObject, QtWidgets.QWidget):
    """Hands its scene to the widgets that are connected to it."""

    mrmlSceneChanged = Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Any = None

    def mrmlScene(self) -> Any:
        """Return the scene."""
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        """Take a scene and tell it to the connected widgets, if it is another one."""
        if scene is self._scene:
            return
        self._scene = scene
        emit(self.mrmlSceneChanged, scene)


class qMRMLNodeComboBox(PythonQtObject, QtWidgets.QWidget):
    """Lists the nodes of a scene that are of the wanted classes."""

    currentNodeChanged = Signal(object)
    nodeAddedByUserAction = Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._combo = QtWidgets.QComboBox()
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._combo)
        self._scene: Any = None
        self._tags: list[int] = []
        self._node_types: list[str] = []
        self._hidden_types: list[str] = []
        self._flags = {"noneEnabled": False, "addEnabled": True, "removeEnabled": True, "renameEnabled": False}
        self._node_count = 0
        self._show_children, self._none_display, self._current_id = True, "None", ""
        self._combo.currentIndexChanged.connect(self._index_changed)
        self.setEnabled(False)  # until it has a scene

    def setMRMLScene(self, scene: Any) -> None:
        """Observe a scene and list its nodes."""
        for tag in self._tags:
            self._scene.RemoveObserver(tag)
        self._scene, self._tags = scene, []
        self.setEnabled(scene is not None)
        if scene is not None:
            events = (scene.NodeAddedEvent, scene.NodeRemovedEvent, scene.EndCloseEvent, scene.EndBatchProcessEvent)
            observer = _refiller(weakref.ref(self))
            self._tags = [scene.AddObserver(event, observer) for event in events]
        self._refill()

    def mrmlScene(self) -> Any:
        """Return the scene."""
        return self._scene

    def currentNode(self) -> Any:
        """Return the chosen node or None."""
        return self._scene.GetNodeByID(self._current_id) if self._scene and self._current_id else None

    def setCurrentNode(self, node: Any) -> None:
        """Choose a node; one that is not listed counts as none."""
        self._choose(node.GetID() if node is not None else "")

    def nodeCount(self) -> int:
        """Return how many nodes are listed."""
        return len(self._nodes())

    def nodeFromIndex(self, index: int) -> Any:
        """Return one of the nodes that are listed."""
        return self._nodes()[index]

    def _nodes(self) -> list[Any]:
        return [node for node in self._all_nodes() if self._accepts(node)]

    def addNode(self, node_type: str = "") -> Any:
        """Add a node as "Create new" does, and choose it."""
        node = self._scene.AddNewNodeByClass(node_type or self._node_types[0])
        self._choose(node.GetID())
        emit(self.nodeAddedByUserAction, node)
        return node

    def _all_nodes(self) -> list[Any]:
        scene = self._scene
        return [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())] if scene else []

    def _accepts(self, node: Any) -> bool:
        if node.GetHideFromEditors() or any(node.IsA(name) for name in self._hidden_types):
            return False
        if self._show_children:
            return any(node.IsA(name) for name in self._node_types)
        return node.GetClassName() in self._node_types

    def _refill(self) -> None:
        had_nodes, self._node_count = self._node_count > 0, self.nodeCount()
        self._combo.blockSignals(True)
        self._combo.clear()
        if self._flags["noneEnabled"]:
            self._combo.addItem(self._none_display, "")
        for node in self._nodes():
            self._combo.addItem(node.GetName(), node.GetID())
        self._combo.setCurrentIndex(self._combo.findData(self._current_id))
        self._combo.blockSignals(False)
        if self._current_id and self._combo.currentIndex() < 0:
            self._choose("")
        # where none is no choice, a list that was empty chooses its first node, as QComboBox does
        if not had_nodes and self._node_count and not self._flags["noneEnabled"]:
            self._choose(self._combo.itemData(0))

    def _choose(self, node_id: str) -> None:
        index = self._combo.findData(node_id)
        self._combo.blockSignals(True)
        self._combo.setCurrentIndex(index)
        self._combo.blockSignals(False)
        self._report(node_id if index >= 0 else "")

    def _index_changed(self, index: int) -> None:
        self._report(self._combo.itemData(index) or "")

    def _report(self, node_id: str) -> None:
        if node_id != self._current_id:
            self._current_id = node_id
            emit(self.currentNodeChanged, self.currentNode())

    def _set_node_types(self, names: list[str]) -> None:
        self._node_types = list(names)
        self._refill()

    def _set_hidden_types(self, names: list[str]) -> None:
        self._hidden_types = list(names)
        self._refill()

    def _set_show_children(self, show: bool) -> None:
        self._show_children = show
        self._refill()

    def _set_none_display(self, text: str) -> None:
        self._none_display = text
        self._refill()

    def _set_flag(self, name: str, value: bool) -> None:
        self._flags[name] = value
        self._refill()

    nodeTypes = Property("QStringList", lambda self: self._node_types, _set_node_types)
    hideChildNodeTypes = Property("QStringList", lambda self: self._hidden_types, _set_hidden_types)
    showChildNodeTypes = Property(bool, lambda self: self._show_children, _set_show_children)
    noneDisplay = Property(str, lambda self: self._none_display, _set_none_display)
    noneEnabled = Property(
        bool, lambda self: self._flags["noneEnabled"], lambda self, on: self._set_flag("noneEnabled", on)
    )
    addEnabled = Property(
        bool, lambda self: self._flags["addEnabled"], lambda self, on: self._set_flag("addEnabled", on)
    )
    removeEnabled = Property(
        bool, lambda self: self._flags["removeEnabled"], lambda self, on: self._set_flag("removeEnabled", on)
    )
    renameEnabled = Property(
        bool, lambda self: self._flags["renameEnabled"], lambda self, on: self._set_flag("renameEnabled", on)
    )


class qMRMLCheckableNodeComboBox(qMRMLNodeComboBox):
    """Lists nodes of which several can be checked; that a checked one leaves the scene is not signaled."""

    checkedNodesChanged = Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._checked: set[str] = set()

    def checkedNodes(self) -> tuple[Any, ...]:
        """Return the checked nodes in the order of the list, as PythonQt turns a QList into a tuple."""
        return tuple(node for node in self._nodes() if node.GetID() in self._checked)

    def checkState(self, node: Any) -> QtCore.Qt.CheckState:
        """Return whether a node is checked; one that is not listed is not."""
        checked = any(node is one for one in self.checkedNodes())
        return QtCore.Qt.CheckState.Checked if checked else QtCore.Qt.CheckState.Unchecked

    def setCheckState(self, node: Any, state: QtCore.Qt.CheckState) -> None:
        """Check or uncheck a node; one that is not listed stays as it is."""
        if not any(node is one for one in self._nodes()) or self.checkState(node) == state:
            return
        self._checked ^= {node.GetID()}
        emit(self.checkedNodesChanged)


def _refiller(reference: weakref.ref[qMRMLNodeComboBox]) -> Callable[[Any, str], None]:
    """Return an observer that does nothing once the widget is gone, as Qt's connections do."""

    def refill(caller: Any, event: str) -> None:
        widget = reference()
        if widget is not None and shiboken6.isValid(widget):
            widget._refill()

    return refill


WIDGET_CLASSES = {widget.__name__: widget for widget in (qMRMLWidget, qMRMLNodeComboBox, qMRMLCheckableNodeComboBox)}
