"""Checkpoints that appear complete or not at all."""

from __future__ import annotations

import io
import os
import pickle
from pathlib import Path
from typing import Any

import torch
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files.output_place import OutputPlace, writing_to

LAST, BEST = "last.pt", "best.pt"


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a state; whenever the process is killed, either the old or the new one is there.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_whole(path, buffer.getvalue())


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, bring it to the disk, and rename it.

    Raises
    ------
    OutputError
        If the disk is full or the folder cannot be written.
    """
    place = OutputPlace(path, ())
    try:
        with writing_to(path), open(place.temporary(place.path), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        place.publish()
    finally:
        place.discard()


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """Read a state; None where there is none. Nothing that a file holds is ever executed.

    Raises
    ------
    InputError
        If the file is no checkpoint or is damaged.
    """
    if not path.is_file():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, OSError) as error:
        raise InputError(
            f"The checkpoint {path.name!r} in {path.parent.name!r} is damaged: delete that folder to start anew."
        ) from error
    if not isinstance(state, dict):
        raise InputError(f"{path.name!r} in {path.parent.name!r} is no checkpoint: choose another folder.")
    return state


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files that a killed process left."""
    for leftover in folder.glob(".*.part*"):
        leftover.unlink(missing_ok=True)
