"""Reads a result back: what was written is what is there."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError, Speckle2SelfError
from ..files import Sweep, open_sweep

Array = NDArray[Any]
VOLUME_AXES = (0, 1, 2)


@dataclass
class Expected:
    """What the result of a file must hold.

    Parameters
    ----------
    count : int
        Frames.
    shape : tuple of int
        Of a frame.
    dtype : numpy dtype
    sums : list of int
        Checksum of every frame in the order of writing; empty where the frames are not known any more.
    """

    count: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    sums: list[int] = field(default_factory=list)


def frame_sum(frame: Array) -> int:
    """Return the checksum of the pixels of a frame."""
    return zlib.crc32(np.ascontiguousarray(frame).data)


def verify(path: Path, expected: Expected, frame_axis: int | None = None) -> Sweep:
    """Open a result and compare number, shape, type and, where known, the pixels of its frames with what was written.

    Parameters
    ----------
    path : Path
    expected : Expected
    frame_axis : int, optional
        As the input was opened.

    Returns
    -------
    Sweep
        The result, opened.

    Raises
    ------
    OutputError
        If anything differs.
    """
    sweep = _opened(path, expected, frame_axis)
    if sweep.dtype != expected.dtype:
        raise OutputError(f"{path} was written as {expected.dtype} and reads back as {sweep.dtype}: write it again.")
    for position, wanted in enumerate(expected.sums):
        if frame_sum(sweep.frames[position]) != wanted:
            raise OutputError(f"Frame {position} of {path} reads back with other pixels than were written.")
    return sweep


def _opened(path: Path, expected: Expected, frame_axis: int | None) -> Sweep:
    # A part of a volume may have other proportions than the whole, from which the axis of frames is guessed.
    tried: list[tuple[int, tuple[int, ...]]] = []
    for axis in dict.fromkeys((frame_axis, *VOLUME_AXES)):
        try:
            sweep = open_sweep(path, frame_axis=axis)
        except Speckle2SelfError as error:
            if not tried:
                raise OutputError(f"{path} was written and does not read back: {error}") from error
            continue
        found = (len(sweep), tuple(sweep.frame_shape))
        if found == (expected.count, expected.shape):
            return sweep
        tried.append(found)
    raise OutputError(
        f"{path} reads back with {_described(tried[:1])} instead of {expected.count} frames of {expected.shape}."
    )


def _described(found: Sequence[tuple[int, tuple[int, ...]]]) -> str:
    return " or ".join(f"{count} frames of {shape}" for count, shape in found)
