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
    from Speckle2SelfTrainingLib.segmentation.training.agreement import compare_masks

    dice, distance, diameter = compare_masks(found.astype(np.uint8), truth.astype(np.uint8))
    return Quality(dice, distance, abs(diameter))
