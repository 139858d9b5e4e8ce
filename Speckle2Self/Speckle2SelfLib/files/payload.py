"""The pixel bytes of NRRD and MetaImage files: raw, compressed or as text, inside the header's file or beside it."""

from __future__ import annotations

import binascii
import bz2
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..errors import InputError, OutputError
from .deflate import deflated
from .output_place import writing_to
from .pixels import Array

CHUNK = 1 << 20
AUTOMATIC_HEADER = 47  # zlib's "window bits": accept zlib and gzip streams
Encoding = Literal["raw", "deflate", "bzip2", "ascii", "hex"]


def read_pixels(
    name: str, path: Path, offset: int, dtype: np.dtype[Any], count: int, encoding: Encoding, *, from_end: bool = False
) -> Array:
    """Return ``count`` pixels that start ``offset`` bytes into ``path``.

    Parameters
    ----------
    name : str
        The file as the user knows it, for messages.
    dtype : numpy dtype
        Type in the file, byte order included; the result has the native one.
    from_end : bool
        The pixels are the last bytes of a raw file (``byte skip: -1`` of NRRD).

    Raises
    ------
    InputError
        If the file is missing, shorter than it says, or damaged.
    """
    if not path.is_file():
        raise InputError(f"{name} keeps its pixels in {path.name}, which is not there; put it next to the header.")
    if encoding == "ascii":
        return _read_text(name, path, offset, dtype, count)
    wanted = count * dtype.itemsize
    if from_end and encoding == "raw":
        offset = max(path.stat().st_size - wanted, 0)
    _refuse_if_hopeless(name, path, offset, wanted, encoding)
    pixels = np.empty(wanted, np.uint8)
    held = 0
    for chunk in _decoded(name, path, offset, encoding):
        part = min(len(chunk), wanted - held)
        pixels[held : held + part] = np.frombuffer(chunk, np.uint8, part)
        held += part
        if held == wanted:
            break
    if held < wanted:
        raise InputError(f"{name} is truncated: it holds {held} of {wanted} bytes of pixels; copy or export it again.")
    values = pixels.view(dtype)
    return values if dtype.isnative else values.byteswap(inplace=True).view(dtype.newbyteorder("="))


def _refuse_if_hopeless(name: str, path: Path, offset: int, wanted: int, encoding: Encoding) -> None:
    """Refuse sizes that the file cannot possibly hold before memory is asked for."""
    held = path.stat().st_size - offset
    largest_ratio = {"raw": 1, "deflate": 1100, "bzip2": 50_000_000, "hex": 1, "ascii": 1}[encoding]
    if wanted > held * largest_ratio:
        raise InputError(
            f"{name} is truncated: {max(held, 0)} bytes are left for {wanted} bytes of pixels; copy or export it again."
        )


def _decoded(name: str, path: Path, offset: int, encoding: Encoding) -> Iterator[bytes]:
    with open(path, "rb") as file:
        file.seek(offset)
        chunks = iter(lambda: file.read(CHUNK), b"")
        try:
            if encoding == "deflate":
                yield from _inflated(chunks)
            elif encoding == "bzip2":
                unpacker = bz2.BZ2Decompressor()
                yield from (unpacker.decompress(chunk) for chunk in chunks if not unpacker.eof)
            elif encoding == "hex":
                yield binascii.unhexlify(b"".join(b"".join(chunks).split()))
            else:
                yield from chunks
        except (zlib.error, OSError, ValueError) as error:
            raise InputError(f"{name} is damaged: its pixels cannot be unpacked; copy or export it again.") from error


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(AUTOMATIC_HEADER)
    for chunk in chunks:
        rest = chunk
        while rest:
            yield unpacker.decompress(rest, CHUNK)
            rest = unpacker.unconsumed_tail
            if unpacker.eof:  # a gzip file may hold several members
                rest = unpacker.unused_data
                if not rest.startswith(b"\x1f\x8b"):
                    return
                unpacker = zlib.decompressobj(AUTOMATIC_HEADER)
    yield unpacker.flush()


def _read_text(name: str, path: Path, offset: int, dtype: np.dtype[Any], count: int) -> Array:
    with open(path, "rb") as file:
        file.seek(offset)
        words = file.read().replace(b",", b" ").split()
    if len(words) < count:
        raise InputError(f"{name} is truncated: it holds {len(words)} of {count} pixels; copy or export it again.")
    native = dtype.newbyteorder("=")
    try:
        numbers = np.array(words[:count], dtype=np.float64 if native.kind == "f" else np.int64)
    except ValueError as error:
        raise InputError(f"{name} is damaged: its pixels are not numbers; copy or export it again.") from error
    return numbers.astype(native)


class CheckedFile:
    """A file being written that can check, once closed, that the disk holds what it was given.

    Parameters
    ----------
    path : Path
        The temporary file to fill.
    shown : Path
        The output as the user knows it, for messages.
    """

    def __init__(self, path: Path, shown: Path) -> None:
        self._path = path
        self._shown = shown
        self._file = open(path, "wb")  # noqa: SIM115 - closed by __exit__
        self._checksum = 0
        self._start = 0
        self.size = 0

    def __enter__(self) -> CheckedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes | memoryview) -> None:
        """Append ``data``."""
        self._file.write(data)
        self._checksum = zlib.crc32(data, self._checksum)
        self.size += len(data)

    def patch(self, offset: int, data: bytes) -> None:
        """Overwrite a few bytes written before the last :meth:`start_of_pixels`."""
        self._file.seek(offset)
        self._file.write(data)
        self._file.seek(0, os.SEEK_END)

    def start_of_pixels(self) -> None:
        """Check only what follows, so that the header before it may still be patched."""
        self._start, self._checksum = self.size, 0

    def verify(self) -> None:
        """Flush to the disk, read back and compare; raises OutputError if anything differs."""
        with writing_to(self._shown):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            checksum = 0
            with open(self._path, "rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(self._start)
                for chunk in iter(lambda: file.read(CHUNK), b""):
                    checksum = zlib.crc32(chunk, checksum)
        if size != self.size or checksum != self._checksum:
            raise OutputError(f"{self._shown} did not read back as it was written; check the disk and try again.")


def write_pixels(file: CheckedFile, parts: Iterable[Array], compression: Literal["raw", "gzip", "zlib"]) -> int:
    """Append arrays one after the other, compressed as asked; return the number of bytes this took."""
    before = file.size
    pixels = (np.ascontiguousarray(part).reshape(-1).view(np.uint8).data for part in parts)
    for piece in pixels if compression == "raw" else deflated(pixels, compression):
        file.write(piece)
    return file.size - before
