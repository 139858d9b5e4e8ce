"""Lee, Frost and Kuan filters of the optional package findpeaks, on frames in [0, 1]."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from .frames import LEVELS, Unit


def lee(frame: Unit, *, window: int, variation: float) -> Unit:
    """Lee filter (1980); `variation` is the coefficient of variation taken for speckle."""
    return _run("lee_filter", frame, win_size=window, cu=variation)


def kuan(frame: Unit, *, window: int, variation: float) -> Unit:
    """Kuan filter (1985); `variation` is the coefficient of variation taken for speckle."""
    return _run("kuan_filter", frame, win_size=window, cu=variation)


def frost(frame: Unit, *, window: int, damping: float) -> Unit:
    """Frost filter (1982); `damping` is how fast the weights fall."""
    return _run("frost_filter", frame, win_size=window, damping_factor=damping)


def _run(name: str, frame: Unit, **options: Any) -> Unit:
    import findpeaks

    logging.getLogger("findpeaks").setLevel(logging.ERROR)
    # Black pixels have no coefficient of variation: these filters divide by local means.
    levels = np.maximum(np.asarray(frame, np.float64) * LEVELS, 1.0)
    return np.asarray(getattr(findpeaks, name)(levels, **options) / LEVELS, np.float32)
