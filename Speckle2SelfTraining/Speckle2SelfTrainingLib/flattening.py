"""Flatten tissue between boundaries: the part of a teacher that is no network.

A first-order non-local mean: every pixel becomes the value of a plane fitted to the pixels around it that have similar
surroundings. The plane, held back by a ridge, follows slow shading where a mean would turn it into steps (staircases).
Two passes; the second one compares what the first one has cleaned.

Sources: Buades, Coll, Morel, "A non-local algorithm for image denoising", CVPR 2005; Kervrann, Boulanger, Coupe,
"Bayesian non-local means filter, image redundancy and adaptive dictionaries for noise removal", SSVM 2007, for the
local polynomial.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention


@dataclass(frozen=True)
class Flattening:
    """Settings of the flattening.

    Parameters
    ----------
    similarity : float
        Difference of surroundings, in normalized gray, at which a pixel's weight falls to 1/e; lower where there
        is little speckle (see :mod:`.default_model.examples`).
    patch : int
        Rows and columns of the surroundings that are compared, pixels.
    reach : int
        Largest distance of pixels that are compared; a multiple of `stride`, so that the pixel itself is among them.
    stride : int
        Distance between the pixels that are compared.
    ridge : float
        Holds the slope of the plane back, in squared units of `reach`; large values give the plain mean.
    passes : int
    """

    similarity: float = 0.07
    patch: int = 5
    reach: int = 27
    stride: int = 3
    ridge: float = 0.4
    passes: int = 2


def flatten(frames: Tensor, settings: Flattening) -> Tensor:
    """Return frames whose tissue is flat or evenly shaded between its boundaries.

    Parameters
    ----------
    frames : float Tensor, shape (N, 1, H, W), normalized gray, already without most of the speckle
    """
    for _ in range(settings.passes):
        frames = _one_pass(frames, settings)
    return frames


def _one_pass(frames: Tensor, settings: Flattening) -> Tensor:
    reach = settings.reach
    padded = F.pad(frames, (reach,) * 4, mode="replicate")
    sums = [torch.zeros_like(frames) for _ in range(9)]
    for row in range(-reach, reach + 1, settings.stride):
        for column in range(-reach, reach + 1, settings.stride):
            if row * row + column * column <= reach * reach:
                shifted = _shifted(padded, reach + row, reach + column, frames)
                weight = torch.exp(-_patch_difference(frames, shifted, settings.patch) / settings.similarity**2)
                _accumulate(sums, weight, shifted, row / reach, column / reach)
    return _plane_at_center(sums, settings.ridge)


def _shifted(padded: Tensor, row: int, column: int, like: Tensor) -> Tensor:
    rows, columns = like.shape[-2:]
    return padded[..., row : row + rows, column : column + columns]


def _patch_difference(frames: Tensor, shifted: Tensor, patch: int) -> Tensor:
    """Return the mean squared difference of the surroundings, their center weighted most."""
    radius = patch // 2
    kernel = torch.exp(-2 * torch.linspace(-1, 1, patch) ** 2).to(frames)
    kernel = kernel / kernel.sum()
    squared = F.pad((frames - shifted) ** 2, (radius,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(squared, kernel[None, None, :, None]), kernel[None, None, None])


def _accumulate(sums: list[Tensor], weight: Tensor, value: Tensor, row: float, column: float) -> None:
    weighted = weight * value
    moments = (1.0, row, column, row * row, row * column, column * column)
    for total, factor in zip(sums[:6], moments, strict=True):
        total.add_(weight, alpha=factor)
    for total, factor in zip(sums[6:], (1.0, row, column), strict=True):
        total.add_(weighted, alpha=factor)


def _plane_at_center(sums: list[Tensor], ridge: float) -> Tensor:
    """Return the value at the pixel itself of the weighted least-squares plane."""
    total = sums[0]
    row, column, row_row, row_column, column_column, value, value_row, value_column = (
        part / total for part in sums[1:]
    )
    variance_row = row_row - row * row + ridge
    variance_column = column_column - column * column + ridge
    covariance = row_column - row * column
    with_row, with_column = value_row - row * value, value_column - column * value
    determinant = variance_row * variance_column - covariance * covariance
    slope_row = (with_row * variance_column - with_column * covariance) / determinant
    slope_column = (with_column * variance_row - with_row * covariance) / determinant
    return value - slope_row * row - slope_column * column
