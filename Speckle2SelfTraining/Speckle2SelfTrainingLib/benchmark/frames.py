"""The frames of a benchmark, from the simulator."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..simulation.sweep import draw_sweep
from .settings import Size

SEED = 7  # a machine whose grain the model takes at its own scale, so that all methods compute the same pixels
DISTINCT = 4

Stack = NDArray[np.uint8]


@lru_cache(maxsize=16)
def distinct_frames(size: Size) -> Stack:
    """Return a few frames of a simulated neck, uint8 (N, H, W)."""
    sweep = draw_sweep(np.random.default_rng(SEED), size=size)
    return np.stack([sweep.frame(index).speckled for index in range(DISTINCT)])


class LongSweep:
    """A sweep of any length that repeats a few frames and takes no memory of its own.

    Parameters
    ----------
    frames : uint8 array (N, H, W)
    count : int
    """

    def __init__(self, frames: Stack, count: int) -> None:
        self._frames, self._count = frames, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int, /) -> Stack:
        if not 0 <= index < self._count:
            raise IndexError(index)
        frame: Stack = self._frames[index % len(self._frames)]
        return frame
