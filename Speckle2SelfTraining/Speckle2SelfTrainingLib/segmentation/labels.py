"""What the label means: its value, its name and its terms."""

from __future__ import annotations

LUMEN = 1
"""Value of the lumen in masks and label maps; 0 is everything else."""

IGNORE = 255
"""Value of pixels in masks of which nobody has said what they are."""

LUMEN_NAME = "Common carotid artery lumen"

LUMEN_TERMINOLOGY = {
    "category": ("SCT", "123037004", "Anatomical Structure"),
    "type": ("SCT", "32062004", "Common carotid artery"),
}
"""Coding scheme, code and meaning, as terminologies of segmentations name them.

Source: the terminologies of 3D Slicer, which name SNOMED CT's "Body structure" so; 32062004 is SNOMED CT's "Common
carotid artery structure".
"""
