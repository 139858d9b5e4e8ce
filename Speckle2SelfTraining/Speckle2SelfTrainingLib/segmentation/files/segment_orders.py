"""Which files of a folder are segmented, and what their label maps are called.

Names follow from what the folder holds alone, not from what was segmented before: a command that goes on where another
one stopped finds the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from Speckle2SelfLib.archive.order import Archive, FileOrder
from Speckle2SelfLib.files.folder import iter_sweeps, names_of_sweeps, natural_key
from Speckle2SelfLib.files.registry import SUFFIXES, suffix_of
from Speckle2SelfLib.files.sweep import Sweep

from .label_output import LABEL_FORMATS, SEQUENCE_SUFFIXES, is_image_sequence
from .mask_files import is_mask, stem_of

FOLDERS_REMEMBERED = 32  # files come folder by folder
SEQUENCE_SUFFIX = SEQUENCE_SUFFIXES.partition(",")[0]
MARK = "-lumen"  # of a name that would be another file's otherwise


def segment_orders(archive: Archive, suffix: str | None) -> Iterator[FileOrder]:
    """Yield an order for every file that is not called like a mask, or for all where every one is.

    Parameters
    ----------
    archive : Archive
    suffix : str, optional
        What to write of every file; left out, its format decides.
    """
    source = archive.source
    only_images = any(not is_mask(entry.path) for entry in iter_sweeps(source))
    names_of = lru_cache(FOLDERS_REMEMBERED)(_Names)
    for entry in iter_sweeps(source):
        if not (only_images and is_mask(entry.path)):
            name = names_of(entry.path.parent, suffix, only_images).of(entry.path.name)
            yield FileOrder(archive, entry.path, entry.path.relative_to(source).with_name(name))


def label_map_name(name: Path, sweep: Sweep, suffix: str | None) -> Path:
    """Return the whole name of a label map whose ``FileOrder.output_name`` is `name`."""
    if suffix is None and _holds_labels(sweep.path):
        return name
    return name.with_name(name.name + (suffix or _replacement(sweep)))


class _Names:
    """What the label maps of one folder are called."""

    def __init__(self, folder: Path, suffix: str | None, only_images: bool) -> None:
        names = [name for name in names_of_sweeps(folder) if not (only_images and is_mask(Path(name)))]
        names.sort(key=natural_key)
        self._suffix = suffix
        self._kept = {stem_of(Path(name)) for name in names if self._keeps_its_name(name)}
        self._first: dict[str, str] = {}
        for name in names:
            self._first.setdefault(_stem(name), name)

    def of(self, name: str) -> str:
        """Return the whole name where the file's format holds label maps, else one without its suffix."""
        stem = _stem(name)
        if self._keeps_its_name(name) or (stem not in self._kept and self._first.get(stem, name) == name):
            return name if self._keeps_its_name(name) else stem
        whole = name
        while whole in self._kept or whole in self._first:
            whole += MARK
        return whole

    def _keeps_its_name(self, name: str) -> bool:
        return self._suffix is None and _holds_labels(Path(name))


def _stem(name: str) -> str:
    own = suffix_of(Path(name))
    return name[: len(name) - len(own)] if own in SUFFIXES else name


def _holds_labels(path: Path) -> bool:
    return SUFFIXES.get(suffix_of(path)) in LABEL_FORMATS


def _replacement(sweep: Sweep) -> str:
    """Return what holds the label map of a file whose own format cannot."""
    if is_image_sequence(sweep) and len(sweep) > 1:
        return SEQUENCE_SUFFIX
    return ".png" if sweep.format_name == "JPEG" else ".nrrd"
