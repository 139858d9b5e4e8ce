"""The last step on gray levels: apply the change, keep the frame's own range and its untouched pixels."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from .frames import Gray, Mask
from .neighborhood import local_maximum, local_minimum
from .statistics import SweepStatistics

TONE_STEPS = 3
SMALLEST_REACH = 4
# Grain that cannot be measured is mostly coarse.
UNKNOWN_GRAIN = (10.0, 10.0)


def finish(
    gray: Gray,
    valid: Mask,
    change: Gray,
    statistics: SweepStatistics,
    *,
    tone: bool,
    gamma: float,
) -> Gray:
    """Return the despeckled gray levels.

    Parameters
    ----------
    gray : float array (H, W)
    valid : bool array (H, W)
        Pixels that are changed; all others come out as they are.
    change : float array (H, W)
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
    if not valid.any():
        return gray
    levels, inside = torch.from_numpy(gray), torch.from_numpy(valid)
    low, high = _surroundings(levels, inside, statistics.grain)
    after = torch.clamp(levels + torch.from_numpy(change), low, high)
    for _ in range(TONE_STEPS if tone else 0):
        lost = torch.where(inside, levels - after, 0).sum() / int(np.count_nonzero(valid))
        after = torch.clamp(after + lost, low, high)
    result = after.numpy()
    if gamma != 1 and statistics.span > 0:
        share = np.maximum((result - statistics.low) / statistics.span, 0)
        result = np.where(valid, statistics.low + statistics.span * share**gamma, result)
    return np.asarray(result)


def _surroundings(levels: Tensor, inside: Tensor, grain: tuple[float, float] | None) -> tuple[Tensor, Tensor]:
    """Return the smallest and largest valid level around every valid pixel; the level itself at all others.

    Smoothing averages what is there; a level that is nowhere around would be a halo or an invention. Less than the
    width of one speckle would find the inside of a dark one only, and cut the mean of tissue off there.
    """
    rows, columns = (max(SMALLEST_REACH, round(width)) for width in grain or UNKNOWN_GRAIN)
    low = local_minimum(torch.where(inside, levels, math.inf), (rows, columns))
    high = local_maximum(torch.where(inside, levels, -math.inf), (rows, columns))
    return torch.where(inside, low, levels), torch.where(inside, high, levels)
