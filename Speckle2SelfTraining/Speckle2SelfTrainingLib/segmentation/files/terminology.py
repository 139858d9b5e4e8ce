"""What Slicer calls the segment: its terms and its color.

Slicer's list ``Modules/Loadable/Terminologies/Resources/SegmentationCategoryTypeModifier-DICOM-Master.json`` holds the
common carotid artery (SNOMED CT 32062004) under the category "Anatomical Structure", to which it gives the code
123037004 (DICOM itself: 91723000), without a color of its own; the color is that of the type "Artery". The string has
the form of ``vtkSlicerTerminologiesModuleLogic::SerializeTerminologyEntry``.
"""

from __future__ import annotations

from ..labels import LUMEN_TERMINOLOGY

CONTEXT = "Segmentation category and type - DICOM master list"
REGION_CONTEXT = "Anatomic codes - DICOM master list"
CATEGORY = ("SCT", "123037004", "Anatomical Structure")
NO_CODE = "^^"
TAG = "TerminologyEntry"

LUMEN_COLOR = (216 / 255, 101 / 255, 79 / 255)
"""Red, green and blue, 0 to 1."""


def terminology_entry() -> str:
    """Return the terms of the lumen as Slicer's segments hold them in the tag ``TerminologyEntry``."""
    codes = [CATEGORY, LUMEN_TERMINOLOGY["type"]]
    return "~".join([CONTEXT, *("^".join(code) for code in codes), NO_CODE, REGION_CONTEXT, NO_CODE, NO_CODE])
