"""Reads the file lists of a CMakeLists.txt."""

from __future__ import annotations

import re
from pathlib import Path


def cmake_list(file: Path, name: str, **variables: str) -> list[str]:
    """Return the items of `set(NAME ...)`, with `${...}` replaced by the given variables."""
    found = re.search(rf"set\({name}\s(.*?)\)\n", file.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{file} sets no {name}"
    text = found.group(1)
    for variable, value in variables.items():
        text = text.replace(f"${{{variable}}}", value)
    return text.split()


def files_below(folder: Path, *skipped_suffixes: str) -> list[str]:
    """Return the files of a folder, relative to it, without what Python makes while it runs."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sorted(path.relative_to(folder).as_posix() for path in files if path.suffix not in skipped_suffixes)
