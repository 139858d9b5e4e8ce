"""Types that the whole package shares, and the one gray scale on which everything is measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.frame_path.luminance import luminance

Gray = NDArray[Any]
Gray8 = NDArray[np.uint8]
Unit = NDArray[np.float32]
Mask = NDArray[np.bool_]

LEVELS = 255.0
SMALLEST_SIDE = 32  # rows and columns that boxes and structural similarity need


class GrayFrames(Sequence[Gray8]):
    """The frames of a sweep as 8-bit gray, converted one at a time.

    Every method gets these frames and every result is measured in 8 bits, as it would be stored: 8-bit gray frames
    are taken as they are, color frames by their luminance, other types scaled from the range of the sweep to 0..255.

    Parameters
    ----------
    frames : anything with a length whose items are (H, W) or, with `color`, (H, W, C)
    color : bool

    Raises
    ------
    InputError
        If there are no frames, or they are too small or not finite.
    """

    def __init__(self, frames: Any, *, color: bool = False) -> None:
        self._frames, self._color = frames, color
        if len(frames) == 0:
            raise InputError("There are no frames to evaluate.")
        first = self._gray(0)
        if first.ndim != 2 or min(first.shape) < SMALLEST_SIDE:
            raise InputError(f"Frames to evaluate must have at least {SMALLEST_SIDE} rows and columns.")
        self.shape: tuple[int, int] = (int(first.shape[0]), int(first.shape[1]))
        self._range = (0.0, LEVELS) if np.asarray(frames[0]).dtype == np.uint8 else self._find_range()

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: Any) -> Any:
        low, high = self._range
        gray = self._gray(index)
        if gray.dtype == np.uint8:
            return gray
        scale = LEVELS / (high - low) if high > low else 0.0
        return np.asarray(np.clip(np.rint((gray - low) * scale), 0, LEVELS), np.uint8)

    def _gray(self, index: int) -> Gray:
        frame = np.asarray(self._frames[index])
        gray = luminance(frame) if self._color else frame
        if gray.dtype.kind not in "uif" or not np.isfinite(gray).all():
            raise InputError(
                f"Frame {index} holds values that are no finite numbers; only finite frames can be measured."
            )
        return gray

    def _find_range(self) -> tuple[float, float]:
        grays = [self._gray(index) for index in range(len(self._frames))]
        return float(min(gray.min() for gray in grays)), float(max(gray.max() for gray in grays))


def to_unit(frame: Gray8) -> Unit:
    """Return an 8-bit frame (H, W) as float32 in [0, 1]."""
    return np.asarray(frame, np.float32) / np.float32(LEVELS)


def to_gray8(frame: Gray) -> Gray8:
    """Return a frame (H, W) in [0, 1] as 8-bit levels, rounded and clipped; values that are not finite become 0."""
    return np.asarray(np.rint(np.clip(np.nan_to_num(frame), 0, 1) * LEVELS), np.uint8)
