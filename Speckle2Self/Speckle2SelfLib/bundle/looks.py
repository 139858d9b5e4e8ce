"""Whether a file or folder looks like a model, told from its outside; imports no torch and reads no weights."""

from __future__ import annotations

import zipfile
from pathlib import Path

from .kinds import DESPECKLING, kind_of, parsed_metadata

CHECKPOINT_SUFFIXES = (".pth", ".pt")
PICKLE = b"\x80"
"""First byte of the checkpoints that PyTorch wrote before it wrote zip files."""


def looks_like_model(place: Path, kind: str = DESPECKLING) -> bool:
    """Say whether a bundle folder, a bundle ``.zip`` or a checkpoint may be a model of a kind; weights are not read.

    Parameters
    ----------
    place : Path
        Need not exist.
    kind : {"despeckling", "segmentation"}
        Checkpoints, which have no metadata, remove speckle.
    """
    try:
        if place.is_file() and place.suffix.lower() in CHECKPOINT_SUFFIXES:
            return kind == DESPECKLING and _is_checkpoint(place)
        metadata = parsed_metadata(place)
    except OSError:
        return False
    return isinstance(metadata, dict) and kind_of(metadata) == kind


def _is_checkpoint(place: Path) -> bool:
    with place.open("rb") as file:
        return file.read(1) == PICKLE or zipfile.is_zipfile(file)
