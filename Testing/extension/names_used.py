"""Which names of Slicer, Qt, CTK and VTK the extension uses: read from its Python code and its .ui files."""

from __future__ import annotations

import ast
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Use:
    """A name that is used somewhere.

    Parameters
    ----------
    where : str
        File and line.
    name : str
        The name with its dots, e.g. "slicer.util.loadUI" or "ui.applyButton.enabled".
    """

    where: str
    name: str


@dataclass(frozen=True)
class Connection:
    """A signal that is connected; `sender` is its name with dots, empty where the code does not tell."""

    where: str
    sender: str
    signature: str


class NamesUsed(ast.NodeVisitor):
    """Collects the names of one Python file."""

    def __init__(self, text: str, where: str) -> None:
        self.where = where
        self.uses: list[Use] = []
        self.connections: list[Connection] = []
        self.vtk_methods: list[Use] = []
        self.vtk_classes: list[Use] = []
        self.own: set[str] = set()
        self.visit(ast.parse(text))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = dotted(node)
        if name is not None:
            self.uses.append(self._use(node, name))
        else:
            self.generic_visit(node)
        if re.fullmatch(r"[A-Z][a-z0-9]*[A-Z]?\w*Event", node.attr):
            self.vtk_methods.append(self._use(node, node.attr))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.own.update(alias.asname or alias.name for alias in node.names)
        if node.module and node.level == 0 and node.module.partition(".")[0] in ("slicer", "SampleData"):
            self.uses += [self._use(node, f"{node.module}.{alias.name}") for alias in node.names]

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Attribute):
            if function.attr in ("connect", "disconnect") and node.args and is_signature(node.args[0]):
                signature = ast.literal_eval(node.args[0])
                self.connections.append(Connection(self._line(node), dotted(function.value) or "", signature))
            elif dotted(function) is None and re.fullmatch(r"[A-Z]+[a-z]\w+", function.attr):
                self.vtk_methods.append(self._use(node, function.attr))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and re.fullmatch(r"vtk(MRML|Slicer)\w+", node.value):
            self.vtk_classes.append(self._use(node, node.value))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.own.add(node.name)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.own.add(node.name)
        self.generic_visit(node)

    def _line(self, node: ast.AST) -> str:
        return f"{self.where}:{getattr(node, 'lineno', 0)}"

    def _use(self, node: ast.AST, name: str) -> Use:
        return Use(self._line(node), name)


def dotted(node: ast.AST) -> str | None:
    """Return "slicer.util.loadUI" for such an attribute, "ui.x.y" for `self.ui.x.y`, None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        if node.attr == "ui":
            return ".".join(reversed(parts))
        node = node.value
    if isinstance(node, ast.Name) and node.id in ("slicer", "qt", "ctk", "ui"):
        return ".".join([node.id, *reversed(parts)])
    return None


def is_signature(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "(" in node.value


@dataclass(frozen=True)
class Widget:
    """A widget of a .ui file: its class, and the names of its properties that Qt Designer sets."""

    where: str
    name: str
    class_name: str
    properties: tuple[str, ...]


def widgets(file: Path) -> Iterator[Widget]:
    """Iterate over the widgets of a .ui file; properties that the file makes up (stdset="0") are left out."""
    for element in ElementTree.parse(file).getroot().iter("widget"):
        properties = [item.get("name", "") for item in element.findall("property") if item.get("stdset") != "0"]
        yield Widget(file.name, element.get("name", ""), element.get("class", ""), tuple(properties))


def invented_properties(file: Path) -> set[str]:
    """Return the names of the properties that a .ui file makes up."""
    root = ElementTree.parse(file).getroot()
    return {item.get("name", "") for item in root.iter("property") if item.get("stdset") == "0"}


def ui_connections(file: Path) -> Iterator[tuple[str, str, str, str]]:
    """Iterate over (sender, signal, receiver, slot) of a .ui file."""
    for element in ElementTree.parse(file).getroot().iter("connection"):
        values = [element.findtext(tag, "") for tag in ("sender", "signal", "receiver", "slot")]
        yield values[0], values[1], values[2], values[3]
