"""The sweeps of a folder, file by file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .registry import FORMATS, SUFFIXES, accepted_text, is_dicom, suffix_of

# what is written instead where a format can only be read
REPLACEMENTS = {"JPEG": ".png", "video": ".nrrd"}


@dataclass(frozen=True)
class FolderEntry:
    """One file of a folder to despeckle.

    Parameters
    ----------
    path : Path
        The file.
    output_name : Path
        Where its result goes, relative to the output folder: the same name, with another suffix only where the
        input's format cannot be written.
    """

    path: Path
    output_name: Path


def list_sweeps(folder: str | Path) -> list[FolderEntry]:
    """List the files of a folder and its subfolders that look like sweeps, in natural order.

    Hidden files, and files that are no images (texts, licenses, the ``.raw`` partner of a header), are left out.

    Raises
    ------
    InputError
        If the folder does not exist or holds no such file.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give one that exists.")
    found = sorted(_candidates(folder), key=lambda path: natural_key(path.relative_to(folder).as_posix()))
    if not found:
        raise InputError(f"The folder {folder} holds no files that can be despeckled ({accepted_text()}).")
    taken = {path.relative_to(folder) for path in found}
    return [FolderEntry(path, _output_name(path.relative_to(folder), taken)) for path in found]


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Return a sort key that puts ``frame_2`` before ``frame_10``."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part]


def _candidates(folder: Path) -> list[Path]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in names if _is_candidate(Path(parent, name))]
    return found


def _is_candidate(path: Path) -> bool:
    if path.name.startswith(".") or path.name.upper() == "DICOMDIR":
        return False
    return suffix_of(path) in SUFFIXES or (_may_be_dicom(path.suffix) and path.is_file() and is_dicom(path))


def _may_be_dicom(suffix: str) -> bool:
    """DICOM exports often have no suffix, or the last part of a UID in its place."""
    return suffix == "" or suffix[1:].isdecimal()


def _output_name(relative: Path, taken: set[Path]) -> Path:
    name = SUFFIXES.get(suffix_of(relative), "DICOM")
    if FORMATS[name][2]:
        return relative
    changed = relative.with_suffix(REPLACEMENTS[name])
    if changed in taken:
        changed = relative.with_name(relative.name + REPLACEMENTS[name])
    taken.add(changed)
    return changed
