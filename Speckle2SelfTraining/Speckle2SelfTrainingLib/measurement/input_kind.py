"""Whether a file holds labels or pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from Speckle2SelfLib.errors import InputError

if TYPE_CHECKING:
    from Speckle2SelfLib.files import Sweep

Kind = Literal["labels", "pictures"]

LABEL_LEVELS = 8  # a label map has so few values; an ultrasound frame has many more
PICTURE_LEVELS = 33
SAMPLED = 9  # frames


def named_as_labels(path: Path) -> bool:
    """Return whether a file is a segmentation by its header, or it or files of the folder are called like masks."""
    from Speckle2SelfLib.files.folder import list_sweeps
    from Speckle2SelfLib.files.registry import format_of

    from ..segmentation.files.mask_files import is_mask
    from ..segmentation.files.segmentation_reading import holds_segments

    if path.is_dir():
        return any(is_mask(entry.path) for entry in list_sweeps(path) if entry.path.parent == path)
    return is_mask(path) or (format_of(path) == "NRRD" and holds_segments(path))


def kind_of_frames(sweep: Sweep) -> Kind:
    """Tell labels from pictures by their values: labels are a few whole numbers, with 0 for the background.

    Parameters
    ----------
    sweep : Sweep
        Up to nine of its frames are looked at.

    Raises
    ------
    InputError
        If it could be either.
    """
    values: set[float] = set()
    for index in np.unique(np.linspace(0, len(sweep) - 1, SAMPLED).astype(int)):
        values.update(np.unique(np.asarray(sweep.frames[int(index)])).tolist())
        if len(values) >= PICTURE_LEVELS:
            return "pictures"
    whole = all(np.isfinite(value) and value == int(value) for value in values)
    if whole and len(values) <= LABEL_LEVELS and 0 in values:
        return "labels"
    raise InputError(
        f"{sweep.path.name} could be a label map or pictures ({len(values)} different values): "
        "say which with --input-kind labels or --input-kind pictures."
    )
