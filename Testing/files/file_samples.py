"""Frames and files that the tests of the file formats share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from Speckle2SelfLib.files import Sweep, open_sweep

PROVENANCE = {"model": "default", "model sha256": "0123abcd", "strength": "1.0"}


def speckle(*shape: int, dtype: object = np.uint8, seed: int = 0) -> np.ndarray:
    """Pixels that use the whole range of an integer type, or 0 to 1."""
    generator = np.random.default_rng(seed)
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return generator.random(shape).astype(kind)
    limits = np.iinfo(kind)
    return generator.integers(limits.min, limits.max, shape, dtype=np.int64, endpoint=True).astype(kind)


def frames_of(sweep: Sweep) -> np.ndarray:
    return np.stack([sweep.frames[index] for index in range(len(sweep))])


def write_like(
    sweep: Sweep,
    output: Path,
    indices: Sequence[int] | None = None,
    change: Callable[[np.ndarray], np.ndarray] = lambda frame: frame,
    dtype: object | None = None,
    frame_axis: int | None = None,
) -> Sweep:
    """Write frames of a sweep, changed or not, and open the result."""
    indices = range(len(sweep)) if indices is None else indices
    with sweep.writer(output, indices, dtype or sweep.dtype, PROVENANCE) as writer:
        for position, index in enumerate(indices):
            writer.write(position, change(sweep.frames[index]).astype(dtype or sweep.dtype))
        writer.commit()
    return open_sweep(output, frame_axis=frame_axis)


def nrrd_lines(path: Path) -> list[str]:
    """Header lines of a NRRD file without its end."""
    return path.read_bytes().split(b"\n\n")[0].decode("utf-8", "surrogateescape").split("\n")


def metaimage_lines(path: Path) -> list[str]:
    """Header lines of a MetaImage file, ElementDataFile included."""
    lines = []
    with open(path, "rb") as file:
        for line in file:
            lines.append(line.decode("utf-8", "surrogateescape").rstrip("\r\n"))
            if line.startswith(b"ElementDataFile"):
                return lines
    raise AssertionError("no ElementDataFile")
