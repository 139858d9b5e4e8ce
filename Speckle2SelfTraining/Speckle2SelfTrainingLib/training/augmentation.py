"""Geometric augmentation in batches on the training device, one draw per frame for all of its views."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .settings import Augmentation


def draw_matrices(rng: np.random.Generator, augmentation: Augmentation, count: int) -> np.ndarray:
    """Draw one transformation per frame.

    Returns
    -------
    float32 array (count, 2, 3)
        Maps places of the result to places of the frame, in units of half its sides.
    """
    draws = rng.uniform(-1, 1, (count, 4))
    chances = rng.random((count, 3))
    moved = chances[:, 0] < augmentation.affine
    angle = np.where(moved, np.radians(augmentation.rotate) * draws[:, 0], 0)
    scale = np.where(moved, 1 + augmentation.scale * draws[:, 1], 1)
    # A frame is two units wide.
    shift = np.where(moved[:, None], 2 * augmentation.shift * draws[:, 2:], 0)
    flips = np.where(chances[:, 1:] < [augmentation.flip_columns, augmentation.flip_rows], -1.0, 1.0)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    linear = flips[:, :, None] * rotation / scale[:, None, None]
    return np.concatenate([linear, shift[:, :, None]], axis=2).astype(np.float32)


def transform(frames: Tensor, matrices: Tensor) -> Tensor:
    """Transform every frame by its own matrix; what comes from outside is reflected.

    Parameters
    ----------
    frames : Tensor, float, shape (N, C, H, W)
        The views of a frame are its channels, so that all get the same draw.
    matrices : Tensor, float, shape (N, 2, 3)
    """
    identity = torch.eye(2, 3, dtype=matrices.dtype, device=matrices.device)
    if bool((matrices == identity).all()):
        return frames
    grid = F.affine_grid(matrices, list(frames.shape), align_corners=False)
    return F.grid_sample(frames, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
