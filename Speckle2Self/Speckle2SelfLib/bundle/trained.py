"""The models that were trained on this computer: bundles in one folder of the user."""

from __future__ import annotations

import os
from pathlib import Path

from .kinds import DESPECKLING, kind_of_bundle

ENVIRONMENT_VARIABLE = "SPECKLE2SELF_MODELS"


def trained_models_folder() -> Path:
    """Return the folder for trained models, which need not exist: ``~/.speckle2self/models``.

    The environment variable ``SPECKLE2SELF_MODELS`` names another one.
    """
    chosen = os.environ.get(ENVIRONMENT_VARIABLE, "").strip()
    return Path(chosen) if chosen else Path.home() / ".speckle2self" / "models"


def trained_models(*kinds: str) -> dict[str, Path]:
    """Return the trained bundles, folders and zip files, by name; a folder that cannot be read holds none.

    Parameters
    ----------
    *kinds : {"despeckling", "segmentation"}
        Which bundles; those that remove speckle where nothing is given.
    """
    found: dict[str, Path] = {}
    try:
        entries = sorted(trained_models_folder().iterdir())
    except OSError:
        return found
    for entry in entries:
        if entry.name.startswith("."):  # being written
            continue
        if (entry / "configs" / "metadata.json").is_file():
            found[entry.name] = entry
        elif entry.suffix.lower() == ".zip" and entry.is_file():
            found.setdefault(entry.stem, entry)
    return {name: place for name, place in found.items() if kind_of_bundle(place) in (kinds or (DESPECKLING,))}
