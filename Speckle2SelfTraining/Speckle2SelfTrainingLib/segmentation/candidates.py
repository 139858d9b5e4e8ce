"""What on a probability map might be a lumen: connected areas of plausible size, each with its confidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .confidence import expected_overlap
from .picture import is_enclosed

Probability = NDArray[np.float32]
Mask = NDArray[np.bool_]

SMALLEST_AREA, LARGEST_AREA = 5.0, 400.0
"""mm2: a lumen 2.5 mm wide, narrower than any common carotid that is open, and an aneurysm 22 mm wide."""

SMALLEST_SHARE, LARGEST_SHARE = 0.0004, 0.5
"""Of the frame, where the size of pixels is unknown: a carotid in the deepest and in the most magnified picture."""


@dataclass(frozen=True)
class Candidate:
    """A connected area that might be a lumen.

    Attributes
    ----------
    mask : bool array (H, W)
        On the grid of the probability map; holes are filled.
    weight : float
        Sum of the probability over it.
    confidence : float
        See :func:`~.confidence.expected_overlap`.
    """

    mask: Mask
    weight: float
    confidence: float


def find_candidates(
    probability: Probability, threshold: float, areas: tuple[float, float], picture: Mask | None = None
) -> list[Candidate]:
    """Return the candidates of a frame, the heaviest first.

    Parameters
    ----------
    probability : float32 array (H, W)
    threshold : float
    areas : (float, float)
        Smallest and largest plausible area, pixels.
    picture : bool array (H, W), optional
        Where the ultrasound picture is.
    """
    above = probability >= threshold
    if not above.any():
        return []
    from skimage.measure import label, regionprops

    labels = label(above, connectivity=1)
    found = []
    for region in regionprops(labels):
        if region.area_filled < areas[0] or region.area > areas[1]:
            continue
        mask = np.zeros(above.shape, bool)
        mask[region.slice] = region.image_filled
        if np.count_nonzero(mask) > areas[1] or not is_enclosed(mask, picture):
            continue
        others = above & (labels != region.label) & ~mask
        weight = float(probability[mask].sum())
        found.append(Candidate(mask, weight, expected_overlap(probability, mask, others)))
    return sorted(found, key=lambda candidate: -candidate.weight)


def plausible_areas(
    frame: tuple[int, int], working: tuple[int, int], spacing: tuple[float, float] | None
) -> tuple[float, float]:
    """Return the smallest and largest plausible area in pixels of the working grid.

    Parameters
    ----------
    frame, working : (int, int)
        Rows and columns of the frame, and of its probability map.
    spacing : (float, float) or None
        Millimeters per row and column of the frame.
    """
    pixels = working[0] * working[1]
    if spacing is None:
        return SMALLEST_SHARE * pixels, LARGEST_SHARE * pixels
    one = frame[0] * spacing[0] * frame[1] * spacing[1] / pixels  # mm2
    return SMALLEST_AREA / one, min(LARGEST_AREA / one, 0.9 * pixels)
