"""What a student is told beyond the values: gradients as the eye compares them, and the brightness of squares.

Gradient magnitude similarity: W. Xue, L. Zhang, X. Mou, A. C. Bovik, "Gradient magnitude similarity deviation", IEEE
Transactions on Image Processing 23(2), 2014: Prewitt gradients of frames at half the resolution.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ..pretraining import pair_loss
from .settings import DistillationSettings

STABILITY = 170 / 255**2  # of the paper, for gray levels from 0 to 1
# The square root and the magnitude have no slope at 0.
TINY = 1e-8
SQUARES = (4, 16)  # pixels; those of 8 are in `pair_loss`


def answer_loss(output: Tensor, answer: Tensor, settings: DistillationSettings) -> Tensor:
    """Return how far outputs are from the teacher's answers, a scalar.

    Parameters
    ----------
    output, answer : Tensor, shape (N, 1, H, W), normalized gray
    settings : DistillationSettings
        With the weights of the terms.
    """
    loss = pair_loss(output, answer, settings.edge_weight, settings.gradient_weight)
    if settings.coarse_weight:
        loss = loss + settings.coarse_weight * square_error(output - answer)
    if settings.similarity_weight:
        loss = loss + settings.similarity_weight * gradient_dissimilarity(output, answer)
    return loss


def square_error(error: Tensor) -> Tensor:
    """Return the mean absolute error of the brightness of squares of 4 and 16 pixels, a scalar.

    Blotches of these sizes are what still moves in flat tissue when the speckle is gone.
    """
    return torch.stack([F.avg_pool2d(error, side).abs().mean() for side in SQUARES]).sum()


def gradient_dissimilarity(output: Tensor, answer: Tensor) -> Tensor:
    """Return the root mean square of 1 - :func:`gradient_similarity` over a frame, mean of the frames, a scalar."""
    dissimilarity = 1 - gradient_similarity(output, answer)
    return (dissimilarity.square().mean(dim=(1, 2, 3)) + TINY).sqrt().mean()


def gradient_similarity(output: Tensor, answer: Tensor) -> Tensor:
    """Return how alike two gradient magnitudes are at half the resolution, 0 to 1, shape (N, 1, H / 2 - 2, W / 2 - 2).

    Parameters
    ----------
    output, answer : Tensor, shape (N, 1, H, W), gray from 0 to 1
    """
    one, other = _squared_gradient(output), _squared_gradient(answer)
    return (2 * (one * other).sqrt() + STABILITY) / (one + other + STABILITY)


def _squared_gradient(frames: Tensor) -> Tensor:
    half = F.avg_pool2d(frames, 2)
    across = half.new_tensor([[1.0, 0.0, -1.0]] * 3) / 3
    kernels = torch.stack([across, across.T])[:, None]
    return F.conv2d(half, kernels).square().sum(dim=1, keepdim=True) + TINY
