"""What is to be done with one file of an archive."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..files import FolderEntry

RECORDS = ".speckle2self"
LONGEST_NAME = 240  # bytes of a file name; most file systems take 255


@dataclass(frozen=True)
class Archive:
    """Two folders and what every file of them has in common; can be sent to other processes and machines.

    Parameters
    ----------
    source, target : Path
        Input and output folder.
    made_with : dict
        What decides the pixels of every result besides the input: model, settings, frames. JSON values.
    redo : bool
        Do finished files again.
    """

    source: Path
    target: Path
    made_with: dict[str, Any]
    redo: bool = False


@dataclass(frozen=True)
class FileOrder:
    """One file of an archive.

    Parameters
    ----------
    archive : Archive
    path : Path
        The file.
    output_name : Path
        Where its result goes, relative to the output folder; without its suffix where only the open file decides it.
    """

    archive: Archive
    path: Path
    output_name: Path

    @classmethod
    def of(cls, archive: Archive, entry: FolderEntry) -> FileOrder:
        """Return the order for an entry of the input folder."""
        return cls(archive, entry.path, entry.output_name)

    @property
    def name(self) -> str:
        """The file as seen from the input folder, for messages and reports."""
        return self.path.relative_to(self.archive.source).as_posix()

    @property
    def place(self) -> Path:
        """Where the result goes."""
        return self.archive.target / self.output_name

    @property
    def record(self) -> Path:
        """Where the record of it lies: found by the name of the input."""
        relative = self.path.relative_to(self.archive.source)
        name = relative.name
        if len(name.encode("utf-8", "surrogateescape")) > LONGEST_NAME:
            name = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        return self.archive.target / RECORDS / relative.with_name(f"{name}.json")

    def goes_to(self, name: str) -> bool:
        """Return whether an output of this name, relative to the output folder, is that of this file."""
        wanted = self.output_name.as_posix()
        return name == wanted or name.startswith(f"{wanted}.")
