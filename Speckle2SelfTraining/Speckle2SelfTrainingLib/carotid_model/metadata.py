"""What the shipped carotid model says about itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..segmentation.training import LabelledSource
from .frames import CITED, SIMULATED, SUBJECTS
from .recipe import STAGES

VERSION = "0.1.0"


def carotid_metadata(sources: Sequence[LabelledSource], without: frozenset[str]) -> dict[str, Any]:
    """Return the fields that say more than those of a model that a user trains."""
    names = {source.name for source in sources}
    cited = [CITED["carotid"]] if names & set(SUBJECTS) else []
    cited += [citation for name, citation in CITED.items() if name in names]
    simulated = "simulated frames of this project" if names & set(SIMULATED) else ""
    left_out = f" Left out for tests: {', '.join(sorted(without))}." if without else ""
    return {
        "version": VERSION,
        "changelog": {VERSION: "First carotid model."},
        "description": (
            "DynUNet of MONAI at half size, trained on transverse frames of the neck with expert masks, on simulated "
            f"necks, and on frames without a carotid.{left_out}"
        ),
        "authors": "Speckle2Self for 3D Slicer developers",
        "copyright": "Copyright (c) 2026 Speckle2Self for 3D Slicer developers",
        "license": "Apache-2.0",
        "data_source": "; ".join([*cited, simulated] if simulated else cited) + ".",
        "speckle2self": {"stages": [asdict(stage) for stage in STAGES]},
    }
