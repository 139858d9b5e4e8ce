"""Reads a result back: what was written is what is there."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError, Speckle2SelfError
from ..files import Sweep, open_sweep
from .record import Expected

Array = NDArray[Any]
VOLUME_AXES = (None, 0, 1, 2)


def frame_sum(frame: Array) -> int:
    """Return the checksum of the pixels of a frame."""
    return zlib.crc32(np.ascontiguousarray(frame).data)


def verify(path: Path, expected: Expected) -> tuple[Path, ...]:
    """Open a result and compare number, shape, type and pixels of its frames with what was written.

    Returns
    -------
    tuple of Path
        The files that it consists of.

    Raises
    ------
    OutputError
        If anything differs.
    """
    difference = ""
    for sweep in _readings(path, expected):
        found = _difference(path, sweep, expected)
        if found is None:
            return tuple(dict.fromkeys((path, *(one for one in sweep.files if one.resolve() != path.resolve()))))
        difference = difference or found
    raise OutputError(difference)


def _readings(path: Path, expected: Expected) -> Iterator[Sweep]:
    """Yield the result as it may be understood: the header of a volume does not say which of its axes counts frames."""
    tried: list[str] = []
    for axis in VOLUME_AXES:
        try:
            sweep = open_sweep(path, frame_axis=axis)
        except Speckle2SelfError as error:
            if not tried:
                raise OutputError(f"{path} was written and does not read back: {error}") from error
            continue
        shape = tuple(sweep.frame_shape)
        tried.append(f"{len(sweep)} frames of {shape}")
        if (len(sweep), shape) == (expected.count, expected.shape):
            yield sweep
        del sweep  # before the next one takes as much memory
    wanted = f"{expected.count} frames of {expected.shape}"
    if wanted not in tried:
        raise OutputError(f"{path} reads back with {tried[0]} instead of {wanted}.")


def _difference(path: Path, sweep: Sweep, expected: Expected) -> str | None:
    if str(sweep.dtype) != expected.dtype:
        return f"{path} was written as {expected.dtype} and reads back as {sweep.dtype}: write it again."
    for position, wanted in enumerate(expected.sums):
        if frame_sum(sweep.frames[position]) != wanted:
            return f"Frame {position} of {path} reads back with other pixels than were written."
    return None
