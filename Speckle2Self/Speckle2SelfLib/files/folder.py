"""The sweeps of a folder, file by file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
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
    return list(iter_sweeps(folder))


def iter_sweeps(folder: str | Path) -> Iterator[FolderEntry]:
    """Yield what :func:`list_sweeps` lists, holding no more than the names of one subfolder after the other.

    Raises
    ------
    InputError
        If the folder does not exist or holds no such file.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give one that exists.")
    found = False
    for entry in _entries(folder, Path()):
        found = True
        yield entry
    if not found:
        raise InputError(f"The folder {folder} holds no files that can be despeckled ({accepted_text()}).")


def names_of_sweeps(folder: Path) -> list[str]:
    """Return the names of the files of a folder, without those of its subfolders, that look like sweeps."""
    return _content(folder)[0]


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Return a sort key that puts ``frame_2`` before ``frame_10``."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part]


def _entries(folder: Path, relative: Path) -> Iterator[FolderEntry]:
    """Yield the files of a subfolder and of those below, as if all were sorted by their whole relative name."""
    files, folders = _content(folder / relative)
    # Only files of one folder can take each other's names.
    taken = {relative / name for name in files}
    for name in sorted([*files, *(f"{name}/" for name in folders)], key=natural_key):
        if name.endswith("/"):
            yield from _entries(folder, relative / name[:-1])
        else:
            yield FolderEntry(folder / relative / name, _output_name(relative / name, taken))


def _content(folder: Path) -> tuple[list[str], list[str]]:
    """Return the names of the sweeps and of the subfolders of a folder; links to folders are not followed."""
    files, folders = [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    if not entry.name.startswith(".") and not entry.is_symlink():
                        folders.append(entry.name)
                elif _is_candidate(Path(entry.path)):
                    files.append(entry.name)
    except OSError:  # a subfolder that cannot be read is passed by, as os.walk does
        pass
    return files, folders


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
        changed = relative
    while changed in taken:
        changed = changed.with_name(changed.name + REPLACEMENTS[name])
    taken.add(changed)
    return changed
