"""What the ultrasound regions of a DICOM object say: pixel spacing, and which pixels are B-mode.

Source: DICOM PS3.3, C.8.5.5 US Region Calibration Module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from .pixels import Array

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

TWO_DIMENSIONAL = 1  # region spatial format; 2 is M-mode, 3 spectral, 4 wave form, 5 graphics
TISSUE_AND_COLOR = (0, 1, 2)  # region data type: none stated, tissue, color flow
CENTIMETERS = 3
MILLIMETERS_PER_CENTIMETER = 10.0


@dataclass(frozen=True)
class Region:
    """One ultrasound region, in pixels; the bounds belong to it."""

    left: int
    top: int
    right: int
    bottom: int
    is_bmode: bool
    is_known: bool
    spacing: tuple[float, float] | None

    def slices(self, rows: int, columns: int) -> tuple[slice, slice]:
        """Return the part of the region that lies in the image."""
        vertical = slice(max(self.top, 0), max(min(self.bottom + 1, rows), 0))
        return vertical, slice(max(self.left, 0), max(min(self.right + 1, columns), 0))


def read_regions(dataset: Dataset) -> list[Region]:
    """Return the ultrasound regions of a dataset that state where they are."""
    regions = []
    for item in dataset.get("SequenceOfUltrasoundRegions") or []:
        bounds = [item.get(f"RegionLocation{name}") for name in ("MinX0", "MinY0", "MaxX1", "MaxY1")]
        if any(bound is None for bound in bounds):
            continue
        left, top, right, bottom = (int(bound) for bound in bounds if bound is not None)
        spatial, data = int(item.get("RegionSpatialFormat") or 0), int(item.get("RegionDataType") or 0)
        is_bmode = spatial == TWO_DIMENSIONAL and data in TISSUE_AND_COLOR
        regions.append(Region(left, top, right, bottom, is_bmode, spatial != 0, _spacing(item)))
    return regions


def _spacing(item: Dataset) -> tuple[float, float] | None:
    units = (item.get("PhysicalUnitsYDirection"), item.get("PhysicalUnitsXDirection"))
    deltas = [abs(float(item.get(f"PhysicalDelta{axis}") or 0)) for axis in "YX"]
    if units != (CENTIMETERS, CENTIMETERS) or min(deltas) == 0:
        return None
    row, column = (round(delta * MILLIMETERS_PER_CENTIMETER, 12) for delta in deltas)
    return row, column


def pixel_spacing(dataset: Dataset, regions: list[Region]) -> tuple[float, float] | None:
    """Return (row, column) in mm: the largest B-mode region's, else a spacing stated for the image, else None."""
    calibrated = [region for region in regions if region.is_bmode and region.spacing]
    if calibrated:
        return max(calibrated, key=lambda r: (r.right - r.left) * (r.bottom - r.top)).spacing
    for name in ("PixelSpacing", "NominalScannedPixelSpacing"):
        values = dataset.get(name)
        if values is not None and len(values) == 2 and min(float(value) for value in values) > 0:
            return float(values[0]), float(values[1])
    return None


def kept_pixels(name: str, regions: list[Region], rows: int, columns: int, notes: list[str]) -> Array | None:
    """Return the pixels that must come out unchanged: everything but the B-mode regions.

    Parameters
    ----------
    name : str
        The file, for messages.
    regions : list of Region
        What :func:`read_regions` found.
    rows, columns : int
        Size of the image.
    notes : list of str
        Takes a sentence where regions cannot be used.

    Returns
    -------
    (rows, columns) bool array or None
        None where the file says nothing that can be used.

    Raises
    ------
    InputError
        If there are regions and none of them is B-mode.
    """
    known = [region for region in regions if region.is_known]
    bmode = [region for region in known if region.is_bmode]
    if not known:
        return None
    if not bmode:
        raise InputError(
            f"{name} holds no B-mode region, only M-mode, spectral or other ones; give an object with a 2D image."
        )
    if any(region.right > columns and region.bottom > rows for region in bmode):
        notes.append(
            "The ultrasound regions do not fit the image, which must have been scaled down; "
            "the B-mode area is found from the pixels instead, and the stated spacing may be too small."
        )
        return None
    keep = np.ones((rows, columns), bool)
    for region in bmode:
        keep[region.slices(rows, columns)] = False
    for region in known:
        if not region.is_bmode:
            keep[region.slices(rows, columns)] = True
    if keep.all():
        notes.append("The B-mode regions lie outside the image; the B-mode area is found from the pixels instead.")
        return None
    return keep
