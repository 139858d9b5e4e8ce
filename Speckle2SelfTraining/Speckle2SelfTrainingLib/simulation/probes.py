"""Where a probe's beams lie, and how their samples become a picture (scan conversion)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .fields import Array


@dataclass(frozen=True)
class Probe:
    """A linear or convex array.

    Parameters
    ----------
    depth : float
        Depth of the field of view, mm.
    width : float
        Width of the field of view, mm: of the array (linear) or of the arc at the skin (convex).
    samples, lines : int
        Samples per beam, and beams.
    radius : float or None
        Radius of a convex array, mm; None for a linear one.
    """

    depth: float
    width: float
    samples: int
    lines: int
    radius: float | None = None

    @property
    def row_mm(self) -> float:
        """Distance of two samples along a beam, mm."""
        return self.depth / self.samples

    @cached_property
    def grid(self) -> tuple[Array, Array]:
        """Depth and width (mm, Cartesian) of every sample, float32, shape (samples, lines)."""
        reach = (np.arange(self.samples, dtype=np.float32) + 0.5) * self.row_mm
        across = ((np.arange(self.lines, dtype=np.float32) + 0.5) / self.lines - 0.5) * self.width
        along, offset = np.meshgrid(reach, across, indexing="ij")
        if self.radius is None:
            return along, offset
        angle = offset / self.radius
        depth = (self.radius + along) * np.cos(angle) - self.radius
        return depth.astype(np.float32), ((self.radius + along) * np.sin(angle)).astype(np.float32)

    def line_pitch(self) -> Array:
        """Distance of neighboring beams at every sample, mm, shape (samples,)."""
        pitch = self.width / self.lines
        reach = (np.arange(self.samples, dtype=np.float32) + 0.5) * self.row_mm
        widening = 1.0 if self.radius is None else 1 + reach / self.radius
        return np.asarray(pitch * widening * np.ones_like(reach), np.float32)


class ScanConverter:
    """Bilinear interpolation of beam samples onto square pixels.

    Parameters
    ----------
    probe : Probe
    size : (int, int)
        Rows and columns of the picture.

    Attributes
    ----------
    spacing : float
        Pixel size, mm; the same along both axes. The picture covers the whole field of view, centered.
    sector : bool array, shape `size`
        Pixels inside the field of view.
    """

    def __init__(self, probe: Probe, size: tuple[int, int]) -> None:
        rows, columns = size
        half_angle = 0.0 if probe.radius is None else probe.width / probe.radius / 2
        radius = probe.radius or 0.0
        full_width = probe.width if probe.radius is None else 2 * (radius + probe.depth) * np.sin(half_angle)
        top = 0.0 if probe.radius is None else -radius * (1 - np.cos(half_angle))
        full_depth = probe.depth - top
        self.spacing = float(max(full_depth / rows, full_width / columns))
        v = top + (np.arange(rows) + 0.5) * self.spacing - (rows * self.spacing - full_depth) / 2
        u = ((np.arange(columns) + 0.5) - columns / 2) * self.spacing
        depth, width = np.meshgrid(v, u, indexing="ij")
        if probe.radius is None:
            reach, across = depth, width
        else:
            reach = np.hypot(depth + radius, width) - radius
            across = np.arctan2(width, depth + radius) * radius
        self.sector = (reach >= 0) & (reach <= probe.depth) & (np.abs(across) <= probe.width / 2)
        place = reach / probe.row_mm - 0.5, (across / probe.width + 0.5) * probe.lines - 0.5
        self._weights = _bilinear_weights(place, (probe.samples, probe.lines), self.sector)

    def __call__(self, *samples: Array) -> list[Array]:
        """Return one picture (float32, zero outside the field of view) for each array of samples (samples, lines)."""
        flat = np.stack([field.ravel() for field in samples], axis=1).astype(np.float32, copy=False)
        pictures = self._weights @ flat
        return [np.ascontiguousarray(column.reshape(self.sector.shape)) for column in pictures.T]


def _bilinear_weights(
    place: tuple[NDArray[Any], NDArray[Any]], shape: tuple[int, int], sector: NDArray[np.bool_]
) -> Any:
    """Sparse matrix that turns flat samples into a flat picture; rows outside `sector` are empty."""
    inside = np.flatnonzero(sector)
    parts = []
    for position, length in zip(place, shape, strict=True):
        value = np.clip(position.ravel()[inside], 0, length - 1)
        first = np.minimum(value.astype(np.int32), length - 2)
        parts.append((first, (value - first).astype(np.float32)))
    (row, below), (column, right) = parts
    index = np.stack([(row + r) * shape[1] + column + c for r in (0, 1) for c in (0, 1)], axis=1)
    weight = np.stack([v * h for v in (1 - below, below) for h in (1 - right, right)], axis=1)
    starts = np.concatenate([[0], np.cumsum(4 * sector.ravel())])
    return sparse.csr_array((weight.ravel(), index.ravel(), starts), shape=(sector.size, shape[0] * shape[1]))
