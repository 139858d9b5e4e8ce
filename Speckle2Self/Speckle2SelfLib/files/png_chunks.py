"""The chunks of a PNG file: what it is, whether it is complete, and texts that a result keeps.

The format: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from ..errors import InputError

MAGIC = b"\x89PNG\r\n\x1a\n"
GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
# ancillary chunks that stay true when the pixels change; the others describe palettes and significant bits
KEPT = (b"tEXt", b"zTXt", b"iTXt", b"pHYs", b"sCAL", b"gAMA", b"sRGB", b"iCCP", b"cHRM", b"eXIf")
METERS = 1


class Chunk(NamedTuple):
    """Name and content of a chunk."""

    name: bytes
    data: bytes

    def encode(self) -> bytes:
        """Return the chunk as it stands in a file."""
        checksum = zlib.crc32(self.name + self.data)
        return struct.pack(">I", len(self.data)) + self.name + self.data + struct.pack(">I", checksum)


class Header(NamedTuple):
    """The IHDR chunk."""

    width: int
    height: int
    depth: int
    color: int
    compression: int
    filtering: int
    interlace: int

    def encode(self) -> Chunk:
        """Return the header as a chunk."""
        return Chunk(b"IHDR", struct.pack(">IIBBBBB", *self))


def read_chunks(path: Path) -> tuple[Header, list[Chunk]]:
    """Return the header and all chunks of a PNG file.

    Raises
    ------
    InputError
        If the file ends before its last chunk or a chunk is damaged.
    """
    data = path.read_bytes()
    chunks, position = [], len(MAGIC)
    while position + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        content = data[position + 8 : position + 8 + length]
        end = position + 12 + length
        if end > len(data) or zlib.crc32(name + content) != struct.unpack_from(">I", data, end - 4)[0]:
            break
        chunks.append(Chunk(name, content))
        position = end
        if name == b"IEND" and chunks[0].name == b"IHDR" and len(chunks[0].data) == 13:
            return Header(*struct.unpack(">IIBBBBB", chunks[0].data)), chunks
    raise InputError(f"{path} is truncated or damaged; copy or export it again.")


def assemble(header: Header, chunks: list[Chunk]) -> bytes:
    """Return a file of ``chunks`` with ``header`` in place of theirs."""
    return MAGIC + header.encode().encode() + b"".join(c.encode() for c in chunks if c.name != b"IHDR")


def physical_spacing(chunks: list[Chunk]) -> tuple[float, float] | None:
    """Return (row, column) in mm from the sCAL chunk; pHYs holds a screen's resolution and is no measurement."""
    for chunk in chunks:
        if chunk.name == b"sCAL" and chunk.data[:1] == bytes([METERS]):
            try:
                column, row = (float(word) * 1000 for word in chunk.data[1:].split(b"\0")[:2])
            except ValueError:
                return None
            return (row, column) if min(row, column) > 0 else None
    return None


def spacing_chunk(spacing: tuple[float, float]) -> Chunk:
    """Return the sCAL chunk for a spacing (row, column) in mm."""
    row, column = (f"{value / 1000:.12g}".encode() for value in spacing)
    return Chunk(b"sCAL", bytes([METERS]) + column + b"\0" + row)


def text_chunk(keyword: str, text: str) -> Chunk:
    """Return an iTXt chunk, which may hold any character."""
    return Chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode())
