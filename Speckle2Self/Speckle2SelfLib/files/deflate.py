"""Compress pixels on all processors that this process may use, into one ordinary gzip or zlib stream.

Blocks are compressed side by side, each with the end of the block before it as its dictionary, so that the stream is
hardly longer than one compressed in one go: the way of Mark Adler's pigz (https://zlib.net/pigz). The format is that of
RFC 1950 (zlib), RFC 1951 (deflate) and RFC 1952 (gzip).
"""

from __future__ import annotations

import sys
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Literal

BLOCK = 1 << 20
WINDOW = 1 << 15  # how far back deflate looks
LEVEL = 4  # twice as fast as zlib's default and a few percent larger on ultrasound
GZIP_START = b"\x1f\x8b\x08" + bytes(6) + b"\xff"  # deflate, no name, no time, of an unknown system
ZLIB_START = b"\x78\x5e"  # deflate with a window of 32 KiB, compressed faster than by default
Container = Literal["gzip", "zlib"]


def deflated(data: Iterable[memoryview], container: Container, threads: int | None = None) -> Iterator[bytes]:
    """Yield the pieces of one compressed stream.

    Parameters
    ----------
    data : iterable of memoryview of bytes
        Taken a few blocks ahead.
    container : {"gzip", "zlib"}
    threads : int, optional
        Blocks to compress at the same time; None takes as many as PyTorch may use. zlib computes without the
        interpreter's lock.
    """
    threads = threads or _processors()
    yield GZIP_START if container == "gzip" else ZLIB_START
    size, checksum, before = 0, 0 if container == "gzip" else 1, b""
    waiting: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(threads, "deflate") as pool:
        for block in _blocks(data):
            size += len(block)
            checksum = zlib.crc32(block, checksum) if container == "gzip" else zlib.adler32(block, checksum)
            waiting.append(pool.submit(_block, block, before))
            before = bytes(block[-WINDOW:])
            if len(waiting) > threads:
                yield waiting.popleft().result()
        for piece in waiting:
            yield piece.result()
    yield zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS).flush()  # an empty last block
    if container == "gzip":
        yield checksum.to_bytes(4, "little") + (size % (1 << 32)).to_bytes(4, "little")
    else:
        yield checksum.to_bytes(4, "big")


def _block(block: memoryview, before: bytes) -> bytes:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=before)
    return packer.compress(block) + packer.flush(zlib.Z_SYNC_FLUSH)


def _blocks(data: Iterable[memoryview]) -> Iterator[memoryview]:
    """Yield pieces of one size, so that small frames are compressed together and large ones are shared."""
    held: list[memoryview] = []
    size = 0
    for part in data:
        for start in range(0, len(part), BLOCK):
            held.append(part[start : start + BLOCK])
            size += len(held[-1])
            if size >= BLOCK:
                yield held[0] if len(held) == 1 else memoryview(b"".join(held))
                held, size = [], 0
    if held:
        yield memoryview(b"".join(held))


def _processors() -> int:
    torch = sys.modules.get("torch")  # not loaded for this: its number of threads is the share of this process
    return int(torch.get_num_threads()) if torch is not None else 1
