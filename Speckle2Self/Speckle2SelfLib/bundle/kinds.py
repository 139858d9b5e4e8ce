"""What a bundle's network does; imports no torch, so that panels may list the models for one purpose."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

DESPECKLING = "despeckling"
SEGMENTATION = "segmentation"

DOES = {DESPECKLING: "removes speckle", SEGMENTATION: "segments lumens"}


def kind_of(metadata: Any) -> str:
    """Return the kind that metadata names; bundles that name none remove speckle, as all did at first."""
    section = metadata.get("speckle2self") if isinstance(metadata, dict) else None
    return str(section.get("kind", DESPECKLING)) if isinstance(section, dict) else DESPECKLING


def kind_of_bundle(path: Path) -> str:
    """Return the kind of a bundle, folder or zip; one that cannot be read counts as despeckling until it is loaded."""
    return kind_of(parsed_metadata(path))


def parsed_metadata(path: Path) -> Any:
    """Return the content of a bundle's ``metadata.json``, unchecked, or None where it cannot be read."""
    try:
        return json.loads(read_metadata_bytes(path))
    except (OSError, ValueError, KeyError, RecursionError, NotImplementedError, RuntimeError, zipfile.BadZipFile):
        return None


def read_metadata_bytes(path: Path) -> bytes:
    """Return the content of the ``metadata.json`` of a bundle, folder or zip, cut where it is too long."""
    from .metadata import MAXIMUM_METADATA_BYTES

    name = "configs/metadata.json"
    if path.is_dir():
        with (path / name).open("rb") as file:
            return file.read(MAXIMUM_METADATA_BYTES)
    with zipfile.ZipFile(path) as archive:
        names = [entry for entry in archive.namelist() if entry.endswith(name)]
        with archive.open(min(names, key=len)) as entry:
            return entry.read(MAXIMUM_METADATA_BYTES)
