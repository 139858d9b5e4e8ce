"""What is to be done with one file of an archive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..files import FolderEntry

RECORDS = ".speckle2self"


@dataclass(frozen=True)
class Archive:
    """Two folders and what every file of them has in common; can be sent to other processes and machines.

    Parameters
    ----------
    source, target : Path
        Input and output folder.
    made_with : dict
        What decides the pixels of every result besides the input: model, settings, frames. JSON values.
    frame_axis : int or None
        Array axis of a volume that counts frames.
    frames : slice or None
        Frames to despeckle and write.
    redo : bool
        Despeckle finished files again.
    """

    source: Path
    target: Path
    made_with: dict[str, Any]
    frame_axis: int | None = None
    frames: slice | None = None
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
        Where its result goes, relative to the output folder.
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
        """Where the record of it lies."""
        return self.archive.target / RECORDS / self.output_name.with_name(self.output_name.name + ".json")
