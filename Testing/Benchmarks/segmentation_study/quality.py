"""How well a lumen is found, against the expert's at full size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Quality:
    """One frame.

    Attributes
    ----------
    dice : float
        0 to 1; 0 where no lumen was found.
    hausdorff : float
        95th percentile of the distances between the two boundaries, the larger of both directions, pixels;
        not a number where no lumen was found.
    diameter : float
        Error of the equivalent diameter without its sign, percent of the true one; 100 where no lumen was found.
    """

    dice: float
    hausdorff: float
    diameter: float


def measure(found: Mask, truth: Mask) -> Quality:
    """Compare the lumen found with the expert's, bool arrays (H, W); the expert's is not empty."""
    if not found.any():
        return Quality(0.0, float("nan"), 100.0)
    import torch
    from monai.metrics import compute_hausdorff_distance

    box = _box(found | truth)
    pair = [torch.from_numpy(np.ascontiguousarray(mask[box]))[None, None] for mask in (found, truth)]
    distance = compute_hausdorff_distance(*pair, include_background=True, percentile=95)
    dice = 2 * float((found & truth).sum()) / float(found.sum() + truth.sum())
    diameter = 100 * abs(float(np.sqrt(found.sum() / truth.sum())) - 1)
    return Quality(dice, float(distance), diameter)


def _box(mask: Mask, margin: int = 2) -> tuple[slice, slice]:
    """Return where there is anything, with a margin: distances outside of it are not needed."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    return (
        slice(max(0, rows[0] - margin), rows[-1] + margin + 1),
        slice(max(0, columns[0] - margin), columns[-1] + margin + 1),
    )
