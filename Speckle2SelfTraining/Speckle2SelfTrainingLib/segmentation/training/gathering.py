"""Labelled frames from what is given on a command line: folders, sweeps, images with labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import list_sweeps

from ..files.mask_files import is_mask
from .pairing import MASK_NAMES, is_picture, labels_beside
from .sources import LabelledSource


def gather_labelled(
    inputs: Iterable[str | Path], *, label: int | None = None, segment: str | None = None
) -> list[LabelledSource]:
    """Open everything that was given.

    Parameters
    ----------
    inputs : iterable of str or path
        Each a folder (its subfolders are the subjects), a sweep with labels beside it, or ``[SUBJECT:]IMAGES=LABELS``.
    label : int, optional
        Value of the lumen.
    segment : str, optional
        Name of the lumen's segment in ``.seg.nrrd`` files.

    Raises
    ------
    InputError
        If something does not exist, has no labels or does not fit.
    """
    sources: list[LabelledSource] = []
    for given in inputs:
        subject, images, labels = _parsed(str(given))
        if images.is_dir() and labels is None:
            sources += _from_tree(images, subject, label, segment)
        else:
            sources.append(LabelledSource.from_files(images, labels, subject=subject, label=label, segment=segment))
    return sources


def gather_negatives(inputs: Iterable[str | Path]) -> list[LabelledSource]:
    """Open frames that show no lumen: files, and folders with images and sweeps, whose subfolders are the subjects.

    Raises
    ------
    InputError
        If something does not exist or cannot be read.
    """
    sources: list[LabelledSource] = []
    for given in (Path(one) for one in inputs):
        if not given.is_dir():
            sources.append(LabelledSource.without_lumen(given))
            continue
        files = [entry.path for entry in list_sweeps(given) if not is_mask(entry.path)]
        folders = dict.fromkeys(path.parent for path in files if is_picture(path))
        owners = {folder: _subject(given, folder) for folder in folders}
        owners |= {path: _subject(given, path.parent) for path in files if not is_picture(path)}
        sources += [
            LabelledSource.without_lumen(place, subject=f"without lumen: {owner}") for place, owner in owners.items()
        ]
    return sources


def _parsed(given: str) -> tuple[str | None, Path, Path | None]:
    """Return subject, images and labels of ``[SUBJECT:]IMAGES[=LABELS]``; a file of that very name comes first."""
    if Path(given).exists():
        return None, Path(given), None
    before, colon, after = given.partition(":")
    # One letter before a colon is a drive.
    subject = before if colon and len(before) > 1 and "=" not in before else None
    images, _, labels = (after if subject is not None else given).partition("=")
    if not Path(images).exists():
        raise InputError(f"{images} does not exist; check the name.")
    return subject, Path(images), Path(labels) if labels else None


def _from_tree(root: Path, subject: str | None, label: int | None, segment: str | None) -> list[LabelledSource]:
    """Return the labelled frames of a folder and its subfolders; what has no labels is left out, and that is said."""
    sources: list[LabelledSource] = []
    lonely: list[str] = []
    folders: dict[Path, list[Path]] = {}
    for entry in list_sweeps(root):
        folders.setdefault(entry.path.parent, []).append(entry.path)
    for folder, files in folders.items():
        owner = subject or _subject(root, folder)
        pictures = [path for path in files if is_picture(path)]
        if any(is_mask(path) for path in pictures):
            source = LabelledSource.from_files(folder, subject=owner, label=label)
            sources.append(replace(source, name=_name(root, folder)))
        else:
            lonely += [path.name for path in pictures]
        for path in files:
            if is_picture(path) or is_mask(path):
                continue
            try:
                labels = labels_beside(path)
            except InputError:
                lonely.append(path.name)
                continue
            sources.append(LabelledSource.from_files(path, labels, subject=owner, label=label, segment=segment))
    if not sources:
        raise InputError(f"The folder {root.name!r} holds no frames with labels: {MASK_NAMES}.")
    if lonely:
        note = f"{len(lonely)} files of {root.name!r} have no labels and are left out, the first is {lonely[0]!r}."
        sources[0] = replace(sources[0], notes=(*sources[0].notes, note))
    return sources


def _subject(root: Path, folder: Path) -> str:
    inside = folder.relative_to(root).parts
    return inside[0] if inside else root.resolve().name


def _name(root: Path, folder: Path) -> str:
    inside = folder.relative_to(root)
    return inside.as_posix() if inside.parts else root.resolve().name
