"""The last step on gray levels: apply the change, keep the frame's own range and its untouched pixels."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from .frames import Gray, Mask
from .luminance import working_type
from .shapes import limits, surrounding_maximum, surrounding_minimum
from .statistics import SweepStatistics

TONE_STEPS = 3
# Share of the sweep's range below which a mean has not moved.
UNMOVED = 1e-5
SMALLEST_REACH = 4
# Grain that cannot be measured is mostly coarse.
UNKNOWN_GRAIN = (10.0, 10.0)


def finish(
    gray: Gray,
    valid: Mask,
    change: NDArray[np.float32],
    statistics: SweepStatistics,
    *,
    tone: bool,
    gamma: float,
) -> NDArray[np.floating]:
    """Return the despeckled gray levels.

    Parameters
    ----------
    gray : array (H, W)
    valid : bool array (H, W)
        Pixels that are changed; all others come out as they are.
    change : float32 array (H, W)
        Change in the unit of `gray`.
    statistics : SweepStatistics
    tone : bool
        Keep the mean of the valid pixels where clipping has moved it.
    gamma : float
        Display exponent on the sweep's range; 1 changes nothing.

    Returns
    -------
    float array (H, W), at every pixel within the smallest and largest valid level around it: within 4 pixels, or
    within the width of one speckle where that is more
    """
    levels = gray.astype(working_type(gray.dtype))
    if not valid.any():
        return levels
    low, high = (torch.from_numpy(each.astype(levels.dtype)) for each in _surroundings(gray, valid, statistics.grain))
    result = levels + change
    after = torch.from_numpy(result)
    torch.clamp(after, low, high, out=after)
    for _ in range(TONE_STEPS if tone else 0):
        lost = _sum_of_differences(levels, result, valid) / int(np.count_nonzero(valid))
        if abs(lost) <= UNMOVED * statistics.span:
            break
        torch.clamp(after.add_(lost), low, high, out=after)
    if gamma != 1 and statistics.span > 0:
        share = np.maximum((result - statistics.low) / statistics.span, 0)
        result = np.where(valid, statistics.low + statistics.span * share**gamma, result)
    return np.asarray(result)


def _sum_of_differences(before: Gray, after: Gray, valid: Mask) -> float:
    """Sum over valid pixels, where all others are equal or not finite; in one thread, whatever PyTorch may use."""
    with np.errstate(invalid="ignore"):  # of infinities
        differences = before - after
    total = float(differences.sum())
    return total if math.isfinite(total) else float(differences.sum(where=valid))


def _surroundings(gray: Gray, valid: Mask, grain: tuple[float, float] | None) -> tuple[Gray, Gray]:
    """Return the smallest and largest valid level around every valid pixel; the level itself at all others.

    Smoothing averages what is there; a level that is nowhere around would be a halo or an invention. Less than the
    width of one speckle would find the inside of a dark one only, and cut the mean of tissue off there.
    """
    rows, columns = (max(SMALLEST_REACH, round(width)) for width in grain or UNKNOWN_GRAIN)
    reach = (rows, columns)
    if gray.dtype.kind == "u":
        # The complement of the smallest level is the largest complement, and products are faster than choices.
        low, high = ~surrounding_maximum(~gray * valid, reach), surrounding_maximum(gray * valid, reach)
        outside = gray * ~valid
        return low * valid + outside, high * valid + outside
    smallest, largest = limits(gray.dtype)
    low = surrounding_minimum(np.where(valid, gray, gray.dtype.type(largest)), reach)
    high = surrounding_maximum(np.where(valid, gray, gray.dtype.type(smallest)), reach)
    return np.where(valid, low, gray), np.where(valid, high, gray)
