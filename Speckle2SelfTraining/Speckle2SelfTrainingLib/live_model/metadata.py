"""The metadata of the bundle for live use, most of which is its teacher's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from Speckle2SelfLib import __version__
from Speckle2SelfLib.bundle import Bundle
from Speckle2SelfLib.perturbation import PUBLISHED_SCALES

from .settings import DistillationSettings

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


@dataclass(frozen=True)
class Course:
    """One course of a training: its recipe, the steps that were trained, and (step, loss) on the way."""

    settings: DistillationSettings
    steps: int
    curve: list[tuple[int, float]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the course as JSON-ready values."""
        return {**self.settings.to_dict(), "trained_steps": self.steps, "curve": self.curve}


def live_metadata(courses: list[Course], teacher: Bundle) -> dict[str, Any]:
    """Return the metadata of the bundle for live use, but for what names its weights.

    Parameters
    ----------
    courses : list of Course
        The training, at least one course; the last one made the weights.
    teacher : Bundle
        Whose training data, licenses and ranges hold for its student as well.
    """
    known = teacher.metadata["speckle2self"]
    named = f"{teacher.name} {teacher.version}"
    changes = {"0.1.0": f"Student of {named}."}
    if len(courses) > 1:
        changes["0.2.0"] = (
            f"A second course of {courses[1].steps:,} steps: answers of {named} averaged over mirror images, gradients "
            "and means over squares in the loss."
        )
    return {
        **{name: teacher.metadata[name] for name in INHERITED if name in teacher.metadata},
        "version": list(changes)[-1],
        "changelog": dict(reversed(changes.items())),
        "name": "speckle2self-live",
        "description": (
            f"Narrow network for live use that answers as {named} does, with "
            f"{courses[-1].settings.channels} channels in its finest stage and one encoder."
        ),
        "pytorch_version": torch.__version__.partition("+")[0],
        "numpy_version": np.__version__,
        "speckle2self": {
            **{name: known[name] for name in ("grain", "levels", "limits", "strongest") if name in known},
            "library": __version__,
            "encoders": 1,
            "scales": list(PUBLISHED_SCALES[:1]),
            "training": {
                "trained_steps": sum(course.steps for course in courses),
                "teacher": named,
                "teacher_sha256": teacher.sha256,
                "courses": [course.to_dict() for course in courses],
            },
        },
    }
