"""Stand-in for `slicer.parameterNodeWrapper`: typed parameters on a real vtkMRMLScriptedModuleNode.

Imitates, for the types and widgets that the panels use, Base/Python/slicer/parameterNodeWrapper of Slicer's sources:
wrapper.py (properties, connectGui, connectParametersToGui), serializers.py (how values are stored: text as `str`
writes it, enums by name, nodes as references, lists as a length and items), validators.py (WithinRange, Minimum) and
guiConnectors.py.
"""

# ruff: noqa: N802 - Slicer's and Qt's own names

from __future__ import annotations

import abc
import enum
import itertools
import typing
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import slicer
import vtk

from . import ctk_classes, mrml_widgets, qt_classes
from .pythonqt import disconnect

PROPERTY = "SlicerParameterName"


class WithinRange:
    """Accepts numbers from minimum to maximum, both included."""

    def __init__(self, minimum: float, maximum: float) -> None:
        self.minimum, self.maximum = minimum, maximum

    def validate(self, value: float) -> None:
        """Raise ValueError outside the range."""
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"Value must be within range [{self.minimum}, {self.maximum}], is {value}")


class Minimum:
    """Accepts numbers from minimum on."""

    def __init__(self, minimum: float) -> None:
        self.minimum = minimum

    def validate(self, value: float) -> None:
        """Raise ValueError below the minimum."""
        if value < self.minimum:
            raise ValueError(f"Value must be greater than {self.minimum}, is {value}")


class GuiConnector(abc.ABC):
    """Base of what binds a widget to a parameter."""

    @staticmethod
    @abc.abstractmethod
    def canRepresent(widget: Any, datatype: Any) -> bool: ...

    @staticmethod
    @abc.abstractmethod
    def create(widget: Any, datatype: Any) -> Any: ...

    def __init__(self) -> None:
        super().__init__()
        self._callback: Callable[[], None] | None = None

    def onChanged(self, callback: Callable[[], None] | None) -> None:
        self._callback = callback
        if callback is None:
            self._disconnect()
        else:
            self._connect()

    def changed(self) -> None:
        if self._callback:
            self._callback()

    @abc.abstractmethod
    def _connect(self) -> None: ...

    @abc.abstractmethod
    def _disconnect(self) -> None: ...

    @abc.abstractmethod
    def widget(self) -> Any: ...

    @abc.abstractmethod
    def read(self) -> Any: ...

    @abc.abstractmethod
    def write(self, value: Any) -> None: ...


class _WidgetConnector(GuiConnector):
    """Binds one widget; subclasses say for which types, and name signal and property."""

    signal, attribute = "", ""

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        raise NotImplementedError

    @classmethod
    def create(cls, widget: Any, datatype: Any) -> Any:
        return cls(widget, datatype)

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__()
        self._widget = widget

    def _connect(self) -> None:
        getattr(self._widget, self.signal).connect(self._on_signal)

    def _disconnect(self) -> None:
        disconnect(getattr(self._widget, self.signal), self._on_signal)

    def _on_signal(self, *arguments: Any) -> None:
        self.changed()

    def widget(self) -> Any:
        return self._widget

    def read(self) -> Any:
        return getattr(self._widget, self.attribute)

    def write(self, value: Any) -> None:
        setattr(self._widget, self.attribute, value)


class _CheckBox(_WidgetConnector):
    signal, attribute = "stateChanged", "checked"

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        return _plain(datatype) is bool and type(widget) is qt_classes.QCheckBox


class _Number(_WidgetConnector):
    signal, attribute = "valueChanged", "value"

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        kinds = {int: (qt_classes.QSpinBox,), float: (qt_classes.QDoubleSpinBox, ctk_classes.ctkSliderWidget)}
        return type(widget) in kinds.get(_plain(datatype), ())

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        limits = SimpleNamespace(minimum=-(2**31), maximum=2**31 - 1)
        for validator in _validators(datatype):
            limits.__dict__.update(vars(validator))
        if type(widget) is ctk_classes.ctkSliderWidget and limits.maximum == 2**31 - 1:
            raise RuntimeError("Cannot have a connection to ctkSliderWidget where the float types is unbounded.")
        widget.minimum, widget.maximum = limits.minimum, limits.maximum


