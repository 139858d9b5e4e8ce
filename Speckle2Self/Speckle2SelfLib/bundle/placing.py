"""Putting a bundle where it shall be: complete or not at all. Imports no torch, so that the application may use it."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from ..errors import OutputError
from ..files.output_place import OutputPlace, writing_to

METADATA = Path("configs") / "metadata.json"


class BundlePlace:
    """Where a bundle goes, checked before the work begins.

    Parameters
    ----------
    path : Path
        A folder, or a file whose name ends in ``.zip``. A bundle that is there is replaced; folders on the way to it
        are made.

    Raises
    ------
    OutputError
        If it cannot be written, or something else than a model is there.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.zipped = self.path.suffix.lower() == ".zip"
        if not self.path.name:
            raise OutputError(f"{str(path)!r} is no name for a model: give the path of a folder or of a .zip file.")
        if (blocked := file_on_the_way(self.path.parent)) is not None:
            raise OutputError(f"{str(blocked)!r} is a file, not a folder: choose another folder for the model.")
        with writing_to(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.zipped:
            OutputPlace(self.path, ()).discard()
        else:
            self._check_folder()

    def _check_folder(self) -> None:
        if self.path.exists() and not (self.path / METADATA).is_file():
            raise OutputError(f"{self.path.name!r} exists and is not a model bundle: choose another name.")
        probe = self._temporary()
        with writing_to(self.path):
            probe.mkdir()
            probe.rmdir()

    def _temporary(self) -> Path:
        return self.path.with_name(f".{self.path.name}-{secrets.token_hex(4)}")

    def publish(self, bundle: Path) -> None:
        """Copy a finished bundle (a folder, or a zip file for a zip file) to its place.

        Raises
        ------
        OutputError
            If it cannot be written; what was there before stays.
        """
        if self.zipped:
            self._publish_file(bundle)
            return
        temporary = self._temporary()
        try:
            with writing_to(self.path):
                shutil.copytree(bundle, temporary)
                replace_folder(temporary, self.path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def _publish_file(self, bundle: Path) -> None:
        place = OutputPlace(self.path, ())
        try:
            with writing_to(self.path):
                shutil.copyfile(bundle, place.temporary(place.path))
            place.publish()
        finally:
            place.discard()


def file_on_the_way(folder: Path) -> Path | None:
    """Return the file that keeps a folder from being made, or None; what cannot be looked at does not count."""
    try:
        there = next((place for place in (folder, *folder.parents) if place.exists()), None)
        return there if there is not None and not there.is_dir() else None
    except OSError:
        return None


def replace_folder(temporary: Path, folder: Path) -> None:
    """Give a folder its final name; one that had the name goes, or comes back if that fails."""
    old = temporary.with_name(temporary.name + "-old")
    if not folder.exists():
        os.replace(temporary, folder)
        return
    os.replace(folder, old)
    try:
        os.replace(temporary, folder)
    except BaseException:
        os.replace(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
