"""The largest connected region of a mask, and its moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .checks import Mask

EIGHT_NEIGHBORS = np.ones((3, 3), bool)


@dataclass(frozen=True)
class Box:
    """A region, cut out of its mask.

    Attributes
    ----------
    region : bool array
    top, left : int
        Where it was cut out.
    others : float
        Size of the second largest region as a share of this one.
    """

    region: Mask
    top: int
    left: int
    others: float = 0.0

    @property
    def count(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.region))

    @property
    def center(self) -> tuple[float, float]:
        """Row and column of the center of gravity in the mask."""
        rows, columns = self._profiles
        return self.top + _mean(rows), self.left + _mean(columns)

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Second moments about the center (rows, columns), in square pixels; pixels count as squares."""
        rows, columns = self._profiles
        down = np.arange(rows.size) - _mean(rows)
        across = np.arange(columns.size) - _mean(columns)
        mixed = float(down @ (self.region @ across)) / self.count
        variances = [
            float(np.square(place) @ profile) / self.count for place, profile in ((down, rows), (across, columns))
        ]
        return np.array([[variances[0] + 1 / 12, mixed], [mixed, variances[1] + 1 / 12]])

    @property
    def _profiles(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.region.sum(1, dtype=np.float64), self.region.sum(0, dtype=np.float64)

    def touches(self, shape: tuple[int, ...]) -> bool:
        """Whether the region reaches a border of a mask of this shape."""
        bottom, right = self.top + self.region.shape[0], self.left + self.region.shape[1]
        return self.top == 0 or self.left == 0 or bottom == shape[0] or right == shape[1]


def largest_region(mask: Mask) -> tuple[Box | None, int, float]:
    """Return the largest region, the number of regions, and the share of holes in the filled region.

    Pixels that touch at a corner belong together. Of two regions of one size the upper one is taken.
    """
    from scipy import ndimage

    outer = _box(mask)
    if outer is None:
        return None, 0, 0.0
    labels, count = ndimage.label(outer.region, EIGHT_NEIGHBORS)
    sizes = np.bincount(labels.ravel())[1:]
    largest = int(np.argmax(sizes))
    inner = _box(labels == largest + 1)
    if inner is None:
        raise RuntimeError("a labelled region has no pixels")
    others = float(np.delete(sizes, largest).max(initial=0) / sizes[largest])
    filled = int(np.count_nonzero(ndimage.binary_fill_holes(inner.region)))
    box = Box(inner.region, outer.top + inner.top, outer.left + inner.left, others)
    return box, count, 1 - box.count / filled


def _box(mask: Mask) -> Box | None:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if rows.size == 0:
        return None
    return Box(mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], int(rows[0]), int(columns[0]))


def _mean(profile: NDArray[np.float64]) -> float:
    return float(np.arange(profile.size) @ profile / profile.sum())
