"""Which files of a folder are masks of which images."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

MASK_ENDINGS = tuple(mark + word for mark in "_-" for word in ("mask", "label", "labels"))
SEGMENTATION_ENDING = ".seg"


def is_mask(path: Path) -> bool:
    """Return whether a file is called like labels: ``NAME_mask.png``, ``NAME-label.nrrd``, ``NAME.seg.nrrd``."""
    stem = path.name.partition(".")[0].lower()
    return stem.endswith(MASK_ENDINGS) or SEGMENTATION_ENDING in (suffix.lower() for suffix in path.suffixes[:-1])


def mask_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files called like masks, or all where none is."""
    paths = list(paths)
    return [path for path in paths if is_mask(path)] or paths


def image_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files that are not called like masks, or all where every one is."""
    paths = list(paths)
    return [path for path in paths if not is_mask(path)] or paths
