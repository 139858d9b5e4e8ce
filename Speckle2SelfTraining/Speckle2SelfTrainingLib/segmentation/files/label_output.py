"""Which file a segmented sweep goes to, and what it can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from Speckle2SelfLib.errors import OutputError, SettingsError
from Speckle2SelfLib.files.metaimage_reading import MetaImageSource
from Speckle2SelfLib.files.nifti import NiftiSource
from Speckle2SelfLib.files.nrrd_reading import NrrdSource
from Speckle2SelfLib.files.pixels import check_indices
from Speckle2SelfLib.files.registry import SUFFIXES, suffix_of
from Speckle2SelfLib.files.sweep import Sweep, SweepWriter

from ..labels import LUMEN
from .segmentation_writing import SegmentationWriter
from .slicer_geometry import geometry_in_slicer

SEGMENTATION_SUFFIXES = (".seg.nrrd", ".seg.nhdr")
LABEL_FORMATS = ("NRRD", "MetaImage", "NIfTI", "PNG", "TIFF")
LABEL_SUFFIXES = (".seg.nrrd", *(suffix for suffix, name in SUFFIXES.items() if name in LABEL_FORMATS))
SEQUENCE_SUFFIXES = ".seq.nrrd, .igs.nrrd or .igs.mha"
LARGEST_LABEL = 255


def label_writer(
    sweep: Sweep, path: Path, indices: Sequence[int], provenance: dict[str, str], label: int = LUMEN
) -> SweepWriter:
    """Return a writer for one uint8 mask per frame of a sweep, of values 0 and ``label``.

    Label maps have the geometry of the input, sequences keep its transforms and times; the suffix decides the format.

    Raises
    ------
    OutputError
        If the place cannot be written, or the format cannot hold label maps, or not of this sweep.
    """
    if suffix_of(path) not in LABEL_SUFFIXES:
        shown = f"a {suffix_of(path)} file" if suffix_of(path) else "a file without suffix"
        raise OutputError(f"{path} cannot be written: {shown} holds no label map; use {', '.join(LABEL_SUFFIXES)}.")
    labels = label_map_like(sweep)
    if not is_segmentation_path(path):
        return labels.writer(path, indices, np.uint8, provenance)
    if is_image_sequence(sweep):
        raise OutputError(
            f"{path} cannot hold {sweep.path.name}: a .seg.nrrd file is one volume without times and transforms of "
            f"frames; write a sequence of label maps to {SEQUENCE_SUFFIXES}."
        )
    placed = replace(labels, geometry=geometry_in_slicer(sweep))
    return SegmentationWriter(placed, path, check_indices(indices, len(sweep)), provenance, label)


def is_segmentation_path(path: Path) -> bool:
    """Return whether a file of this name is a segmentation of Slicer."""
    return path.name.lower().endswith(SEGMENTATION_SUFFIXES)


def is_image_sequence(sweep: Sweep) -> bool:
    """Return whether Slicer opens a sweep as a sequence of images, and not as a volume."""
    volume_in_slicer = sweep.format_name == "TIFF" or sweep.format_name.startswith("stack")
    return sweep.sequence and not volume_in_slicer


def label_map_like(sweep: Sweep) -> Sweep:
    """Return a sweep of gray frames with the size, geometry, times and transforms of another one."""
    keeps_header = not sweep.color and isinstance(sweep.source, NrrdSource | MetaImageSource | NiftiSource)
    return replace(
        sweep,
        color=False,
        frame_shape=sweep.frame_shape[:2],
        dtype=np.dtype(np.uint8),
        keep=None,
        source=sweep.source if keeps_header else None,
    )


def check_label(label: int) -> int:
    """Return the value of the lumen in label maps, refusing what no mask can hold."""
    if not 1 <= label <= LARGEST_LABEL:
        raise SettingsError(f"--label must be a whole number from 1 to {LARGEST_LABEL}, got {label}.")
    return label
