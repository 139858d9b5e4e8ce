"""The directory of every page of a TIFF file.

The format: TIFF 6.0 and https://www.awaresystems.be/imaging/tiff/bigtiff.html
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import InputError

SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, DESCRIPTION = 254, 256, 257, 258, 259, 262, 270
OFFSETS, SAMPLES, ROWS_PER_STRIP, COUNTS, X_RESOLUTION, Y_RESOLUTION = 273, 277, 278, 279, 282, 283
PLANAR, RESOLUTION_UNIT, SOFTWARE, PREDICTOR, COLOR_MAP, TILE_WIDTH, EXTRA_SAMPLES = 284, 296, 305, 317, 320, 322, 338
TILE_OFFSETS, TILE_COUNTS = 324, 325
SAMPLE_FORMAT = 339
# number of the type: (struct code, bytes)
TYPES = {1: "B", 2: "s", 3: "H", 4: "I", 5: "II", 6: "b", 7: "s", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d", 16: "Q"}
TYPES.update({13: "I", 17: "q", 18: "Q"})
REDUCED_IMAGE, MASK = 1, 4
MOST_PAGES = 1_000_000


@dataclass
class Page:
    """Tags of one image of a TIFF file, as tuples of numbers or as bytes."""

    order: str
    tags: dict[int, Any] = field(default_factory=dict)
    types: dict[int, int] = field(default_factory=dict)

    def number(self, tag: int, default: int = 0) -> int:
        """Return the first number of a tag."""
        values = self.tags.get(tag, (default,))
        return int(values[0]) if len(values) else default

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Return all numbers of a tag."""
        return tuple(self.tags.get(tag, ()))

    def text(self, tag: int) -> str:
        """Return a text."""
        value = self.tags.get(tag, b"")
        return value.split(b"\0")[0].decode("utf-8", "replace") if isinstance(value, bytes) else ""

    @property
    def is_full_image(self) -> bool:
        """Whether this is no thumbnail and no mask."""
        return not self.number(SUBFILE) & (REDUCED_IMAGE | MASK)

    @property
    def kind(self) -> tuple[object, ...]:
        """What must agree between the pages of one sweep."""
        samples = self.number(SAMPLES, 1)
        bits = self.numbers(BITS) or (1,)
        return self.number(HEIGHT), self.number(WIDTH), samples, bits[0], self.number(SAMPLE_FORMAT, 1)


def read_pages(path: Path) -> list[Page]:
    """Return the full-size pages of a TIFF file.

    Raises
    ------
    InputError
        If the file is truncated or damaged.
    """
    size = path.stat().st_size
    with open(path, "rb") as file:
        try:
            pages = _read_directories(file, size)
        except (struct.error, KeyError, OverflowError) as error:
            raise InputError(f"{path} is truncated or damaged; copy or export it again.") from error
    for page in pages:
        ends = zip(*(page.numbers(t) or page.numbers(u) for t, u in ((OFFSETS, TILE_OFFSETS), (COUNTS, TILE_COUNTS))))  # noqa: B905
        if any(start + count > size for start, count in ends):
            raise InputError(f"{path} is truncated: pixels lie beyond its end; copy or export it again.")
    return [page for page in pages if page.is_full_image]


def _read_directories(file: BinaryIO, size: int) -> list[Page]:
    start = file.read(16)
    order = "<" if start[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", start, 2)[0] == 43
    (offset,) = struct.unpack_from(order + ("Q" if big else "I"), start, 8 if big else 4)
    pages: list[Page] = []
    seen = set()
    while offset and offset not in seen and len(pages) < MOST_PAGES:
        seen.add(offset)
        page, offset = _read_directory(file, offset, order, big, size)
        pages.append(page)
    return pages


def _read_directory(file: BinaryIO, offset: int, order: str, big: bool, size: int) -> tuple[Page, int]:
    entry_size, count_code, value_code = (20, "Q", "Q") if big else (12, "H", "I")
    file.seek(offset)
    (count,) = struct.unpack(order + count_code, file.read(8 if big else 2))
    block = file.read(min(count * entry_size, size))
    (following,) = struct.unpack(order + value_code, file.read(8 if big else 4))
    page = Page(order)
    for place in range(0, count * entry_size, entry_size):
        tag, kind, length = struct.unpack_from(order + "HH" + value_code, block, place)
        if kind not in TYPES:
            continue
        code = TYPES[kind]
        width = length * struct.calcsize(order + code)
        inline = block[place + entry_size - (8 if big else 4) : place + entry_size]
        if width > size:
            raise struct.error("a tag longer than the file")
        if width > len(inline):
            file.seek(struct.unpack(order + value_code, inline)[0])
            data = file.read(width)
        else:
            data = inline[:width]
        page.types[tag] = kind
        page.tags[tag] = data if code == "s" else struct.unpack(order + code * length, data)
    return page, int(following)
