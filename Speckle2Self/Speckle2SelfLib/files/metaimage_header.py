"""The text header of a MetaImage file (``.mha``, ``.mhd``), kept line by line.

The format: https://itk.org/Wiki/ITK/MetaIO/Documentation
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..errors import InputError
from .frame_fields import renumbered_key

TYPE_NAMES = {
    "MET_CHAR": "int8",
    "MET_UCHAR": "uint8",
    "MET_SHORT": "int16",
    "MET_USHORT": "uint16",
    "MET_INT": "int32",
    "MET_UINT": "uint32",
    "MET_LONG": "int32",  # four bytes in MetaImage on every machine
    "MET_ULONG": "uint32",
    "MET_LONG_LONG": "int64",
    "MET_ULONG_LONG": "uint64",
    "MET_FLOAT": "float32",
    "MET_DOUBLE": "float64",
}
TYPE_TEXT = {name: text for text, name in reversed(list(TYPE_NAMES.items()))}
LAST_FIELD = "elementdatafile"
LONGEST_LINE = 1 << 24
# names that MetaImage itself gives a meaning; every other one is free for programs
STANDARD_NAMES = frozenset(
    [
        "objecttype",
        "objectsubtype",
        "transformtype",
        "ndims",
        "name",
        "id",
        "parentid",
        "color",
        "binarydata",
        "binarydatabyteordermsb",
        "elementbyteordermsb",
        "compresseddata",
        "compresseddatasize",
        "compressionlevel",
        "transformmatrix",
        "rotation",
        "orientation",
        "offset",
        "position",
        "origin",
        "centerofrotation",
        "anatomicalorientation",
        "elementspacing",
        "elementsize",
        "elementmin",
        "elementmax",
        "elementnumberofchannels",
        "elementtointensityfunctionslope",
        "elementtointensityfunctionoffset",
        "elementtype",
        "dimsize",
        "headersize",
        "modality",
        "sequenceid",
        "distanceunits",
        "kinds",
        "elementdatafile",
    ]
)


class MetaImageHeader:
    """Lines of a MetaImage header with access by field name, upper and lower case alike.

    Parameters
    ----------
    lines : list of str
        ``name = value`` lines without their ends; ElementDataFile is the last.
    line_end : str
        How lines end in the file.
    pixels_at : int
        Offset of the pixels in a file that holds both.
    data_files : list of str
        Names that follow ``ElementDataFile = LIST``.
    """

    def __init__(self, lines: list[str], line_end: str = "\n", pixels_at: int = 0) -> None:
        self.lines = lines
        self.line_end = line_end
        self.pixels_at = pixels_at
        self.data_files: list[str] = []

    @classmethod
    def read(cls, path: Path) -> MetaImageHeader:
        """Read the header at the start of ``path``."""
        header = cls([])
        with open(path, "rb") as file:
            while line := file.readline(LONGEST_LINE):
                header.line_end = "\r\n" if line.endswith(b"\r\n") else "\n"
                text = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
                header.lines.append(text)
                name, value = split(text)
                if name.lower() == LAST_FIELD:
                    header.pixels_at = file.tell()
                    if value.upper().startswith("LIST"):
                        header.data_files = [rest.decode("utf-8", "surrogateescape").strip() for rest in file]
                    return header
                if not name and text.strip():
                    raise InputError(
                        f"{path} is not a MetaImage file, or damaged: its header has no name = value lines."
                    )
        raise InputError(f"{path} is truncated: its header does not name its pixels (ElementDataFile).")

    def field(self, *names: str) -> str | None:
        """Return the value of the first of ``names`` that the header has, None where it has none."""
        values = {name.lower(): value for name, value in map(split, reversed(self.lines)) if name}
        return next((values[name.lower()] for name in names if name.lower() in values), None)

    def has(self, name: str) -> bool:
        """Return whether the header has a field."""
        return self.field(name) is not None

    def true(self, name: str) -> bool:
        """Return whether a field says True."""
        return (self.field(name) or "").strip().lower() in ("true", "t", "1")

    def numbers(self, *names: str) -> list[float]:
        """Return the first of ``names`` that exists as numbers; empty where none does."""
        return [float(word) for word in (self.field(*names) or "").split()]

    def custom_fields(self) -> dict[str, str]:
        """Return the fields that MetaImage itself gives no meaning."""
        pairs = map(split, self.lines)
        return {name: value for name, value in pairs if name and name.lower() not in STANDARD_NAMES}

    def set_field(self, name: str, value: str) -> None:
        """Give a field a new value, keeping its spelling and place; add it before ElementDataFile where missing."""
        for number, line in enumerate(self.lines):
            if split(line)[0].lower() == name.lower():
                before = line[: line.index("=") + 1]
                self.lines[number] = before + (" " if line[len(before) :].startswith(" ") or not value else "") + value
                return
        self.lines.insert(len(self.lines) - 1, f"{name} = {value}")

    def remove_field(self, name: str) -> None:
        """Remove a field."""
        self.lines = [line for line in self.lines if split(line)[0].lower() != name.lower()]

    def remove_fields_starting(self, prefix: str) -> None:
        """Remove the fields whose name starts with ``prefix``."""
        self.lines = [line for line in self.lines if not line.startswith(prefix)]

    def select_frames(self, positions: Mapping[int, int]) -> None:
        """Keep the fields of the selected frames and renumber them."""
        kept = []
        for line in self.lines:
            name = split(line)[0]
            new_name = renumbered_key(name, positions)
            if new_name is not None:
                kept.append(line if new_name == name else line.replace(name, new_name, 1))
        self.lines = kept

    def copy(self) -> MetaImageHeader:
        """Return an independent copy."""
        return MetaImageHeader(list(self.lines), self.line_end, self.pixels_at)

    def encode(self) -> bytes:
        """Return the header as bytes."""
        return self.line_end.join([*self.lines, ""]).encode("utf-8", "surrogateescape")


def split(line: str) -> tuple[str, str]:
    """Return name and value of a header line; two empty strings where it has no ``=``."""
    name, equals, value = line.partition("=")
    return (name.strip(), value.strip()) if equals else ("", "")


def type_text(dtype: np.dtype[np.generic]) -> str:
    """Return the MetaImage name of a numpy type."""
    return TYPE_TEXT[dtype.name]
