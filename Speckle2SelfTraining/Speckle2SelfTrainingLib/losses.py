"""The two losses of Speckle2Self, and the terms that may join them.

Source: Li, Navab, Jiang, "Speckle2Self", Medical Image Analysis 2025, doi 10.1016/j.media.2025.103755.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

Distance = Callable[[Tensor, Tensor], Tensor]


def reconstruction_loss(
    outputs: Sequence[Tensor],
    views: Sequence[Tensor],
    weights: Sequence[float] | None = None,
    distance: str = "mse",
) -> Tensor:
    """Return the distance of each scale's output from its own perturbed input, summed over the scales.

    Parameters
    ----------
    outputs, views : sequences of Tensor, each (N, 1, H, W)
    weights : sequence of float, optional
        One per scale; 1 in the paper.
    distance : {"mse", "l1"}
        "mse" in the paper.

    Returns
    -------
    Tensor, scalar
    """
    return reconstruction_per_frame(outputs, views, weights, distance).mean()


def consistency_loss(outputs: Sequence[Tensor], weights: Sequence[float] | None = None, distance: str = "l1") -> Tensor:
    """Return the distance between the outputs of every pair of scales, summed over the pairs.

    Parameters
    ----------
    outputs : sequence of at least two Tensors, each (N, 1, H, W)
    weights : sequence of float, optional
        One per pair; 1 in the paper.
    distance : {"mse", "l1"}
        "l1" in the paper.

    Returns
    -------
    Tensor, scalar
    """
    return consistency_per_frame(outputs, weights, distance).mean()


def reconstruction_per_frame(
    outputs: Sequence[Tensor],
    views: Sequence[Tensor],
    weights: Sequence[float] | None = None,
    distance: str = "mse",
    emphasis: Tensor | None = None,
) -> Tensor:
    """Return the reconstruction loss of every frame, shape (N,).

    `emphasis`, (N, 1, H, W) with a mean of 1 in every frame, weighs the pixels.
    """
    measure = DISTANCES[distance]
    shares = weights or [1.0] * len(outputs)
    terms = [
        share * _frame_mean(measure(output, view) if emphasis is None else emphasis * measure(output, view))
        for output, view, share in zip(outputs, views, shares, strict=True)
    ]
    return torch.stack(terms).sum(dim=0)


def consistency_per_frame(
    outputs: Sequence[Tensor], weights: Sequence[float] | None = None, distance: str = "l1"
) -> Tensor:
    """Return the consistency loss of every frame, shape (N,); zero where there is one scale only."""
    measure = DISTANCES[distance]
    pairs = list(combinations(outputs, 2))
    if not pairs:
        return outputs[0].new_zeros(len(outputs[0]))
    shares = weights or [1.0] * len(pairs)
    terms = [share * _frame_mean(measure(one, other)) for (one, other), share in zip(pairs, shares, strict=True)]
    return torch.stack(terms).sum(dim=0)


def gradient_consistency_per_frame(outputs: Sequence[Tensor]) -> Tensor:
    """Return the mean absolute difference of the first differences of every pair of outputs, summed, shape (N,)."""
    rows = [output[:, :, 1:] - output[:, :, :-1] for output in outputs]
    columns = [output[..., 1:] - output[..., :-1] for output in outputs]
    return consistency_per_frame(rows) + consistency_per_frame(columns)


def distance_per_frame(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the mean absolute difference of values and of first differences, shape (N,).

    Values alone would leave a blurred boundary cheap.
    """
    error = outputs - targets
    rows, columns = error[:, :, 1:] - error[:, :, :-1], error[..., 1:] - error[..., :-1]
    return _frame_mean(error.abs()) + 0.5 * (_frame_mean(rows.abs()) + _frame_mean(columns.abs()))


def edge_emphasis(frames: Tensor, weight: float, smoothing: int = 9) -> Tensor:
    """Return a weight for every pixel: up to `weight` times more at boundaries than in flat areas, mean 1 per frame.

    Parameters
    ----------
    frames : Tensor, shape (N, 1, H, W), normalized gray
    weight : float
    smoothing : int
        Side of the mean filter that takes away the speckle before boundaries are looked for.
    """
    reach = smoothing // 2
    smooth = F.avg_pool2d(F.pad(frames, (reach,) * 4, mode="reflect"), smoothing, stride=1)
    emphasis = 1 + (weight - 1) * edge_share(gradient_magnitude(smooth))
    return emphasis / emphasis.mean(dim=(1, 2, 3), keepdim=True)


def gradient_magnitude(smooth: Tensor) -> Tensor:
    """Return the magnitude of the difference over two pixels of smooth frames, shape (N, 1, H, W)."""
    rows = F.pad(smooth[:, :, 2:] - smooth[:, :, :-2], (0, 0, 1, 1), mode="replicate")
    columns = F.pad(smooth[..., 2:] - smooth[..., :-2], (1, 1, 0, 0), mode="replicate")
    return (rows**2 + columns**2).sqrt()


def edge_share(gradient: Tensor) -> Tensor:
    """Return how much of a boundary a gradient speaks of, 0 to 1."""
    return gradient / (gradient + 0.06)


def _frame_mean(values: Tensor) -> Tensor:
    return values.mean(dim=(1, 2, 3))


def _squared(one: Tensor, other: Tensor) -> Tensor:
    return F.mse_loss(one, other, reduction="none")


def _absolute(one: Tensor, other: Tensor) -> Tensor:
    return F.l1_loss(one, other, reduction="none")


DISTANCES: dict[str, Distance] = {"mse": _squared, "l1": _absolute}
