"""The models that ship with the extension."""

from __future__ import annotations

from pathlib import Path

DEFAULT_MODEL = "speckle2self-default"


def models_folders() -> list[Path]:
    """Return the folders that may hold shipped bundles: beside the installed library, or in the source tree."""
    package = Path(__file__).resolve().parents[1]
    return [package.parent / "Resources" / "Models", package.parents[1] / "Resources" / "Models"]


def shipped_models() -> dict[str, Path]:
    """Return the shipped bundles by name; "default" is another name of the first choice."""
    found: dict[str, Path] = {}
    for folder in models_folders():
        for metadata in sorted(folder.glob("*/configs/metadata.json")):
            found.setdefault(metadata.parents[1].name, metadata.parents[1])
    if DEFAULT_MODEL in found:
        found["default"] = found[DEFAULT_MODEL]
    return found
