"""Means and extremes around every pixel, from sums and comparisons of shifted frames.

PyTorch's pooling and SciPy's filters give the same and take 5 to 50 times as long for one frame of one channel.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .frames import Mask

Pick = Callable[[Tensor, Tensor], Tensor]

GAUSSIAN_REACH = 4.0  # sigmas


def box_mean(frames: Tensor) -> Tensor:
    """Return the mean of the 3 x 3 pixels around every pixel of (..., H, W); edge pixels repeat beyond the edge."""
    rows = _sum_of_three(torch.cat([frames[..., :1, :], frames, frames[..., -1:, :]], -2), -2)
    return _sum_of_three(torch.cat([rows[..., :1], rows, rows[..., -1:]], -1), -1).mul_(1 / 9)


def local_maximum(frames: Tensor, reach: tuple[int, int]) -> Tensor:
    """Return the largest of (..., H, W) within `reach` (rows, columns) of every pixel."""
    return _local_extreme(frames, reach, reach, torch.maximum, -math.inf)


def local_minimum(frames: Tensor, reach: tuple[int, int]) -> Tensor:
    """Return the smallest of (..., H, W) within `reach` (rows, columns) of every pixel."""
    return _local_extreme(frames, reach, reach, torch.minimum, math.inf)


def eroded(mask: Mask, size: int, *, outside: bool) -> Mask:
    """Return where the `size` x `size` pixels around are all set; beyond the edge all are as `outside` says."""
    before, after = size // 2, (size - 1) // 2  # as SciPy places squares of an even size
    return _square_extreme(mask, before, after, torch.minimum, outside)


def dilated(mask: Mask, size: int) -> Mask:
    """Return where any of the `size` x `size` pixels around is set."""
    before, after = (size - 1) // 2, size // 2
    return _square_extreme(mask, before, after, torch.maximum, False)


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


def _square_extreme(mask: Mask, before: int, after: int, pick: Pick, outside: bool) -> Mask:
    pixels = torch.from_numpy(mask.astype(np.uint8))
    return np.asarray(_local_extreme(pixels, (before, before), (after, after), pick, outside).numpy(), bool)


def _local_extreme(
    frames: Tensor, before: tuple[int, int], after: tuple[int, int], pick: Pick, outside: float
) -> Tensor:
    extreme = F.pad(frames, (before[1], after[1], before[0], after[0]), value=outside)
    for axis in (-2, -1):
        length = before[axis] + 1 + after[axis]
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
