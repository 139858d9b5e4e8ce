"""The diameter profile along a sweep, and its minimum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

WINDOW = 5  # frames of the running median
NEIGHBORS, FEWEST_NEIGHBORS = 3, 3
LARGEST_JUMP = 0.3  # of the diameter


@dataclass(frozen=True)
class Minimum:
    """The narrowest place of a profile.

    Attributes
    ----------
    diameter : float
        Equivalent diameter after the running median, so that one wrong outline is no minimum.
    frame : int
        Number of the frame, counted from 0.
    own_diameter : float
        Equivalent diameter of that frame alone.
    position, time : float
        mm along the sweep and seconds; nan where they are not known.
    """

    diameter: float
    frame: int
    own_diameter: float
    position: float
    time: float


def smooth_profile(diameters: Sequence[float], usable: Sequence[bool]) -> Values:
    """Return the running median over 5 frames, 3 at both ends.

    Only usable frames count; where fewer than three lie in the window, and for frames that are not usable, it is nan:
    no outline is trusted alone.

    Parameters
    ----------
    diameters : sequence of float
    usable : sequence of bool
        Frames that count.
    """
    values = np.where(np.asarray(usable, bool), np.asarray(diameters, np.float64), np.nan)
    half = WINDOW // 2
    smooth = np.full(values.shape, np.nan)
    for index in np.flatnonzero(np.isfinite(values)):
        around = values[max(index - half, 0) : index + half + 1]
        if np.isfinite(around).sum() >= FEWEST_NEIGHBORS:
            smooth[index] = np.nanmedian(around)
    return smooth


def find_minimum(
    diameters: Sequence[float], smooth: Values, positions: Sequence[float], times: Sequence[float]
) -> Minimum | None:
    """Return the smallest value of a smoothed profile; of frames that share it, the one that comes closest itself."""
    if not np.isfinite(smooth).any():
        return None
    least = float(np.nanmin(smooth))
    sharing = np.flatnonzero(smooth == least)
    frame = min((int(index) for index in sharing), key=lambda index: abs(diameters[index] - least))
    return Minimum(least, frame, diameters[frame], positions[frame], times[frame])


def jumps(diameters: Sequence[float], usable: Sequence[bool]) -> list[int]:
    """Return the frames whose diameter differs by more than 30 % from the median of three usable ones each side."""
    values = np.where(np.asarray(usable, bool), np.asarray(diameters, np.float64), np.nan)
    found = []
    for index in np.flatnonzero(np.isfinite(values)):
        around = np.r_[values[max(index - NEIGHBORS, 0) : index], values[index + 1 : index + 1 + NEIGHBORS]]
        around = around[np.isfinite(around)]
        if around.size < FEWEST_NEIGHBORS:
            continue
        usual = float(np.median(around))
        if abs(values[index] - usual) > LARGEST_JUMP * usual:
            found.append(int(index))
    return found
