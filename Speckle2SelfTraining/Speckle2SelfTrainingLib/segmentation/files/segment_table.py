"""What the header of a ``.seg.nrrd`` file says about its segments.

The names are those of Slicer's ``Libs/MRML/Core/vtkMRMLSegmentationStorageNode.cxx``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OFFSET_KEY = "Segmentation_ReferenceImageExtentOffset"
CONVERSION_KEY = "Segmentation_ConversionParameters"
REFERENCE_GEOMETRY = "Reference image geometry"


@dataclass(frozen=True)
class Segment:
    """One segment: where its pixels are found, and what it is called."""

    identifier: str
    name: str
    label: int
    layer: int


def is_segmentation(entries: Mapping[str, str]) -> bool:
    """Return whether the key/value pairs of a NRRD header are those of a segmentation."""
    return "Segment0_ID" in entries or OFFSET_KEY in entries


def segments_of(entries: Mapping[str, str]) -> list[Segment]:
    """Return the segments in the order of the file; files of Slicer before 4.11 have one layer for each of them."""
    found: list[Segment] = []
    while (identifier := entries.get(f"Segment{len(found)}_ID")) is not None:
        number = len(found)
        name = entries.get(f"Segment{number}_Name", identifier)
        label, layer = (entries.get(f"Segment{number}_{key}") for key in ("LabelValue", "Layer"))
        found.append(Segment(identifier, name, int(label or 1), number if layer is None else int(layer)))
    return found


def extent_offset(entries: Mapping[str, str]) -> tuple[int, int, int]:
    """Return how many columns, rows and slices of the reference image lie before the first voxel of the file."""
    words = entries.get(OFFSET_KEY, "0 0 0").split()
    column, row, piece = (int(word) for word in words)
    return column, row, piece


def reference_size(entries: Mapping[str, str]) -> tuple[int, int, int] | None:
    """Return columns, rows and slices of the image that was segmented; None where the file does not say."""
    for parameter in entries.get(CONVERSION_KEY, "").split("&"):
        name, _, rest = parameter.partition("|")
        if name == REFERENCE_GEOMETRY:
            numbers = rest.partition("|")[0].strip(";").split(";")
            bounds = [int(float(number)) for number in numbers[16:22]]
            if len(bounds) == 6 and bounds[0::2] == [0, 0, 0] and min(bounds[1::2]) >= 0:
                return bounds[1] + 1, bounds[3] + 1, bounds[5] + 1
    return None
