"""Tone: the low-passed frame keeps its brightness."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .coarse import enlarge, shrink

CELL = 8
SIGMA_SHARE = 0.15
# Where hardly any light is, a ratio of means says nothing.
LOWEST_MEAN = 0.02
LARGEST_GAIN = 1.25


def keep_tone(before: Tensor, after: Tensor, valid: Tensor) -> Tensor:
    """Multiply what came out by a slowly varying gain, so that the local mean of the frame stays.

    A gain, unlike an offset, leaves black black and gives boundaries their contrast back.

    Parameters
    ----------
    before, after : Tensor, float, shape (N, 1, H, W), normalized gray
    valid : Tensor, float, shape (N or 1, 1, H, W), 0 or 1
        Pixels that count.

    Returns
    -------
    Tensor, shape (N, 1, H, W); the Gaussian of the local mean has a sigma of 15 % of the longer side
    """
    size = before.shape[-2:]
    sigma = SIGMA_SHARE * max(size) / CELL
    wanted, present = (_blur(shrink(frames.clamp_min(0).mul_(valid), CELL), sigma) for frames in (before, after))
    floor = LOWEST_MEAN * _blur(shrink(valid, CELL), sigma) + 1e-6
    gain = ((wanted + floor) / (present + floor)).clamp(1 / LARGEST_GAIN, LARGEST_GAIN)
    return _enlarge(gain, (size[0], size[1])).mul_(after)


def _enlarge(gain: Tensor, size: tuple[int, int]) -> Tensor:
    if all(length % CELL == 0 for length in size):
        return enlarge(gain, size, CELL)
    # Cells stretch over frames that they do not fill.
    return F.interpolate(gain, size=size, mode="bilinear", align_corners=False)


def _blur(frames: Tensor, sigma: float) -> Tensor:
    rows, columns = (_gaussian_sums(length, sigma).to(frames) for length in frames.shape[-2:])
    return rows @ frames @ columns.T


@lru_cache(maxsize=8)
def _gaussian_sums(length: int, sigma: float) -> Tensor:
    """Return the matrix (length, length) that blurs; a product is faster than a convolution with as many taps."""
    radius = max(1, round(3 * sigma))
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / max(sigma, 0.3)) ** 2)
    taps = F.pad(taps / taps.sum(), (length, length))
    places = torch.arange(length)
    return taps[places[None] - places[:, None] + radius + length]