class _EnumComboBox(_WidgetConnector):
    signal = "currentIndexChanged"

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        return type(widget) is qt_classes.QComboBox and _is_a(datatype, enum.Enum)

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        kind = _plain(datatype)
        label = getattr(kind, "label", lambda member: member.name)
        self._members = list(kind)
        widget.clear()
        for member in self._members:
            widget.addItem(label(member))

    def read(self) -> Any:
        return self._members[self._widget.currentIndex]

    def write(self, value: Any) -> None:
        self._widget.currentIndex = self._members.index(value)


class _NodeComboBox(_WidgetConnector):
    signal = "currentNodeChanged"

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        return type(widget) is mrml_widgets.qMRMLNodeComboBox and _is_a(datatype, slicer.vtkMRMLNode)

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        widget.nodeTypes = [_plain(datatype)().GetClassName()]

    def read(self) -> Any:
        return self._widget.currentNode()

    def write(self, value: Any) -> None:
        self._widget.setCurrentNode(value)


class _LineEdit(_WidgetConnector):
    signal, attribute = "textChanged", "text"

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        return type(widget) is qt_classes.QLineEdit and _plain(datatype) is str

    def write(self, value: Any) -> None:
        if value != self._widget.text:
            self._widget.text = value


_CONNECTORS = (_CheckBox, _Number, _EnumComboBox, _NodeComboBox, _LineEdit)


def parameterNodeWrapper(cls: type) -> type:
    """Turn the annotated members of a class into parameters of the node given to its constructor."""
    types = typing.get_type_hints(cls, include_extras=True)
    defaults = {name: getattr(cls, name, _default(types[name])) for name in types}
    for name in types:
        setattr(cls, name, property(*_accessors(name, types[name])))

    def initialize(self: Any, node: Any) -> None:
        self.parameterNode, self._connections, self._tags, self._updating = node, {}, itertools.count(), False
        for name, datatype in types.items():
            if not node.HasParameter(_stored_name(name, types[name])):
                _write(node, name, datatype, defaults[name])

    members: dict[str, Any] = {
        "__init__": initialize,
        "allParameters": types,
        "default": lambda self, name: SimpleNamespace(value=defaults[name]),
        "getValue": lambda self, name: getattr(self, name),
        "setValue": lambda self, name, value: setattr(self, name, value),
        "connectGui": _connect_gui,
        "connectParametersToGui": _connect_parameters,
        "disconnectGui": _disconnect_gui,
        "StartModify": lambda self: self.parameterNode.StartModify(),
        "EndModify": lambda self, was: self.parameterNode.EndModify(was),
        "AddObserver": lambda self, event, call, priority=0.0: self.parameterNode.AddObserver(event, call, priority),
        "RemoveObserver": lambda self, tag: self.parameterNode.RemoveObserver(tag),
        "Modified": lambda self: self.parameterNode.Modified(),
    }
    for name, member in members.items():
        setattr(cls, name, member)
    return cls


def _accessors(name: str, datatype: Any) -> tuple[Callable[[Any], Any], Callable[[Any, Any], None]]:
    return (
        lambda self: _read(self.parameterNode, name, datatype),
        lambda self, value: _write(self.parameterNode, name, datatype, value),
    )


def _stored_name(name: str, datatype: Any) -> str:
    return f"{name}.len" if _is_list(datatype) else name


def _read(node: Any, name: str, datatype: Any) -> Any:
    kind = _plain(datatype)
    if _is_list(datatype):
        (item,) = typing.get_args(kind)
        return [_read(node, f"{name}.{index}", item) for index in range(int(node.GetParameter(f"{name}.len") or 0))]
    if _is_a(datatype, slicer.vtkMRMLNode):
        return node.GetNodeReference(name)
    text = node.GetParameter(name)
    if kind is bool:
        return text == "True"
    return kind[text] if _is_a(datatype, enum.Enum) else kind(text)


