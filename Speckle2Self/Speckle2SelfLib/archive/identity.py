"""How a file is known again: by size and time, and by its content where only the time differs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class FileIdentity:
    """One file at one time.

    Parameters
    ----------
    name : str
        Relative to a folder that the owner of this object knows.
    size : int
        Bytes.
    modified : int
        Nanoseconds.
    sha256 : str
        Of the content; empty where it was not taken.
    """

    name: str
    size: int
    modified: int
    sha256: str = ""

    @classmethod
    def of(cls, path: Path, folder: Path, *, content: bool = True) -> Self:
        """Return the identity of a file, with or without its checksum."""
        state = path.stat()
        return cls(
            Path(os.path.relpath(path, folder)).as_posix(),
            state.st_size,
            state.st_mtime_ns,
            checksum(path) if content else "",
        )

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Return what :meth:`to_dict` stored."""
        return cls(str(values["name"]), int(values["size"]), int(values["modified"]), str(values["sha256"]))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return asdict(self)

    def is_still(self, folder: Path) -> bool:
        """Return whether the file is there unchanged; a copy with another time counts where its content is equal."""
        path = folder / self.name
        try:
            state = path.stat()
            if state.st_size != self.size:
                return False
            return state.st_mtime_ns == self.modified or bool(self.sha256 and checksum(path) == self.sha256)
        except OSError:
            return False


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def are_still(identities: Iterable[FileIdentity], folder: Path) -> bool:
    """Return whether all of these files are there unchanged."""
    return all(identity.is_still(folder) for identity in identities)
