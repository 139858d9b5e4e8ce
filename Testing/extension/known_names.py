"""Which names exist: of Slicer and CTK from slicer_names.json, of Qt from PySide6, of VTK and MRML from slicer-core."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

NAMES = Path(__file__).with_name("slicer_names.json")
PYTHONQT_METHODS = frozenset({"connect", "disconnect", "delete", "className", "name"})
OWN_MODULES = ("speckle2self", "speckle2selftraining")


class KnownNames:
    """The names that Python code inside Slicer may use."""

    def __init__(self) -> None:
        self._names = json.loads(NAMES.read_text(encoding="utf-8"))
        self._classes: dict[str, Any] = self._names["classes"]

    @property
    def of_python(self) -> frozenset[str]:
        """Public names of Slicer's Python modules."""
        return frozenset(name for names in self._names["python"].values() for name in names)

    @property
    def version(self) -> str:
        """Version of the sources that the list was read from."""
        return str(self._names["version"])

    def has(self, name: str) -> bool:
        """Say whether a name with dots, which begins with slicer, qt, ctk or an importable module, exists."""
        modules = self._names["python"]
        if name in modules:
            return True
        owner, _, last = name.rpartition(".")
        if owner in modules:
            return last in modules[owner]
        first, *rest = name.split(".")
        if first == "slicer":
            return self._in_slicer(rest)
        return not rest or self._in_class(rest)

    def _in_slicer(self, rest: list[str]) -> bool:
        import slicer

        if not rest:
            return True
        first, *more = rest
        if f"slicer.{first}" in self._names["python"]:
            return not more or more[0] in self._names["python"][f"slicer.{first}"]
        if first == "app":
            return not more or self.member("qSlicerApplication", more[0])
        if first == "mrmlScene":
            return not more or hasattr(slicer.vtkMRMLScene, more[0])
        if first == "modules":
            return not more or more[0].removesuffix("Widget").lower() in {*self._names["modules"], *OWN_MODULES}
        if first.startswith("vtk"):
            found = getattr(slicer, first, None)
            return found is not None and (not more or hasattr(found, more[0]))
        return first in self._names["slicer"] or (first.startswith("q") and self._in_class(rest))

    def _in_class(self, rest: list[str]) -> bool:
        return self.is_class(rest[0]) and (len(rest) == 1 or self.member(rest[0], rest[1]))

    def is_class(self, name: str) -> bool:
        """Say whether a class of Qt, CTK or Slicer exists."""
        return name in self._classes or qt_class(name) is not None

    def member(self, class_name: str, member: str) -> bool:
        """Say whether a class, or one that it is built on, has a property, method, signal or enumerator."""
        if member in PYTHONQT_METHODS:
            return True
        found = self._classes.get(class_name)
        if found is None:
            return hasattr(qt_class(class_name), member) or self.property(class_name, member)
        signals = {signal.partition("(")[0] for signal in found["signals"]}
        here = {*found["properties"], *found["methods"], *found["enumerators"], *signals}
        return member in here or self.member(found["base"], member)

    def property(self, class_name: str, name: str) -> bool:
        """Say whether a class has a property."""
        found = self._classes.get(class_name)
        if found is not None:
            return name in found["properties"] or self.property(found["base"], name)
        meta_object = getattr(qt_class(class_name), "staticMetaObject", None)
        return meta_object is not None and meta_object.indexOfProperty(name) >= 0

    def signal(self, class_name: str, signature: str) -> bool:
        """Say whether a class has a signal with these parameters."""
        from PySide6.QtCore import QMetaObject

        found = self._classes.get(class_name)
        if found is not None:
            return signature in found["signals"] or self.signal(found["base"], signature)
        meta_object = getattr(qt_class(class_name), "staticMetaObject", None)
        normalized = QMetaObject.normalizedSignature(signature).data().decode()
        return meta_object is not None and meta_object.indexOfSignal(normalized) >= 0

    def signal_of_any(self, signature: str) -> bool:
        """Say whether any class has a signal with these parameters."""
        return any(self.signal(name, signature) for name in [*self._classes, *qt_class_names()])


@functools.cache
def qt_class(name: str) -> Any:
    """Return a class of Qt, or None."""
    from PySide6 import QtCore, QtGui, QtWidgets

    for module in (QtWidgets, QtGui, QtCore):
        if hasattr(module, name):
            return getattr(module, name)
    return None


@functools.cache
def qt_class_names() -> list[str]:
    from PySide6 import QtCore, QtGui, QtWidgets

    return [name for module in (QtWidgets, QtGui, QtCore) for name in dir(module) if name.startswith("Q")]


@functools.cache
def vtk_names() -> frozenset[str]:
    """Return all names that any class of VTK, MRML or a Slicer logic has."""
    import slicer
    from vtkmodules import vtkCommonCore, vtkCommonDataModel, vtkCommonMath, vtkCommonTransforms

    names: set[str] = set()
    for module in (slicer, vtkCommonCore, vtkCommonDataModel, vtkCommonMath, vtkCommonTransforms):
        for name in dir(module):
            if name.startswith("vtk"):
                names.update(dir(getattr(module, name)))
    return frozenset(names)
