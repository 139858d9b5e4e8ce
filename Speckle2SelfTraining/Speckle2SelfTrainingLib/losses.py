"""The two losses of Speckle2Self.

Source: Li, Navab, Jiang, "Speckle2Self", Medical Image Analysis 2025, doi 10.1016/j.media.2025.103755.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention


def reconstruction_loss(outputs: Sequence[Tensor], views: Sequence[Tensor]) -> Tensor:
    """Mean squared error of each scale's output against its own perturbed input, summed over the scales.

    Parameters
    ----------
    outputs, views : sequences of Tensor, each (N, 1, H, W)

    Returns
    -------
    Tensor, scalar
    """
    return torch.stack([F.mse_loss(output, view) for output, view in zip(outputs, views, strict=True)]).sum()


def consistency_loss(outputs: Sequence[Tensor]) -> Tensor:
    """Mean absolute difference between the outputs of every pair of scales, summed over the pairs.

    Parameters
    ----------
    outputs : sequence of at least two Tensors, each (N, 1, H, W)

    Returns
    -------
    Tensor, scalar
    """
    return torch.stack([F.l1_loss(one, other) for one, other in combinations(outputs, 2)]).sum()
