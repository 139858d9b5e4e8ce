"""Brightness kept in a frame, and its change from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .box_measures import crop
from .boxes import Box
from .frames import Gray


def tone(frame: Gray, original: Gray) -> float:
    """Return mean out / mean in; NaN for a black input."""
    before = float(np.mean(original))
    return float(np.mean(frame)) / before if before > 0 else float("nan")


def flicker(frames: Sequence[Gray], originals: Sequence[Gray], box: Box) -> float:
    """Return the mean frame-to-frame change of the mean in a box, out against in: 1 flickers as the input does.

    Parameters
    ----------
    frames, originals : sequences of arrays (H, W)
        Frames that follow each other.
    box : (row, column, height, width)

    Returns
    -------
    float
        NaN for fewer than two frames, or where the input does not change at all.
    """
    after, before = (
        float(np.abs(np.diff([crop(frame, box).mean() for frame in sweep])).sum()) for sweep in (frames, originals)
    )
    return after / before if before > 0 else float("nan")
