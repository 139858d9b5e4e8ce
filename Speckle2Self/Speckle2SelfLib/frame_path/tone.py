"""Tone: the low-passed frame keeps its brightness."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

CELL = 8
SIGMA_SHARE = 0.03


def remove_low_pass(change: Tensor, valid: Tensor) -> Tensor:
    """Take out of a change what a wide Gaussian lets through, so that the local mean of the frame stays.

    Parameters
    ----------
    change : Tensor, float, shape (N, 1, H, W)
        What would be added to the frames; zero outside `valid`.
    valid : Tensor, float, shape (N or 1, 1, H, W), 0 or 1
        Pixels that are changed.

    Returns
    -------
    Tensor, shape (N, 1, H, W); the Gaussian's sigma is 3 % of the longer side
    """
    size = change.shape[-2:]
    sigma = SIGMA_SHARE * max(size) / CELL
    weight = _blur(_shrink(valid), sigma)
    mean = _blur(_shrink(change * valid), sigma) / weight.clamp_min(1e-4)
    return change - F.interpolate(mean, size=size, mode="bilinear", align_corners=False) * valid


def _shrink(frames: Tensor) -> Tensor:
    return F.avg_pool2d(frames, CELL, ceil_mode=True, count_include_pad=False)


def _blur(frames: Tensor, sigma: float) -> Tensor:
    radius = max(1, round(3 * sigma))
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1, dtype=frames.dtype) / max(sigma, 0.3)) ** 2)
    taps = (taps / taps.sum()).to(frames.device)
    frames = F.conv2d(frames, taps.reshape(1, 1, -1, 1), padding=(radius, 0))
    return F.conv2d(frames, taps.reshape(1, 1, 1, -1), padding=(0, radius))
