"""Working scale and padding: from the frame's size to one that the network takes, and the change back."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ..network import MINIMUM_SIZE, STRIDE


def working_size(size: tuple[int, int], scale: tuple[float, float]) -> tuple[int, int]:
    """Return rows and columns at the working scale, at least 8."""
    return (max(8, round(size[0] * scale[0])), max(8, round(size[1] * scale[1])))


def resize(frames: Tensor, size: tuple[int, int]) -> Tensor:
    """Resample (N, 1, H, W) bilinearly to `size`, with anti-aliasing where it shrinks."""
    if tuple(frames.shape[-2:]) == size:
        return frames
    resized: Tensor = F.interpolate(frames, size=size, mode="bilinear", align_corners=False, antialias=True)
    return resized


def padded_length(length: int) -> int:
    """Return the next length that the network takes: a multiple of 16 and at least 32."""
    return max(MINIMUM_SIZE, STRIDE * (-(-length // STRIDE)))


def reflect_pad(frames: Tensor) -> Tensor:
    """Continue (N, 1, H, W) at the bottom and the right by reflection up to sizes that the network takes."""
    size = frames.shape[-2:]
    if all(padded_length(length) == length for length in size):
        return frames
    rows, columns = (_reflected(length) for length in size)
    return frames[:, :, rows][..., columns]


def _reflected(length: int) -> Tensor:
    """Index of the source pixel for every padded one; reflects more than once where the frame is small."""
    index = np.arange(padded_length(length))
    period = max(1, 2 * (length - 1))
    folded = index % period
    return torch.from_numpy(np.minimum(folded, period - folded))
