"""What a sweep is to the library: frames by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError

Frame = NDArray[Any]
Gray = NDArray[Any]  # one value per pixel: floating-point, or whole numbers of up to 16 bits
Mask = NDArray[np.bool_]


class Frames(Protocol):
    """An array (N, H, W) or (N, H, W, C), a memory map, or a lazy reader."""

    def __len__(self) -> int:
        """Return the number of frames."""
        ...

    def __getitem__(self, index: int, /) -> Any:
        """Return frame `index`, shape (H, W) or (H, W, C)."""
        ...


class ChosenFrames:
    """Some frames of a sweep, in the order given.

    Parameters
    ----------
    frames : Frames
    indices : sequence of int
        Their numbers; a frame is read when it is asked for.
    """

    def __init__(self, frames: Frames, indices: Sequence[int]) -> None:
        self._frames, self._indices = frames, list(indices)

    def __len__(self) -> int:
        """Return the number of chosen frames."""
        return len(self._indices)

    def __getitem__(self, index: int, /) -> Frame:
        """Return chosen frame `index`."""
        return np.asarray(self._frames[self._indices[index]])


def same_kind(frame: Frame, first: Frame, index: int) -> Frame:
    """Return a frame that has the size and type of the first one.

    Raises
    ------
    InputError
        If it differs.
    """
    if frame.shape != first.shape or frame.dtype != first.dtype:
        raise InputError(
            f"Frame {index} is {frame.shape} of {frame.dtype}, but frame 0 is {first.shape} of {first.dtype}: "
            "all frames of a sweep must have the same size and type."
        )
    return frame


def to_type(values: Gray, dtype: np.dtype[Any]) -> Frame:
    """Return values as `dtype`; whole numbers are rounded and clipped to its range."""
    if dtype.kind == "f":
        return values.astype(dtype)
    limits = np.iinfo(dtype)
    with np.errstate(invalid="ignore"):
        rounded = np.rint(values)
        return np.asarray(np.clip(rounded, limits.min, limits.max, out=rounded)).astype(dtype)
