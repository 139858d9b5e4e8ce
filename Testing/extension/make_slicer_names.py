"""Writes slicer_names.json: the names of 3D Slicer that Python code may use, read from the sources of Slicer and CTK.

    python Testing/extension/make_slicer_names.py SLICER_SOURCES CTK_SOURCES

Of a C++ class, Python (PythonQt) sees properties, signals, slots, invokable methods and registered enumerations; of a
Python module its public names. Classes of VTK and MRML are not listed: the tests ask `slicer-core` for them, and
PySide6 for those of Qt.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
from pathlib import Path
from typing import Any

NAMES = Path(__file__).with_name("slicer_names.json")
# folders with the classes of widgets and of the application that scripted modules meet
SLICER_FOLDERS = (
    "Libs/MRML/Widgets",
    "Base/QTCore",
    "Base/QTGUI",
    "Base/QTApp",
    "Modules/Loadable/SubjectHierarchy/Widgets",
    "Modules/Loadable/Segmentations/Widgets",
    "Modules/Loadable/Sequences/Widgets",
)
CTK_FOLDERS = ("Libs/Core", "Libs/Widgets")
PYTHON_MODULES = {
    "slicer.util": "Base/Python/slicer/util.py",
    "slicer.packaging": "Base/Python/slicer/packaging.py",
    "slicer.i18n": "Base/Python/slicer/i18n.py",
    "slicer.testing": "Base/Python/slicer/testing.py",
    "slicer.parameterNodeWrapper": "Base/Python/slicer/parameterNodeWrapper",
    "slicer.ScriptedLoadableModule": "Base/Python/slicer/ScriptedLoadableModule.py",
    "SampleData": "Modules/Scripted/SampleData/SampleData.py",
}
# attributes of the package itself, which its start-up code sets (Base/Python/slicer/__init__.py, slicerqt.py, and
# qSlicerCorePythonManager.cxx)
SLICER_ATTRIBUTES = ["app", "cli", "modules", "moduleNames", "mrmlScene", "util"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slicer", type=Path, help="Slicer's source tree")
    parser.add_argument("ctk", type=Path, help="CTK's source tree")
    options = parser.parse_args()
    folders = [options.slicer / name for name in SLICER_FOLDERS] + [options.ctk / name for name in CTK_FOLDERS]
    headers = sorted(header for folder in folders for header in folder.glob("*.h"))
    classes = {name: found for header in headers for name, found in classes_of(read(header))}
    add_decorators(classes, "".join(read(header) for header in headers if "PythonQtDecorators" in header.name))
    names = {
        "version": version(options.slicer),
        "slicer": SLICER_ATTRIBUTES,
        "modules": sorted(
            {
                path.name.lower()
                for kind in ("Loadable", "Scripted")
                for path in options.slicer.glob(f"Modules/{kind}/*")
            }
        ),
        "python": {name: public_names(options.slicer / path) for name, path in PYTHON_MODULES.items()},
        "classes": dict(sorted(classes.items())),
    }
    NAMES.write_text(compact(names), encoding="utf-8")
    print(f"{NAMES}: {len(classes)} classes, {NAMES.stat().st_size // 1024} kB")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def version(slicer: Path) -> str:
    """Return the version of Slicer's sources, and their commit where git knows it."""
    found = dict(re.findall(r"set\(Slicer_VERSION_(MAJOR|MINOR|PATCH) *\"?(\d+)", read(slicer / "CMakeLists.txt")))
    commit = subprocess.run(
        ["git", "-C", str(slicer), "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return " ".join(filter(None, [".".join(found.get(part, "?") for part in ("MAJOR", "MINOR", "PATCH")), commit]))


def public_names(path: Path) -> list[str]:
    """Return what a Python module defines or imports at its top level."""
    if path.is_dir():  # a package that shows what all its files have
        return sorted({name for file in path.glob("*.py") for name in public_names(file)})
    names = set()
    for node in ast.parse(read(path)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return sorted(name for name in names if not name.startswith("_"))


def classes_of(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the Qt classes of a header, each with its base and its names."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)
    found = []
    start = re.compile(
        r"^\s*class\s+(?:\w+_EXPORT\s+)?(\w+)\s*(?:final\s*)?:\s*public\s+(?:virtual\s+)?([\w:]+)[^{;]*\{", re.MULTILINE
    )
    for match in start.finditer(text):
        body = text[match.end() : end_of_block(text, match.end())]
        if "Q_OBJECT" in body or "Q_GADGET" in body:
            found.append((match.group(1), {"base": match.group(2), **members_of(body)}))
    return found


def add_decorators(classes: dict[str, dict[str, Any]], text: str) -> None:
    """Add the functions that exist only in Python: slots of the decorators, with the object as first parameter."""
    found = re.findall(r"\bstatic_([A-Za-z0-9]+)_(\w+)\(", text)
    for owner, _ in found:  # some are namespaces in C++
        classes.setdefault(
            owner, {"base": "QObject", "properties": [], "signals": [], "methods": [], "enumerators": []}
        )
    found += [(owner, name) for name, owner in re.findall(r"\b(\w+)\((\w+)\s*\*\s*\w+[,)]", text)]
    for owner, name in found:
        if owner in classes:
            classes[owner]["methods"] = sorted({*classes[owner]["methods"], name})


def end_of_block(text: str, position: int) -> int:
    depth = 1
    while depth and position < len(text):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        position += 1
    return position


def members_of(body: str) -> dict[str, list[str]]:
    """Return properties, signals (with their types), methods and enumerators of a class."""
    properties = re.findall(r"Q_PROPERTY\(\s*[\w:<>,* ]*?[\s*](\w+)\s+(?:READ|MEMBER|WRITE|NOTIFY)", body)
    sections = re.split(r"^\s*((?:public|protected|private)?\s*(?:slots|signals|Q_SLOTS|Q_SIGNALS)?)\s*:(?!:)", body,
                        flags=re.MULTILINE)  # fmt: skip
    signals: set[str] = set()
    methods: set[str] = set()
    for kind, content in zip(sections[1::2], sections[2::2], strict=True):
        words = kind.split()
        if words and words[-1] in ("signals", "Q_SIGNALS"):
            signals.update(signature for found in declarations(content) for signature in signatures(*found))
        elif words[:1] == ["public"] and len(words) == 2:
            methods.update(name for name, _ in declarations(content) if name != "Q_UNUSED")
    for found in re.findall(r"Q_INVOKABLE\s+([^;{]*)", body):
        methods.update(name for name, _ in declarations(found + ";"))
    return {
        "properties": sorted(set(properties)),
        "signals": sorted(signals),
        "methods": sorted(methods),
        "enumerators": enumerators(body),
    }


def declarations(text: str) -> list[tuple[str, str]]:
    """Return name and parameters of the functions that are declared in a piece of a class."""
    return re.findall(r"(\w+)\s*\(((?:[^()]|\([^()]*\))*)\)\s*(?:const)?\s*(?:override)?\s*(?:=\s*0)?\s*[;{]", text)


def signatures(name: str, parameters: str) -> list[str]:
    """Return a signal's signatures: one for each parameter that has a default, as Qt does."""
    types, optional = [], 0
    for parameter in filter(None, map(str.strip, re.split(r",(?![^<]*>)", parameters))):
        declared, has_default, _ = parameter.partition("=")
        optional += bool(has_default)
        types.append(plain_type(declared))
    return [f"{name}({','.join(types[: len(types) - left])})" for left in range(optional + 1)]


def plain_type(declared: str) -> str:
    """Return a parameter's type as Qt normalizes it: without name, and without const and & of a constant reference."""
    text = re.sub(r"\s*([*&<>])\s*", r"\1", declared.strip())
    text = re.sub(r"(?<=[\w>*&])(?<!\bconst)(?<!\bunsigned)(?:\s+|(?<=[*&]))\w+$", "", text)
    constant_reference = re.fullmatch(r"const (.*[^*])&", text)
    return constant_reference.group(1) if constant_reference else text


def enumerators(body: str) -> list[str]:
    """Return the values of a class's enumerations."""
    blocks = re.findall(r"\benum\s+(?:class\s+)?\w*\s*(?::\s*\w+\s*)?\{([^}]*)\}", body)
    return sorted({name for block in blocks for name in re.findall(r"(?:^|,)\s*(\w+)", block)})


def compact(names: dict[str, Any]) -> str:
    """Return JSON with one class a line, so that a change is seen as one."""
    lines = []
    for key, value in names.items():
        if key in ("classes", "python"):
            inner = ",\n".join(f"  {json.dumps(name)}: {json.dumps(part)}" for name, part in value.items())
            lines.append(f" {json.dumps(key)}: {{\n{inner}\n }}")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
