"""The models that ship with the extension."""

from __future__ import annotations

from pathlib import Path

from .kinds import DESPECKLING, kind_of_bundle

DEFAULT_MODEL = "speckle2self-default"
LIVE_MODEL = "speckle2self-live"
CAROTID_MODEL = "speckle2self-carotid"
SHORT_NAMES = {"default": DEFAULT_MODEL, "live": LIVE_MODEL, "carotid": CAROTID_MODEL}


def models_folders() -> list[Path]:
    """Return the folders that may hold shipped bundles: beside the installed library, or in the source tree."""
    package = Path(__file__).resolve().parents[1]
    return [package.parent / "Resources" / "Models", package.parents[1] / "Resources" / "Models"]


def shipped_models(*kinds: str) -> dict[str, Path]:
    """Return the shipped bundles by name; "default" is another name of the first choice.

    Parameters
    ----------
    *kinds : {"despeckling", "segmentation"}
        Which bundles; those that remove speckle where nothing is given. "live" is the other name of the narrow
        network for live use; of those for segmentation, "carotid" is one.
    """
    found: dict[str, Path] = {}
    for folder in models_folders():
        for metadata in sorted(folder.glob("*/configs/metadata.json")):
            bundle = metadata.parents[1]
            if kind_of_bundle(bundle) in (kinds or (DESPECKLING,)):
                found.setdefault(bundle.name, bundle)
    found.update({short: found[name] for short, name in SHORT_NAMES.items() if name in found})
    return found
