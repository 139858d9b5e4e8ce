"""Means and extremes around every pixel, from sums and comparisons of shifted frames.

PyTorch's pooling and SciPy's filters give the same and take 5 to 50 times as long for one frame of one channel.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

GAUSSIAN_REACH = 4.0  # sigmas


def box_mean(frames: Tensor) -> Tensor:
    """Return the mean of the 3 x 3 pixels around every pixel of (..., H, W); edge pixels repeat beyond the edge."""
    rows = _sum_of_three(torch.cat([frames[..., :1, :], frames, frames[..., -1:, :]], -2), -2)
    return _sum_of_three(torch.cat([rows[..., :1], rows, rows[..., -1:]], -1), -1).mul_(1 / 9)


def local_maximum(frames: Tensor, reach: tuple[int, int]) -> Tensor:
    """Return the largest of (..., H, W) within `reach` (rows, columns) of every pixel."""
    return _local_extreme(frames, reach, torch.maximum, -math.inf)


def local_minimum(frames: Tensor, reach: tuple[int, int]) -> Tensor:
    """Return the smallest of (..., H, W) within `reach` (rows, columns) of every pixel."""
    return _local_extreme(frames, reach, torch.minimum, math.inf)


def gaussian_mean(frame: Tensor, sigma: float) -> Tensor:
    """Return (H, W) smoothed by a Gaussian of `sigma` pixels that ends at 4 sigma; mirrored at the edges."""
    reach = round(GAUSSIAN_REACH * sigma)
    taps = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, dtype=torch.float64) / sigma) ** 2)
    weights = (taps / taps.sum()).tolist()
    for axis in (0, 1):
        length = frame.shape[axis]
        padded = frame.index_select(axis, _mirrored(length, reach))
        frame = padded.narrow(axis, 0, length) * weights[0]
        for place, weight in enumerate(weights[1:], 1):
            frame.add_(padded.narrow(axis, place, length), alpha=weight)
    return frame


def _sum_of_three(padded: Tensor, axis: int) -> Tensor:
    length = padded.shape[axis] - 2
    return (padded.narrow(axis, 0, length) + padded.narrow(axis, 1, length)).add_(padded.narrow(axis, 2, length))


def _local_extreme(
    frames: Tensor, reach: tuple[int, int], pick: Callable[[Tensor, Tensor], Tensor], outside: float
) -> Tensor:
    rows, columns = reach
    extreme = F.pad(frames, (columns, columns, rows, rows), value=outside)
    for axis, length in ((-2, 2 * rows + 1), (-1, 2 * columns + 1)):
        covered = 1
        while covered < length:  # each comparison doubles how many neighbors a value stands for
            step = min(covered, length - covered)
            kept = extreme.shape[axis] - step
            extreme = pick(extreme.narrow(axis, 0, kept), extreme.narrow(axis, step, kept))
            covered += step
    return extreme


def _mirrored(length: int, reach: int) -> Tensor:
    """Return indices from -reach to length + reach, mirrored so that edge pixels come twice."""
    index = torch.arange(-reach, length + reach) % (2 * length)
    return torch.minimum(index, 2 * length - 1 - index)
