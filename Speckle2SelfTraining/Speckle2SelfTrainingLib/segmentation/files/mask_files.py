"""Which files of a folder are masks of which images."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from Speckle2SelfLib.files.registry import SUFFIXES, suffix_of

MASK_ENDINGS = tuple(mark + word for mark in "_-" for word in ("mask", "label", "labels"))
SEGMENTATION_ENDING = ".seg"
INNER_SUFFIXES = (SEGMENTATION_ENDING, ".seq", ".igs")


def stem_of(path: Path) -> str:
    """Return a name without what says its format (``.png``, ``.nii.gz``, ``.seq.nrrd``); other dots belong to it."""
    suffix = suffix_of(path)
    stem = path.name[: len(path.name) - len(suffix)] if suffix in SUFFIXES else path.name
    inner = Path(stem).suffix
    return stem.removesuffix(inner) if inner.lower() in INNER_SUFFIXES else stem


def is_mask(path: Path) -> bool:
    """Return whether a file is called like labels: ``NAME_mask.png``, ``NAME-label.nrrd``, ``NAME.seg.nrrd``."""
    suffixes = [suffix.lower() for suffix in path.suffixes[:-1]]
    return stem_of(path).lower().endswith(MASK_ENDINGS) or SEGMENTATION_ENDING in suffixes


def mask_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files called like masks, or all where none is."""
    paths = list(paths)
    return [path for path in paths if is_mask(path)] or paths


def image_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files that are not called like masks, or all where every one is."""
    paths = list(paths)
    return [path for path in paths if not is_mask(path)] or paths
