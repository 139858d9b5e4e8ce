"""The values that eight bits stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

LEVELS = 255
# What a processor keeps in its cache between the steps of a cast.
VALUES_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class Grid:
    """Evenly spaced values: the number q, 0 to 255, stands for ``scale * (q - zero)``.

    Parameters
    ----------
    scale : float
    zero : int
        0 to 255; zero itself is always on the grid, because convolutions pad with it.
    """

    scale: float
    zero: int

    @classmethod
    def covering(cls, low: float, high: float) -> Grid:
        """Return the grid from `low`, at most 0, to `high`, above 0; what lies outside goes to the nearest end."""
        scale = (high - low) / LEVELS
        return cls(scale, min(LEVELS, max(0, round(-low / scale))))


class ChannelGrids:
    """A grid for every channel, all with the same number for zero: for features that come from floating-point numbers.

    Parameters
    ----------
    ranges : sequence of (float, float)
        Per channel, as for :meth:`Grid.covering`.

    Attributes
    ----------
    steps : Tensor, float32, shape (channels,)
        Scales; whoever takes the features in multiplies his weights by them.
    shared : Grid
        What the features lie on for him then.
    """

    def __init__(self, ranges: Sequence[tuple[float, float]]) -> None:
        lows, highs = torch.tensor(ranges, dtype=torch.float64).T
        zeros = torch.arange(LEVELS, dtype=torch.float64)[:, None]
        # Of a channel that never falls below zero, nothing must lie below it.
        below = torch.where(lows < 0, -lows / zeros, 0.0)
        steps = torch.maximum(below, highs / (LEVELS - zeros))
        best = int((steps**2).sum(1).argmin())
        self.steps = steps[best].float()
        self.shared = Grid(1.0, best)
        self._factors = (1 / steps[best]).float().view(1, -1, 1, 1)

    def take(self, features: Tensor) -> Tensor:
        """(N, channels, H, W), floating point, to uint8 on the grids."""
        result = torch.empty_like(features, dtype=torch.uint8)
        rows = max(1, VALUES_AT_ONCE // (features.shape[0] * features.shape[1] * features.shape[3]))
        for start in range(0, features.shape[2], rows):
            given, made = (each[:, :, start : start + rows] for each in (features, result))
            # The cast to whole numbers cuts off: half a step more makes it round. PyTorch takes several times as long
            # for a product of two types, and from fp32 to uint8 without the step between.
            numbers = (given.float() * self._factors).add_(self.shared.zero + 0.5).clamp_(0, LEVELS)
            made.copy_(numbers.to(torch.int16))
        return result
