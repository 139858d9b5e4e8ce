"""Frames that are despeckled when they are asked for."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from Speckle2SelfLib.despeckler import Despeckler
from Speckle2SelfLib.frame_path.frames import Frame, Frames, Mask

HELD = 16
"""Frames kept, so that the search of the scale despeckles each of its samples once."""


class DespeckledFrames:
    """A sweep whose frames come out despeckled, each as it would within the whole sweep.

    Parameters
    ----------
    frames : Frames
    despeckler : Despeckler
    color : bool
    keep : bool array (H, W) or None
        Pixels that stay as they are.
    """

    def __init__(self, frames: Frames, despeckler: Despeckler, *, color: bool, keep: Mask | None) -> None:
        statistics = despeckler.analyze(frames, color=color, keep=keep)
        self._count = len(frames)

        @lru_cache(HELD)
        def despeckled(index: int) -> Frame:
            results = despeckler.stream(frames, color=color, keep=keep, indices=[index], statistics=statistics)
            return np.asarray(next(results)[1])

        self._despeckled = despeckled

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Frame:
        return self._despeckled(index)
