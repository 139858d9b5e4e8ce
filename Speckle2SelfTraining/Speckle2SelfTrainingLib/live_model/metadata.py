"""The metadata of the bundle for live use, most of which is its teacher's."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from Speckle2SelfLib import __version__
from Speckle2SelfLib.bundle import Bundle
from Speckle2SelfLib.perturbation import PUBLISHED_SCALES

from .distillation import DistillationSettings

INHERITED = (
    "task",
    "authors",
    "copyright",
    "license",
    "intended_use",
    "data_source",
    "data_type",
    "references",
    "monai_version",
    "required_packages_version",
    "network_data_format",
)


def live_metadata(
    settings: DistillationSettings, steps: int, teacher: Bundle, curve: list[tuple[int, float]] | None = None
) -> dict[str, Any]:
    """Return the metadata of the bundle for live use, but for what names its weights.

    Parameters
    ----------
    settings : DistillationSettings
        The recipe of the training.
    steps : int
        Steps that were trained.
    teacher : Bundle
        Whose training data, licenses and ranges hold for its student as well.
    curve : list of (step, loss), optional
    """
    known = teacher.metadata["speckle2self"]
    return {
        **{name: teacher.metadata[name] for name in INHERITED if name in teacher.metadata},
        "version": "0.1.0",
        "changelog": {"0.1.0": f"Student of {teacher.name} {teacher.version}."},
        "name": "speckle2self-live",
        "description": (
            f"Narrow network for live use that answers as {teacher.name} {teacher.version} does, with "
            f"{settings.channels} channels in its finest stage and one encoder."
        ),
        "pytorch_version": torch.__version__.partition("+")[0],
        "numpy_version": np.__version__,
        "speckle2self": {
            **{name: known[name] for name in ("grain", "levels", "limits", "strongest") if name in known},
            "library": __version__,
            "encoders": 1,
            "scales": list(PUBLISHED_SCALES[:1]),
            "training": {
                **settings.to_dict(),
                "trained_steps": steps,
                "teacher": f"{teacher.name} {teacher.version}",
                "teacher_sha256": teacher.sha256,
                "curve": curve or [],
            },
        },
    }