def _write_list(node: Any, name: str, datatype: Any, values: Any) -> None:
    (item,) = typing.get_args(_plain(datatype))
    with slicer.util.NodeModify(node):
        before = int(node.GetParameter(f"{name}.len") or 0)
        for index, value in enumerate(values):
            _write(node, f"{name}.{index}", item, value)
        node.SetParameter(f"{name}.len", str(len(values)))
        for index in range(len(values), before):
            node.UnsetParameter(f"{name}.{index}")
            node.RemoveNodeReferenceIDs(f"{name}.{index}")


def _write(node: Any, name: str, datatype: Any, value: Any) -> None:
    if _is_list(datatype):
        _write_list(node, name, datatype, value)
        return
    kind = (int, float) if _plain(datatype) is float else _plain(datatype)
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"Value must be of type '{kind}', is type '{type(value)}' value '{value}'")
    for validator in _validators(datatype):
        validator.validate(value)
    with slicer.util.NodeModify(node):
        if _is_a(datatype, slicer.vtkMRMLNode):
            node.SetParameter(name, "")
            node.SetNodeReferenceID(name, value.GetID() if value is not None else None)
        else:
            node.SetParameter(name, value.name if isinstance(value, enum.Enum) else str(value))


def _connect_gui(self: Any, gui: Any) -> int:
    mapping = {widget.property(PROPERTY): widget for widget in vars(gui).values() if widget.property(PROPERTY)}
    return _connect_parameters(self, mapping)


def _connect_parameters(self: Any, mapping: dict[str, Any]) -> int:
    types = self.allParameters
    unknown = set(mapping) - set(types)
    if unknown:
        raise ValueError(f"Cannot find a param with the given name: {sorted(unknown)[0]}")
    connectors = {name: _connector(widget, types[name]) for name, widget in mapping.items()}
    for name, connector in connectors.items():
        connector.write(getattr(self, name))
        connector.onChanged(_make_callback(self, name, connector))
    tag = next(self._tags)
    observer = self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: _update_gui(self))
    self._connections[tag] = (connectors, observer)
    return tag


def _connector(widget: Any, datatype: Any) -> Any:
    if isinstance(widget, GuiConnector):
        return widget
    for connector in _CONNECTORS:
        if connector.canRepresent(widget, datatype):
            return connector.create(widget, datatype)
    raise RuntimeError(f"Unable to create GUI connector from datatype '{datatype}' to widget type '{type(widget)}'.")


def _make_callback(self: Any, name: str, connector: Any) -> Callable[[], None]:
    def callback() -> None:
        if not self._updating:
            with slicer.util.NodeModify(self):
                setattr(self, name, connector.read())

    return callback


def _update_gui(self: Any) -> None:
    if self._updating:
        return
    self._updating = True
    try:
        for connectors, _observer in list(self._connections.values()):
            for name, connector in connectors.items():
                connector.write(getattr(self, name))
    finally:
        self._updating = False


def _disconnect_gui(self: Any, tag: int) -> None:
    connectors, observer = self._connections.pop(tag, ({}, None))
    for connector in connectors.values():
        connector.onChanged(None)
    if observer is not None:
        self.RemoveObserver(observer)


def _plain(datatype: Any) -> Any:
    return typing.get_args(datatype)[0] if typing.get_origin(datatype) is typing.Annotated else datatype


def _validators(datatype: Any) -> tuple[Any, ...]:
    return typing.get_args(datatype)[1:] if typing.get_origin(datatype) is typing.Annotated else ()


def _is_list(datatype: Any) -> bool:
    return typing.get_origin(_plain(datatype)) is list


def _is_a(datatype: Any, base: type) -> bool:
    kind = _plain(datatype)
    return isinstance(kind, type) and issubclass(kind, base)


def _default(datatype: Any) -> Any:
    kind = _plain(datatype)
    if _is_list(datatype):
        return []
    if _is_a(datatype, slicer.vtkMRMLNode):
        return None
    return next(iter(kind)) if _is_a(datatype, enum.Enum) else kind()
