"""What a model says of itself, for people to read; imports no torch and reads no weights."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .kinds import parsed_metadata

LONGEST_TEXT = 1200
LONGEST_LIST = 12


@dataclass(frozen=True)
class ModelCard:
    """The metadata of a model, as far as it is text; fields that it lacks are empty.

    Nothing of a model is executed or taken for markup: whoever shows a card must show plain text.

    Parameters
    ----------
    name, version, description, intended_use, data_source, license, authors : str
    quality, limits : list of str
        What was measured, and what the model is known not to do.
    references : list of str
    training : str
        Steps and real frames of the training, in a few words.
    bytes : int
        Size of the file or of all files of the folder.
    written : str
        Date of the metadata, ISO 8601, or of the file; empty where it cannot be told.
    place : Path
    """

    name: str
    place: Path
    version: str = ""
    description: str = ""
    intended_use: str = ""
    data_source: str = ""
    license: str = ""
    authors: str = ""
    training: str = ""
    written: str = ""
    quality: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    bytes: int = 0


def read_card(place: Path) -> ModelCard:
    """Return the card of a bundle folder, a bundle ``.zip`` or a checkpoint; what cannot be read stays empty.

    Parameters
    ----------
    place : Path
        Need not exist, nor be a model.
    """
    found = parsed_metadata(place)
    # of a checkpoint, or of what is no model at all, its name, size and date are all there is
    metadata: dict[str, Any] = found if isinstance(found, dict) else {}
    own = metadata.get("speckle2self")
    section = own if isinstance(own, dict) else {}
    texts = {
        name: _text(metadata.get(name))
        for name in ("version", "description", "intended_use", "data_source", "license", "authors")
    }
    return ModelCard(
        name=_text(metadata.get("name")) or place.name,
        place=place,
        training=_training(section),
        written=_written(place),
        quality=_texts(section.get("quality")),
        limits=_texts(section.get("limits")),
        references=_texts(metadata.get("references")),
        bytes=_size(place),
        **texts,
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    printable = "".join(letter if letter.isprintable() else " " for letter in value[:LONGEST_TEXT])
    return printable.strip() + ("..." if len(value) > LONGEST_TEXT else "")


def _texts(value: Any) -> list[str]:
    return [text for one in value[:LONGEST_LIST] if (text := _text(one))] if isinstance(value, list) else []


def _training(section: dict[str, Any]) -> str:
    training = section.get("training")
    if not isinstance(training, dict):
        return ""
    steps = training.get("trained_steps")
    base = section.get("base")
    words = [f"{steps:,} steps"] if isinstance(steps, int) else []
    if isinstance(base, dict) and _text(base.get("name")):
        words.append(f"from {_text(base.get('name'))} {_text(base.get('version'))}".strip())
    return ", ".join(words)


def _files(place: Path) -> list[Path]:
    try:
        return [file for file in place.rglob("*") if file.is_file()] if place.is_dir() else [place]
    except OSError:
        return []


def _size(place: Path) -> int:
    try:
        return sum(file.stat().st_size for file in _files(place))
    except OSError:
        return 0


def _written(place: Path) -> str:
    try:
        newest = max(file.stat().st_mtime for file in _files(place))
    except (OSError, ValueError):
        return ""
    return time.strftime("%Y-%m-%d", time.localtime(newest))
