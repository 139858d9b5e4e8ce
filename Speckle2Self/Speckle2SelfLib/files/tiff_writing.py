"""Write TIFF files of one or several deflated pages, of any accepted pixel type."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import numpy as np

from .. import __version__
from ..errors import OutputError
from . import tiff_tags as tags
from .deflate import LEVEL
from .output_place import writing_to
from .payload import CheckedFile
from .pixels import PIXEL_TYPES, Array, check_output_type
from .sweep import SweepWriter
from .tiff_reading import DEFLATE, FLOAT, MILLIMETERS, MIN_IS_BLACK, RGB, SIGNED, UNSIGNED, TiffSource
from .tiff_tags import TYPES, Page

BYTE, ASCII, SHORT, LONG, RATIONAL, LONG8 = 1, 2, 3, 4, 5, 16
UNSPECIFIED_ALPHA, UNASSOCIATED_ALPHA = 0, 2
# tags of the input that stay true when the pixels change: names, dates, copyright, resolution
KEPT = (269, 271, 272, 282, 283, 285, 296, 306, 315, 316, 33432)
LARGEST_CLASSIC = (1 << 32) - (1 << 24)
Tag = tuple[int, int, tuple[Any, ...] | bytes]  # number, type, values


class TiffWriter(SweepWriter):
    """Writes ``.tif`` and ``.tiff``; BigTIFF where the file might pass 4 GB."""

    def _check(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        return check_output_type("TIFF", dtype, PIXEL_TYPES, ".nrrd")

    def _save(self) -> None:
        temporary = self.place.temporary(self.place.path)
        big = self.frames.nbytes > LARGEST_CLASSIC
        with writing_to(self.path), CheckedFile(temporary, self.path) as file:
            header = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) if big else struct.pack("<2sHI", b"II", 42, 8)
            file.write(header)
            for number in range(len(self.frames)):
                last = number == len(self.frames) - 1
                _write_page(file, self._page(number), self._strip(number), big, last)
            file.verify()
        if len(tags.read_pages(temporary)) != len(self.frames):
            raise OutputError(f"{self.path} did not read back as it was written; check the disk and try again.")

    def _alpha(self) -> Array | None:
        source = self.sweep.source
        same_type = isinstance(source, TiffSource) and source.alpha is not None and source.alpha.dtype == self.dtype
        return source.alpha if same_type else None

    def _strip(self, number: int) -> bytes:
        frame, alpha = self.frames[number], self._alpha()
        if alpha is not None:
            frame = np.stack([frame, alpha[self.indices[number]]], axis=-1)
        little = np.ascontiguousarray(frame, dtype=self.dtype.newbyteorder("<"))
        return zlib.compress(little.tobytes(), LEVEL)

    def _page(self, number: int) -> list[Tag]:
        rows, columns = self.sweep.frame_shape[:2]
        alpha = self._alpha() is not None
        samples = self.sweep.frame_shape[2] if self.sweep.color else 2 if alpha else 1
        kind = {"u": UNSIGNED, "i": SIGNED, "f": FLOAT}[self.dtype.kind]
        page: list[Tag] = [
            (tags.WIDTH, LONG, (columns,)),
            (tags.HEIGHT, LONG, (rows,)),
            (tags.BITS, SHORT, (self.dtype.itemsize * 8,) * samples),
            (tags.COMPRESSION, SHORT, (DEFLATE,)),
            (tags.PHOTOMETRIC, SHORT, (RGB if self.sweep.color else MIN_IS_BLACK,)),
            (tags.SAMPLES, SHORT, (samples,)),
            (tags.ROWS_PER_STRIP, LONG, (rows,)),
            (tags.PLANAR, SHORT, (1,)),
            (tags.SAMPLE_FORMAT, SHORT, (kind,) * samples),
        ]
        if samples in (2, 4):
            page.append((tags.EXTRA_SAMPLES, SHORT, (UNASSOCIATED_ALPHA,)))
        if number == 0:
            provenance = f"Speckle2Self {__version__} {json.dumps(self.provenance)}"
            page.append((tags.SOFTWARE, ASCII, provenance.encode() + b"\0"))
        return page + self._kept_tags(self.indices[number], number)

    def _kept_tags(self, index: int, number: int) -> list[Tag]:
        source = self.sweep.source
        if not isinstance(source, TiffSource):
            return [] if number else self._own_description()
        page: Page = source.pages[index]
        kept: list[Tag] = [(tag, page.types[tag], page.tags[tag]) for tag in KEPT if tag in page.tags]
        description = source.pages[0 if number == 0 else index].tags.get(tags.DESCRIPTION)
        if description:
            kept.append((tags.DESCRIPTION, ASCII, _for_frames(description, len(self.frames), len(self.sweep))))
        return kept

    def _own_description(self) -> list[Tag]:
        """Describe what the tags of TIFF have no place for: spacing, metadata of the input."""
        facts: dict[str, Any] = {}
        if self.sweep.spacing:
            facts[MILLIMETERS] = list(self.sweep.spacing)
        if self.sweep.geometry and not self.sweep.sequence:
            geometry = self.sweep.geometry.starting_at(self.indices[0])
            facts.update(frame_spacing_mm=geometry.spacing[2], origin=geometry.origin, direction=geometry.direction)
        if self.sweep.metadata:
            facts["metadata"] = self.sweep.metadata
        return [(tags.DESCRIPTION, ASCII, json.dumps(facts).encode() + b"\0")] if facts else []


def _for_frames(description: bytes, count: int, before: int) -> bytes:
    """Return an ImageJ description for another number of frames."""
    if not description.startswith(b"ImageJ=") or count == before:
        return description
    lines = description.split(b"\n")
    names = (b"images", b"slices", b"frames")
    old, new = str(before).encode(), str(count).encode()
    return b"\n".join(
        b"=".join((n, new)) if (n := li.split(b"=")[0]) in names and li.endswith(b"=" + old) else li for li in lines
    )


def _write_page(file: CheckedFile, page: list[Tag], strip: bytes, big: bool, last: bool) -> None:
    """Append directory, long values and pixels of one page, in this order."""
    pointer = LONG8 if big else LONG
    page = sorted([*page, (tags.OFFSETS, pointer, (0,)), (tags.COUNTS, pointer, (len(strip),))])
    inline, entry, word = (8, 20, "Q") if big else (4, 12, "I")
    start = file.size
    values_at = start + (8 if big else 2) + entry * len(page) + inline
    encoded = [(tag, kind, *_encode(kind, values)) for tag, kind, values in page]
    long_values = b""
    places = {}
    for tag, _, _, data in encoded:
        if len(data) > inline:
            places[tag] = values_at + len(long_values)
            long_values += data + b"\0" * (len(data) % 2)
    strip_at = values_at + len(long_values)
    following = 0 if last else strip_at + len(strip) + len(strip) % 2
    block = struct.pack("<" + ("Q" if big else "H"), len(page))
    for tag, kind, count, data in encoded:
        if tag == tags.OFFSETS:
            data = struct.pack("<" + word, strip_at)
        value = struct.pack("<" + word, places[tag]) if tag in places else data.ljust(inline, b"\0")
        block += struct.pack("<HH" + word, tag, kind, count) + value
    file.write(block + struct.pack("<" + word, following) + long_values)
    file.write(strip + b"\0" * (len(strip) % 2))


def _encode(kind: int, values: tuple[Any, ...] | bytes) -> tuple[int, bytes]:
    """Return the number of values of a tag and their bytes."""
    if isinstance(values, bytes):
        return len(values), values
    code = TYPES[kind]
    return len(values) // len(code), struct.pack("<" + code * (len(values) // len(code)), *values)
