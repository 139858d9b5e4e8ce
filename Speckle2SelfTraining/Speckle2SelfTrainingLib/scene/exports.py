"""Writes what was measured into files, complete or not at all."""

from __future__ import annotations

from pathlib import Path

from Speckle2SelfLib.files.output_place import OutputPlace, writing_to


def write_file(path: Path, content: bytes) -> None:
    """Write a file.

    Raises
    ------
    OutputError
        If it cannot be written; a file that was there is as before.
    """
    place = OutputPlace(path, ())
    try:
        with writing_to(path):
            place.temporary(place.path).write_bytes(content)
        place.publish()
    finally:
        place.discard()
