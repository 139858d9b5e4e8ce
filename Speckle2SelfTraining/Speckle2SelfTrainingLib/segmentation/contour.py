"""From the working grid to the frame: a contour between the pixels of the network, not along them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .candidates import Mask, Probability

SIGMA = 1.0
"""Pixels of the working grid; 0.165 mm where the size of pixels is known."""

REACH = 4
"""Pixels around a candidate that take part."""

LabelMask = NDArray[np.uint8]


def draw_mask(
    probability: Probability, candidate: Mask, frame: tuple[int, int], threshold: float, *, smooth: bool
) -> LabelMask:
    """Return the mask of a candidate at the frame's size.

    Parameters
    ----------
    probability : float32 array (h, w)
        On the working grid.
    candidate : bool array (h, w)
        Its holes are filled.
    frame : (int, int)
        Rows and columns of the frame.
    threshold : float
    smooth : bool
        Draw the contour through the map smoothed by a Gaussian, at the level that leaves the area as it is.

    Returns
    -------
    uint8 array (H, W)
        1 inside, one connected area.
    """
    near, level = _around(probability, candidate, threshold)
    rows, columns = (_Axis(part, grid, side) for part, grid, side in zip(near, candidate.shape, frame, strict=True))
    exact = rows.weights @ level @ columns.weights.T
    inside = exact >= threshold
    if smooth:
        inside = _level_of_equal_area(rows.weights @ ndimage.gaussian_filter(level, SIGMA) @ columns.weights.T, inside)
    mask = np.zeros(frame, np.uint8)
    mask[rows.place, columns.place] = _largest(inside)
    return mask


class _Axis:
    """Linear interpolation along one axis, from a part of the grid to the frame's pixels that lie in it."""

    def __init__(self, part: slice, grid: int, side: int) -> None:
        step = grid / side
        first = max(0, int(np.floor(part.start / step)))
        last = min(side, int(np.ceil(part.stop / step)))
        self.place = slice(first, last)
        length = part.stop - part.start
        position = np.clip((np.arange(first, last) + 0.5) * step - 0.5 - part.start, 0, length - 1)
        below = np.minimum(position.astype(int), max(0, length - 2))
        share = position - below
        self.weights = np.zeros((last - first, length), np.float32)
        self.weights[np.arange(last - first), below] = 1 - share
        if length > 1:
            self.weights[np.arange(last - first), below + 1] += share


def _around(probability: Probability, candidate: Mask, threshold: float) -> tuple[tuple[slice, slice], Probability]:
    """Return the part of the map around a candidate, without other candidates and without holes."""
    found = ndimage.find_objects(candidate.astype(np.int8))[0]
    near = tuple(
        slice(max(0, part.start - REACH), min(side, part.stop + REACH))
        for part, side in zip(found, candidate.shape, strict=True)
    )
    inside = candidate[near]
    level = np.where(ndimage.binary_dilation(inside), probability[near], 0)
    # Holes of the map lie inside the candidate, whose rim is above the threshold anyway.
    level = np.where(inside, np.maximum(level, threshold), np.minimum(level, np.nextafter(np.float32(threshold), 0)))
    return near, level.astype(np.float32)  # type: ignore[return-value]


def _level_of_equal_area(level: Probability, inside: Mask) -> Mask:
    area = int(np.count_nonzero(inside))
    if not 0 < area < inside.size:
        return inside
    cut = np.partition(level.ravel(), level.size - area)[level.size - area]
    same: Mask = level >= cut
    return same


def _largest(inside: Mask) -> Mask:
    labels, count = ndimage.label(inside)
    if count < 2:
        return inside
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    largest: Mask = labels == int(np.argmax(areas))
    return largest
