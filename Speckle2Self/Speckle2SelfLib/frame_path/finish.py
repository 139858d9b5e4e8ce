"""The last step on gray levels: apply the change, keep the frame's own range and its untouched pixels."""

from __future__ import annotations

import numpy as np

from .frames import Gray, Mask
from .statistics import SweepStatistics


def finish(
    gray: Gray,
    valid: Mask,
    change: Gray,
    statistics: SweepStatistics,
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
    gamma : float
        Display exponent on the sweep's range; 1 changes nothing.

    Returns
    -------
    float array (H, W), within the smallest and largest valid level of the frame
    """
    if not valid.any():
        return gray
    result = gray + np.where(valid, change, 0)
    low, high = gray[valid].min(), gray[valid].max()
    result = np.where(valid, np.clip(result, low, high), gray)
    if gamma != 1 and statistics.span > 0:
        share = np.clip((result - statistics.low) / statistics.span, 0, 1)
        result = np.where(valid, statistics.low + statistics.span * share**gamma, result)
    return np.asarray(result)
