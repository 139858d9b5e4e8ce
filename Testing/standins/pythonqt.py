"""Stand-in for PythonQt's attribute access, on PySide6 objects.

Imitates `PythonQtInstanceWrapper_getattro` and `_setattro` (PythonQt/src/PythonQtInstanceWrapper.cpp): a property of
the meta object is a plain attribute (`button.text`, `button.enabled = True`), `name` stands for `objectName`, an
attribute that the C++ class lacks cannot be created, and `connect("signal(args)", callable)` takes a signature.
"""

from __future__ import annotations

import ctypes
import re
import sys
from typing import Any

from PySide6.QtCore import QMetaObject, QObject

_OWN_PREFIX = "_"  # of the stand-ins themselves
_PARENT_LIKE = frozenset({"parent", "children", "layout"})  # methods in PythonQt as well, whatever the meta object says


class PythonQtObject:
    """Mixed into a PySide6 class (before it), makes its instances look as PythonQt shows them."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_") or name in _PARENT_LIKE or name == "metaObject":
            return super().__getattribute__(name)
        if name in ("connect", "disconnect"):  # PySide6 answers with its own, whatever a subclass defines
            return getattr(PythonQtObject, name).__get__(self)
        if name == "name":
            return QObject.objectName(self)
        if QObject.metaObject(self).indexOfProperty(name) >= 0:
            return QObject.property(self, name)
        return super().__getattribute__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith(_OWN_PREFIX):
            super().__setattr__(name, value)
            return
        if isinstance(value, QObject) and QObject.objectName(value) == name:
            return  # PySide6's QUiLoader hangs the widgets on the root, which Slicer's does not
        property_name = "objectName" if name == "name" else name
        if QObject.metaObject(self).indexOfProperty(property_name) < 0:
            raise AttributeError(
                f"{name!r} does not exist on {type(self).__name__} and creating new attributes on C++ objects is not "
                "allowed"
            )
        if not QObject.setProperty(self, property_name, value):
            raise ValueError(f"Property {name!r} of {type(self).__name__} cannot be set to {value!r}")

    def connect(self, *arguments: Any) -> bool:
        """Connect a signal given as text, with its argument types, to a callable: `connect("clicked(bool)", f)`."""
        if not _is_signature(arguments):  # PySide6's own way in, which signal.connect(...) takes
            return bool(super().connect(*arguments))  # type: ignore[misc]
        return bool(self._standin_signal(arguments[0]).connect(arguments[1]))

    def disconnect(self, *arguments: Any) -> bool:
        """Undo :meth:`connect`."""
        if not _is_signature(arguments):
            return bool(super().disconnect(*arguments))  # type: ignore[misc]
        return disconnect(self._standin_signal(arguments[0]), arguments[1])

    def _standin_signal(self, signature: str) -> Any:
        normalized = QMetaObject.normalizedSignature(signature).data().decode()
        declared = re.sub(r"vtkMRML\w+\*", "PyObject", normalized)  # how PySide6 declares Signal(object)
        if QObject.metaObject(self).indexOfSignal(declared) < 0:
            raise ValueError(f"Signal {signature!r} does not exist on {type(self).__name__}")
        return super().__getattribute__(normalized.split("(")[0])


def _is_signature(arguments: tuple[Any, ...]) -> bool:
    first = arguments[0]
    return len(arguments) == 2 and isinstance(first, str) and first[:1].isalpha()  # PySide6 codes signals as "2..."


def emit(signal: Any, *arguments: Any) -> None:
    """Emit a signal of PySide6."""
    signal.emit(*arguments)
    _own_true()


def disconnect(signal: Any, receiver: Any) -> bool:
    """Disconnect a signal of PySide6."""
    disconnected = bool(signal.disconnect(receiver))
    _own_true()
    return disconnected


def _own_true() -> None:
    # PySide6 6.12 returns True from emit and disconnect without owning it, which Python 3.11 counts until it aborts
    if sys.version_info < (3, 12):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(True))


def protect_singletons() -> None:
    """Keep None, True and False alive however often PySide6 gives them back.

    PySide6 6.12 returns None from methods without a result without owning it, too: a long run of the event loop would
    end with Python 3.11 deallocating None. From 3.12 on they are immortal.
    """
    if sys.version_info < (3, 12):
        for value in (None, True, False):
            ctypes.c_ssize_t.from_address(id(value)).value += 1 << 30
