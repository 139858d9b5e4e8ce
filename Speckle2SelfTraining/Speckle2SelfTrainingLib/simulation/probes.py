"""Where a probe's beams lie, and how their samples become a picture (scan conversion)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

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
        self._rows = reach / probe.row_mm - 0.5
        self._columns = (across / probe.width + 0.5) * probe.lines - 0.5
        self.sector = (reach >= 0) & (reach <= probe.depth) & (np.abs(across) <= probe.width / 2)

    def __call__(self, samples: Array, order: int = 1) -> Array:
        """Return the picture (float32, zero outside the field of view) of samples (samples, lines)."""
        picture = ndimage.map_coordinates(
            samples, [self._rows, self._columns], order=order, mode="nearest", output=np.float32, prefilter=order > 1
        )
        return np.asarray(picture * self.sector, np.float32)
