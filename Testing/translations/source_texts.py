"""Finds the texts for users in the Python code of the modules, from the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MODULES = ("Speckle2Self", "Speckle2SelfTraining")


@dataclass(frozen=True)
class MarkedText:
    """A call of ``_()``.

    Parameters
    ----------
    file : Path
    line : int
    text : str or None
        None where the argument is no plain text.
    format_names : set of str or None
        Names that ``.format()`` is given after it; None where it does not follow.
    """

    file: Path
    line: int
    text: str | None
    format_names: frozenset[str] | None

    @property
    def context(self) -> str:
        """Name of the context, as Base/Python/slicer/i18n.py of Slicer's sources makes it."""
        return context_of(self.file)


def python_files(module_folder: Path) -> list[Path]:
    """Return the files of a module."""
    return sorted(path for path in module_folder.rglob("*.py") if "__pycache__" not in path.parts)


def desktop_files(module_folder: Path) -> list[Path]:
    """Return the files that show something: the module's script and its package `desktop`."""
    return sorted(module_folder.glob("*.py")) + sorted(module_folder.glob("*Lib/desktop/*.py"))


def context_of(file: Path) -> str:
    """Return the name of a file's context: that of its package and its own."""
    package = f"{file.parent.name}." if (file.parent / "__init__.py").is_file() else ""
    return package + file.stem


def marked_texts(file: Path) -> Iterator[MarkedText]:
    """Find the calls of `_()` in a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    formatted = {
        id(call.func.value): frozenset(keyword.arg or "**" for keyword in call.keywords)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "format"
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and _name(call) == "_":
            argument = call.args[0]
            plain = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            text = argument.value if plain else None  # type: ignore[attr-defined]
            yield MarkedText(file, call.lineno, text, formatted.get(id(call)))


def texts_in_f_strings(file: Path) -> Iterator[int]:
    """Yield the lines of calls of `_()` inside of f-strings, where no tool for translations looks."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call) and _name(inner) == "_"]
            yield from (node.lineno for _call in calls)


def unmarked_texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield the texts outside of `_()`; docstrings, error messages and self tests do not count."""
    documentation = {id(text) for node in ast.walk(tree) for text in _docstring(node)}
    for node in _walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node


def shown_literals(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield the texts that are put into a widget or a message without `_()`."""
    for node in _walk(tree):
        if isinstance(node, ast.Assign) and any(_shows(target) for target in node.targets):
            yield from unmarked_texts(node.value)
        elif isinstance(node, ast.Call) and _name(node) in SHOWING_CALLS:
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                yield from unmarked_texts(argument)


SHOWN_PROPERTIES = {"text", "toolTip", "title", "placeholderText", "windowTitle", "accessibleName", "suffix", "prefix"}
SHOWING_CALLS = {
    "addItem",
    "setText",
    "setToolTip",
    "setWindowTitle",
    "setItemText",
    "showStatusMessage",
    "errorDisplay",
    "infoDisplay",
    "warningDisplay",
    "messageBox",
    "confirmOkCancelDisplay",
    "confirmYesNoDisplay",
    "confirmRetryCloseDisplay",
    "showIdle",
    "QAction",
    "QLabel",
    "QPushButton",
    "QCheckBox",
    "getSaveFileName",
    "getOpenFileName",
    "getExistingDirectory",
}


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if not _is_exempt(node):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def _shows(target: ast.AST) -> bool:
    return isinstance(target, ast.Attribute) and target.attr in SHOWN_PROPERTIES


def _is_exempt(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _name(node) in ("_", "translate")
    return isinstance(node, ast.Raise) or (isinstance(node, ast.ClassDef) and node.name.endswith("Test"))


def _docstring(node: ast.AST) -> Iterator[ast.Constant]:
    for statement in getattr(node, "body", []) if not isinstance(node, ast.Lambda | ast.IfExp) else []:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            yield statement.value
