"""Stand-in for `slicer.util.loadUI` and `childWidgetVariables`: loads the real `.ui` files.

Imitates Base/Python/slicer/util.py of Slicer's sources, where Qt's QUiLoader makes the widgets with the help of
Slicer's Designer plugins; here a QUiLoader makes the stand-in of each class.
"""

# ruff: noqa: N802 - Slicer's and Qt's own names

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QObject
from PySide6.QtUiTools import QUiLoader
from PySide6.QtWidgets import QWidget

from . import ctk_classes, mrml_widgets, qt_classes
from .pythonqt import PythonQtObject

WIDGET_CLASSES = qt_classes.WIDGET_CLASSES | ctk_classes.WIDGET_CLASSES | mrml_widgets.WIDGET_CLASSES


class _Loader(QUiLoader):
    """Makes stand-ins; a class that has none is an error, never a plain widget."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[QWidget] = []  # Python would delete a widget whose parent is not set yet

    def createWidget(self, class_name: str, parent: QWidget | None = None, name: str = "") -> QWidget:
        widget: QWidget = WIDGET_CLASSES[class_name](parent)
        widget.setObjectName(name)
        self.made.append(widget)
        return widget


def load_ui(path: str) -> Any:
    """Load a `.ui` file and make its connections, which must exist on both ends."""
    tree = ElementTree.parse(path)
    connections = tree.getroot().find("connections")
    if connections is not None:
        tree.getroot().remove(connections)
    buffer = QBuffer()
    buffer.setData(QByteArray(ElementTree.tostring(tree.getroot())))
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    loader = _Loader()
    widget = loader.load(buffer)
    if widget is None:
        raise RuntimeError(f"Could not load UI file: {path}")
    for connection in connections if connections is not None else ():
        _connect(widget, {part.tag: part.text or "" for part in connection})
    return widget


def _connect(root: Any, connection: dict[str, str]) -> None:
    sender = _named(root, connection["sender"])
    receiver = _named(root, connection["receiver"])
    sender.connect(connection["signal"], getattr(receiver, connection["slot"].split("(")[0]))


def _named(root: Any, name: str) -> Any:
    found = root if root.objectName == name else root.findChild(QObject, name)
    if found is None:
        raise RuntimeError(f"The .ui file connects {name!r}, which it does not hold")
    return found


def child_widget_variables(widget: Any) -> SimpleNamespace:
    """Return the named widgets below a widget as attributes."""
    children = [child for child in widget.findChildren(QWidget) if isinstance(child, PythonQtObject)]
    return SimpleNamespace(**{child.name: child for child in children if child.name})
