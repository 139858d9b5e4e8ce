"""How often each gray level occurs: percentiles and means of whole numbers without sorting or converting them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from .frames import Gray, Mask


def is_counted(dtype: np.dtype) -> bool:
    """Return whether frames of this type stay whole numbers: they have at most 65,536 levels, which can be counted."""
    return dtype.kind in "iu" and dtype.itemsize <= 2


@dataclass(frozen=True)
class LevelCounts:
    """How many pixels have each level.

    Attributes
    ----------
    lowest : int
        Level of the first count.
    counts : int64 array (L,)
    """

    lowest: int
    counts: NDArray[np.int64]

    @property
    def total(self) -> int:
        """How many pixels were counted."""
        return int(self.counts.sum())

    def percentile(self, share: float) -> float:
        """Return the level below which `share` percent of the pixels lie, as :func:`numpy.percentile` does."""
        cumulative = np.cumsum(self.counts)
        place = share / 100 * (int(cumulative[-1]) - 1)
        before, after = np.searchsorted(cumulative, [int(place), min(int(place) + 1, int(cumulative[-1]) - 1)], "right")
        return self.lowest + float(before) + (place - int(place)) * float(after - before)

    def extremes(self) -> tuple[float, float]:
        """Return the smallest and the largest level that occurs."""
        found = np.flatnonzero(self.counts)
        return float(self.lowest + found[0]), float(self.lowest + found[-1])

    def mean(self) -> float:
        """Return the mean level."""
        return self.lowest + float(self.counts @ np.arange(len(self.counts))) / self.total


def count_levels(frames: Gray, valid: Mask | None) -> LevelCounts:
    """Count the levels of valid pixels.

    Parameters
    ----------
    frames : array (..., H, W) of whole numbers of up to 16 bits
    valid : bool array (H, W) or None
        Pixels that count; None stands for all.
    """
    lowest = int(np.iinfo(frames.dtype).min)
    # What does not count is made zero and taken off again, which is faster than picking what does.
    pixels = frames if valid is None else frames * valid
    if frames.dtype == np.uint8:
        given = pixels if pixels.flags.writeable else pixels.copy()  # PyTorch warns of memory that is only read
        counts = torch.bincount(torch.from_numpy(np.ascontiguousarray(given)).ravel(), minlength=256).numpy()
    else:
        counts = np.zeros(2 ** (8 * frames.dtype.itemsize), np.int64)
        for frame in pixels.reshape(-1, *pixels.shape[-2:]):  # one by one: NumPy counts in words of eight bytes
            counts += np.bincount(frame.ravel().astype(np.int64) - lowest, minlength=len(counts))
    if valid is not None:
        counts[-lowest] -= (valid.size - int(np.count_nonzero(valid))) * (frames.size // valid.size)
    return LevelCounts(lowest, counts)
