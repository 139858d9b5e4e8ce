"""Shapes of known size as masks."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def an_ellipse(
    shape: tuple[int, int],
    center: tuple[float, float],
    axes: tuple[float, float],
    angle: float = 0.0,
    spacing: tuple[float, float] = (1.0, 1.0),
) -> NDArray[np.uint8]:
    """Pixels whose centers lie in an ellipse: center in pixels; full axes (down, across at angle 0) in mm."""
    rows = (np.arange(shape[0])[:, None] - center[0]) * spacing[0]
    columns = (np.arange(shape[1])[None] - center[1]) * spacing[1]
    down = math.cos(angle) * rows - math.sin(angle) * columns
    across = math.sin(angle) * rows + math.cos(angle) * columns
    return ((2 * down / axes[0]) ** 2 + (2 * across / axes[1]) ** 2 <= 1).astype(np.uint8)


def a_disc(diameter: float, shape: tuple[int, int] = (96, 112), center: tuple[float, float] | None = None) -> NDArray:
    """A disc, in the middle where no center is given."""
    middle = (shape[0] / 2 - 0.3, shape[1] / 2 + 0.2)
    return an_ellipse(shape, center or middle, (diameter, diameter))
