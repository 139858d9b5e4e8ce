"""The size of one lumen, from its mask."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .checks import Spacing, binary_mask, checked_confidence, checked_spacing
from .plausibility import doubts_about
from .region import Box, largest_region

MILLIMETERS, PIXELS = "mm", "px"


@dataclass(frozen=True)
class LumenMeasures:
    """What one mask measures.

    Attributes
    ----------
    found : bool
        Whether the mask holds anything; without, every length and place is nan.
    unit : {"mm", "px"}
        Unit of the lengths: mm where the pixel size is known, else pixels.
    area : float
        Of the largest connected region, holes left out, in square units: number of pixels times their area. For discs
        of 20 to 250 pixels across at random places it is right on average (within 0.02 %); one disc of 20, 50, 100
        pixels is wrong by a standard deviation of 0.6, 0.2, 0.06 %, its diameter by half of that.
    equivalent_diameter : float
        Diameter of the circle of that area.
    minor_axis, major_axis : float
        Full axes of the ellipse with the region's second moments; every pixel counts as a rectangle (its own second
        moment, 1/12 of the squared side, is added), so that even one pixel has a size. For discs of 20, 50, 100 pixels
        across the minor axis is 0.3, 0.15, 0.04 % too short on average and the major axis 0.7, 0.2, 0.06 % too long.
    center_row, center_column : float
        Center of gravity in pixels, 0 at the center of the first pixel, whatever the unit.
    confidence : float
        0 to 1; nan where nobody stated one.
    regions : int
        Connected regions of the mask; the largest one is measured.
    doubts : tuple of str
        Why the measures may not be those of a whole lumen seen across; empty where nothing speaks against it.
    """

    found: bool
    unit: str
    area: float = math.nan
    equivalent_diameter: float = math.nan
    minor_axis: float = math.nan
    major_axis: float = math.nan
    center_row: float = math.nan
    center_column: float = math.nan
    confidence: float = math.nan
    regions: int = 0
    doubts: tuple[str, ...] = ()

    @property
    def plausible(self) -> bool:
        """Whether a lumen was found that nothing speaks against."""
        return self.found and not self.doubts


def measure_mask(
    mask: Any, spacing: Sequence[float] | float | None = None, confidence: float | None = None
) -> LumenMeasures:
    """Measure the lumen of one frame.

    Parameters
    ----------
    mask : array (H, W)
        Truth values, whole numbers 0 and 1, or a probability from 0 to 1 (floating point), whose 0.5 contour counts.
    spacing : (float, float) or float, optional
        Pixel size (row, column) in mm; None measures in pixels and says so. Pixels need not be square; where their size
        is not known they are taken as square.
    confidence : float, optional
        0 to 1, of whatever made the mask; passed on.

    Returns
    -------
    LumenMeasures
        With ``found`` False for an empty mask.

    Raises
    ------
    InputError
        If the mask holds other values, or the size or confidence is none.
    """
    pixel_size = checked_spacing(spacing)
    stated = checked_confidence(confidence)
    unit = PIXELS if pixel_size is None else MILLIMETERS
    samples, finer = binary_mask(mask)
    box, regions, filled = largest_region(samples)
    if box is None:
        return LumenMeasures(False, unit, confidence=stated)
    rows, columns = pixel_size or (1.0, 1.0)
    measures = _measure(box, (rows / finer, columns / finer))
    row, column = ((value + 0.5) / finer - 0.5 for value in box.center)
    doubts = doubts_about(
        unit, measures[1], measures[2:], cut=box.touches(samples.shape), filled=filled, others=box.others
    )
    return LumenMeasures(True, unit, *measures, row, column, stated, regions, doubts)


def _measure(box: Box, step: Spacing) -> tuple[float, float, float, float]:
    """Return area, equivalent diameter, minor and major axis; ``step`` is the size of a sample."""
    area = box.count * step[0] * step[1]
    variance = box.covariance * np.outer(step, step)
    smaller, larger = np.linalg.eigvalsh(variance)
    return (
        float(area),
        math.sqrt(4 * area / math.pi),
        4 * math.sqrt(max(smaller, 0.0)),
        4 * math.sqrt(max(larger, 0.0)),
    )
