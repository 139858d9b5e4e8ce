"""Read one segment of a ``.seg.nrrd`` file, whole or cropped to its segments as Slicer writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files.itk import array_of, read_image
from Speckle2SelfLib.files.nrrd_header import NrrdHeader
from Speckle2SelfLib.files.sweep import Geometry

from ..labels import LUMEN_NAME
from .segment_table import Segment, extent_offset, is_segmentation, reference_size, segments_of


@dataclass(frozen=True)
class SegmentVolume:
    """One segment as a volume.

    Parameters
    ----------
    mask : uint8 array (slices, rows, columns)
        1 in the segment.
    segment : Segment
        What was chosen.
    entries : mapping of str
        Key/value pairs of the header.
    geometry : Geometry
        Position of the volume in the patient.
    offset : (int, int, int)
        Columns, rows and slices of the image that lie before the volume.
    size : (int, int, int) or None
        Columns, rows and slices of the image that was segmented, where the file says.
    """

    mask: NDArray[np.uint8]
    segment: Segment
    entries: Mapping[str, str]
    geometry: Geometry
    offset: tuple[int, int, int]
    size: tuple[int, int, int] | None


def holds_segments(path: Path) -> bool:
    """Return whether a NRRD file is a segmentation, whatever its name."""
    return is_segmentation(NrrdHeader.read(path).key_values())


def read_segment(path: Path, label: int | None, name: str | None) -> SegmentVolume:
    """Read the segment of a value or a name (or identifier), or the only one.

    Raises
    ------
    InputError
        If there is no such segment, several where none was named, or the file is damaged.
    """
    entries = NrrdHeader.read(path).key_values()
    try:
        segments, offset, size = segments_of(entries), extent_offset(entries), reference_size(entries)
    except ValueError as error:
        raise InputError(f"{path} has a header that cannot be understood ({error}); export it again.") from error
    segment = _chosen(path, segments, label, name)
    image = read_image(path, "NrrdImageIO")
    layers = _layers(path, image)
    if not 0 <= segment.layer < len(layers):
        raise InputError(f"{path} is damaged: it has no layer {segment.layer}; export it again.")
    mask = (layers[segment.layer] == segment.label).astype(np.uint8)
    return SegmentVolume(mask, segment, entries, _geometry(image), offset, size)


def _chosen(path: Path, segments: list[Segment], label: int | None, name: str | None) -> Segment:
    if not segments:
        raise InputError(f"{path} holds no segments; give a segmentation with at least one.")
    found = [
        segment
        for segment in segments
        if (label is None or segment.label == label) and (name is None or name in (segment.name, segment.identifier))
    ]
    asked = " and ".join([f"label {label}"] * (label is not None) + [f"name {name!r}"] * (name is not None))
    shown = ", ".join(f"{segment.name!r} (label {segment.label})" for segment in segments)
    if not found:
        raise InputError(f"{path} has no segment of {asked}; its segments are {shown}: give one of them.")
    lumen = [segment for segment in found if segment.name == LUMEN_NAME]
    if len(found) > 1 and len(lumen) != 1:
        raise InputError(f"{path} holds the segments {shown}; say by its name which of them is meant.")
    return lumen[0] if len(lumen) == 1 else found[0]


def _layers(path: Path, image: Any) -> list[NDArray[Any]]:
    """Return every layer as (slices, rows, columns)."""
    pixels = array_of(image)
    dimension, count = image.GetDimension(), image.GetNumberOfComponentsPerPixel()
    if dimension not in (2, 3):
        raise InputError(
            f"{path} has {dimension} dimensions in space; a segmentation has 3: open it in Slicer and save."
        )
    layered = pixels if count > 1 else pixels[..., np.newaxis]
    volume = layered if dimension == 3 else layered[np.newaxis]
    return [volume[..., layer] for layer in range(count)]


def _geometry(image: Any) -> Geometry:
    dimension = image.GetDimension()
    directions, spacing, origin = np.eye(3), np.ones(3), np.zeros(3)
    directions[:dimension, :dimension] = np.reshape(image.GetDirection(), (dimension, dimension))
    spacing[:dimension], origin[:dimension] = image.GetSpacing(), image.GetOrigin()
    along = tuple(tuple(float(value) for value in axis) for axis in directions.T)
    return Geometry(_three(spacing), _three(origin), along)


def _three(values: NDArray[Any]) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in values)
    return first, second, third
