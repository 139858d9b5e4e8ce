"""How sure the network is of a contour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .surroundings import surroundings


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
    box, around = surroundings(mask)
    if others is not None:
        around &= ~others[box]
    shared = float(probability[mask].sum())
    return min(1.0, shared / (area + float(probability[box][around].sum())))
