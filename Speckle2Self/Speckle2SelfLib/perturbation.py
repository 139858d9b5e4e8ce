"""Multi-scale perturbation: views of a frame that share its anatomy while their speckle differs.

Source: Li, Navab, Jiang, "Speckle2Self", Medical Image Analysis 2025, doi 10.1016/j.media.2025.103755.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

PUBLISHED_SCALES = (1.0, 0.5, 0.25)


def normalize_min_max(frames: Tensor) -> Tensor:
    """Scale every frame to [0, 1] by its own minimum and maximum; a constant frame becomes zeros.

    Parameters
    ----------
    frames : Tensor, float, shape (N, C, H, W)
        Frames in any unit; NaN is not accepted.

    Returns
    -------
    Tensor, same shape and dtype, values in [0, 1]
    """
    low = frames.amin(dim=(1, 2, 3), keepdim=True)
    span = frames.amax(dim=(1, 2, 3), keepdim=True) - low
    return (frames - low) / torch.where(span > 0, span, torch.ones_like(span))


def resample_down_and_up(frames: Tensor, scale: float) -> Tensor:
    """Down-sample bilinearly without anti-aliasing and up-sample bilinearly to the old size (half-pixel centers).

    Parameters
    ----------
    frames : Tensor, float, shape (N, C, H, W)
    scale : float in (0, 1]
        Size of the small frame as a share of the given one; 1 returns the frames themselves.
    """
    if scale == 1:
        return frames
    height, width = frames.shape[-2:]
    small = (max(1, int(height * scale)), max(1, int(width * scale)))
    coarse = F.interpolate(frames, size=small, mode="bilinear", align_corners=False, antialias=False)
    return F.interpolate(coarse, size=(height, width), mode="bilinear", align_corners=False, antialias=False)


def perturb(frames: Tensor, scales: Sequence[float] = PUBLISHED_SCALES) -> list[Tensor]:
    """Return one view of the frames per scale, each min-max normalized on its own.

    Parameters
    ----------
    frames : Tensor, float, shape (N, 1, H, W)
    scales : sequence of float in (0, 1]
        1, 1/2 and 1/4 in the paper.

    Returns
    -------
    list of Tensor, each of the shape of `frames`, values in [0, 1]
    """
    return [normalize_min_max(resample_down_and_up(frames, scale)) for scale in scales]
