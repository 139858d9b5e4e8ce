"""The text header of a NRRD file, kept line by line so that what does not change comes out as it went in.

The format: https://teem.sourceforge.net/nrrd/format.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..errors import InputError
from .frame_fields import renumbered_key, selected_value

TYPE_NAMES = {
    "int8": ("signed char", "int8", "int8_t"),
    "uint8": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "int16": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "uint16": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "int32": ("int", "signed int", "int32", "int32_t"),
    "uint32": ("uint", "unsigned int", "uint32", "uint32_t"),
    "int64": ("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"),
    "uint64": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "float32": ("float",),
    "float64": ("double",),
}
LONGEST_LINE = 1 << 24
# spellings without spaces are allowed by the format
SPACED_NAMES = {
    name.replace(" ", ""): name
    for name in [
        "block size",
        "old min",
        "old max",
        "data file",
        "line skip",
        "byte skip",
        "sample units",
        "axis mins",
        "axis maxs",
        "space dimension",
        "space units",
        "space origin",
        "space directions",
        "measurement frame",
    ]
}
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
VECTOR = re.compile(r"none|\([^)]*\)", re.IGNORECASE)


class NrrdHeader:
    """Lines of a NRRD header with access by field name.

    Parameters
    ----------
    lines : list of str
        The lines without their ends, the magic first, without the blank line that ends the header.
    line_end : str
        How lines end in the file.
    pixels_at : int
        Offset of the pixels in a file that holds both.
    data_files : list of str
        Names that follow ``data file: LIST``.
    """

    def __init__(
        self, lines: list[str], line_end: str = "\n", pixels_at: int = 0, data_files: Iterable[str] = ()
    ) -> None:
        self.lines = lines
        self.line_end = line_end
        self.pixels_at = pixels_at
        self.data_files = list(data_files)

    @classmethod
    def read(cls, path: Path) -> NrrdHeader:
        """Read the header at the start of ``path``."""
        with open(path, "rb") as file:
            magic = file.readline(64)
            if not magic.startswith(b"NRRD000"):
                raise InputError(f"{path} is not a NRRD file: it does not start with NRRD.")
            line_end = "\r\n" if magic.endswith(b"\r\n") else "\n"
            header = cls([_text(magic)], line_end)
            header._read_lines(path, file)
            header.pixels_at = file.tell()
        return header

    def _read_lines(self, path: Path, file: BinaryIO) -> None:
        while line := file.readline(LONGEST_LINE):
            text = _text(line)
            if not text.strip():
                return
            self.lines.append(text)
            name, value = split_field(text)
            if name == "data file" and value.upper().startswith("LIST"):
                self.data_files = [_text(rest).strip() for rest in file if rest.strip()]
                return
        if self.field("data file") is None:
            raise InputError(f"{path} is truncated: its header has no end; copy or export it again.")

    def field(self, name: str) -> str | None:
        """Return the value of a field, None where it is missing."""
        for line in self.lines[1:]:
            found, value = split_field(line)
            if found == name:
                return value
        return None

    def key_values(self) -> dict[str, str]:
        """Return the key/value pairs, unescaped."""
        pairs = (split_key_value(line) for line in self.lines[1:])
        return {key: _unescaped(value) for key, value in pairs if key}

    def set_field(self, name: str, value: str) -> None:
        """Give a field a new value, keeping its spelling and place; add it where it is missing."""
        for number, line in enumerate(self.lines[1:], start=1):
            if split_field(line)[0] == name:
                self.lines[number] = line[: line.index(":") + 1] + " " + value
                return
        last_field = max((n for n, line in enumerate(self.lines) if split_field(line)[0]), default=0)
        self.lines.insert(last_field + 1, f"{name}: {value}")

    def replace_field(self, name: str, new_name: str, value: str) -> None:
        """Put another field in the place of one."""
        for number, line in enumerate(self.lines[1:], start=1):
            if split_field(line)[0] == name:
                self.lines[number] = f"{new_name}: {value}"

    def remove_field(self, name: str) -> None:
        """Remove a field."""
        self.lines[1:] = [line for line in self.lines[1:] if split_field(line)[0] != name]

    def set_key_value(self, key: str, value: str) -> None:
        """Give a key a new value; add the pair at the end where it is missing."""
        new_line = f"{key}:={_escaped(value)}"
        for number, line in enumerate(self.lines[1:], start=1):
            if split_key_value(line)[0] == key:
                self.lines[number] = new_line
                return
        self.lines.append(new_line)

    def remove_keys_starting(self, prefix: str) -> None:
        """Remove the pairs whose key starts with ``prefix``."""
        self.lines[1:] = [line for line in self.lines[1:] if not split_key_value(line)[0].startswith(prefix)]

    def select_frames(self, count: int, positions: Mapping[int, int]) -> None:
        """Keep the pairs of the selected frames out of ``count`` and renumber them."""
        kept = self.lines[:1]
        for line in self.lines[1:]:
            key, value = split_key_value(line)
            new_key = renumbered_key(key, positions) if key else key
            if new_key is None:
                continue
            new_value = selected_value(key, value, count, positions)
            changed = (new_key, new_value) != (key, value)
            kept.append(f"{new_key}:={new_value}" if changed else line)
        self.lines = kept

    def copy(self) -> NrrdHeader:
        """Return an independent copy."""
        return NrrdHeader(list(self.lines), self.line_end, self.pixels_at, self.data_files)

    def encode(self) -> bytes:
        """Return the header as bytes, the blank line at its end included."""
        text = self.line_end.join([*self.lines, "", ""])
        return text.encode("utf-8", "surrogateescape")

    # What the fields mean

    def numbers(self, name: str) -> list[float]:
        """Return a field of plain numbers; empty where it is missing."""
        return [float(word) for word in (self.field(name) or "").split()]

    def vectors(self, name: str) -> list[list[float] | None]:
        """Return a field of vectors such as ``(1,0,0) none``; empty where it is missing."""
        found = VECTOR.findall(self.field(name) or "")
        return [None if v.lower() == "none" else [float(x) for x in v[1:-1].split(",")] for v in found]

    def words(self, name: str) -> list[str]:
        """Return a field of words; empty where it is missing."""
        return (self.field(name) or "").split()

    def quoted(self, name: str) -> list[str]:
        """Return a field of quoted strings; empty where it is missing."""
        return QUOTED.findall(self.field(name) or "")


def split_field(line: str) -> tuple[str, str]:
    """Return name (lower case) and value of a field line; two empty strings for any other line."""
    if line.startswith("#") or ":" not in line:
        return "", ""
    name, _, value = line.partition(":")
    if value.startswith("="):
        return "", ""
    name = name.strip().lower()
    return SPACED_NAMES.get(name, name), value.strip()


def split_key_value(line: str) -> tuple[str, str]:
    """Return key and value (still escaped) of a key/value line; two empty strings for any other line."""
    if line.startswith("#") or ":=" not in line:
        return "", ""
    key, _, value = line.partition(":=")
    return ("", "") if ": " in key else (key, value)


def type_of(name: str) -> str:
    """Return the numpy name of a NRRD type, or the name itself where it is unknown."""
    for numpy_name, spellings in TYPE_NAMES.items():
        if name.lower() in spellings:
            return numpy_name
    return name


def type_text(dtype: np.dtype[np.generic]) -> str:
    """Return the NRRD name of a numpy type."""
    return {"float32": "float", "float64": "double"}.get(dtype.name, dtype.name)


def _text(line: bytes) -> str:
    return line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n")


def _unescaped(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], value)
