"""How sure the network is of a contour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

SURROUNDINGS = 0.5
"""Width of the surroundings that count, in radii of the area."""


def expected_overlap(
    probability: NDArray[np.float32], mask: NDArray[np.bool_], others: NDArray[np.bool_] | None = None
) -> float:
    """Return the overlap with the truth that the network itself expects of an area.

    Its intersection with the truth is expected to be the sum of the probability inside, their union the area and the
    sum of the probability around it. So hesitation inside and blurred boundaries both count: 1 is an area that is
    certain up to a sharp boundary, 0.5 one whose pixels are lumen with a chance of one half.

    Parameters
    ----------
    probability : float32 array (H, W)
        0..1.
    mask : bool array (H, W)
    others : bool array (H, W), optional
        Areas that are candidates of their own and do not count.

    Returns
    -------
    float
        0..1; 0 for an empty area.
    """
    area = int(np.count_nonzero(mask))
    if not area:
        return 0.0
    box = _box(mask, max(2, round(SURROUNDINGS * np.sqrt(area / np.pi))))
    inside, chance = mask[box], probability[box]
    reach = max(2, round(SURROUNDINGS * np.sqrt(area / np.pi)))
    around = ndimage.distance_transform_edt(~inside) <= reach
    around &= ~inside
    if others is not None:
        around &= ~others[box]
    shared = float(chance[inside].sum())
    return min(1.0, shared / (area + float(chance[around].sum())))


def _box(mask: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return tuple(  # type: ignore[return-value]
        slice(max(0, int(line[0]) - margin), min(side, int(line[-1]) + 1 + margin))
        for line, side in zip((rows, columns), mask.shape, strict=True)
    )
