"""The surroundings of an area: as wide as half of its radius."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Box = tuple[slice, slice]

WIDTH = 0.5
"""In radii of the area's circle."""


def surroundings(mask: Mask) -> tuple[Box, Mask]:
    """Return a box around an area and, within it, the pixels close to the area but not of it.

    Parameters
    ----------
    mask : bool array (H, W)
        Not empty.

    Returns
    -------
    box : (slice, slice)
    around : bool array of the box's shape
    """
    reach = max(2, round(WIDTH * np.sqrt(np.count_nonzero(mask) / np.pi)))
    box = box_around(mask, reach)
    inside = mask[box]
    return box, np.asarray((ndimage.distance_transform_edt(~inside) <= reach) & ~inside)


def box_around(mask: Mask, margin: int) -> Box:
    """Return the box of an area that is not empty, wider by a margin to every side where the grid goes on."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )
