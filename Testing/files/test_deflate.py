"""Streams that are compressed block by block are read by everyone as one."""

from __future__ import annotations

import gzip
import itertools
import threading
import zlib

import numpy as np
import pytest
from Speckle2SelfLib.files import deflate
from Speckle2SelfLib.files.deflate import BLOCK, deflated

DATA = np.random.default_rng(0).integers(0, 8, 3 * BLOCK + 17, dtype=np.uint8)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("sizes", [[], [5], [7, 0, 9000], [1000] * 1200, [BLOCK], [BLOCK, BLOCK], [3 * BLOCK + 17]])
def test_a_stream_of_blocks_unpacks_to_what_was_given(threads: int, sizes: list[int]) -> None:
    ends = np.cumsum([0, *sizes])
    parts = [DATA[start:end].data for start, end in itertools.pairwise(ends)]
    whole = DATA[: ends[-1]].tobytes()
    assert gzip.decompress(b"".join(deflated(parts, "gzip", threads))) == whole
    unpacker = zlib.decompressobj()
    assert unpacker.decompress(b"".join(deflated(parts, "zlib", threads))) == whole
    assert unpacker.eof
    assert not unpacker.unused_data


def test_blocks_cost_hardly_any_space() -> None:
    repeated = np.tile(DATA[:20_000], 150).data  # what a block says again of the one before it
    packer = zlib.compressobj(deflate.LEVEL)
    at_once = len(packer.compress(repeated) + packer.flush())
    assert len(b"".join(deflated([repeated], "zlib", 2))) < 1.05 * at_once


def test_blocks_are_compressed_in_as_many_threads_as_pytorch_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    together = threading.Barrier(3, timeout=30)  # passes only when three are there at the same time
    real = deflate._block

    def block(data: memoryview, before: bytes) -> bytes:
        together.wait()
        return real(data, before)

    monkeypatch.setattr(deflate, "_block", block)
    assert gzip.decompress(b"".join(deflated([DATA[: 3 * BLOCK].data], "gzip"))) == DATA[: 3 * BLOCK].tobytes()
