"""The metadata of the shipped bundle."""

from __future__ import annotations

from typing import Any

import monai
import numpy as np
import torch
from Speckle2SelfLib import __version__
from Speckle2SelfLib.perturbation import PUBLISHED_SCALES

from .student import StudentSettings

PAPER = (
    "Li X, Navab N, Jiang Z. Speckle2Self: Self-supervised ultrasound speckle reduction without clean data. "
    "Medical Image Analysis, 2025, 103755. doi:10.1016/j.media.2025.103755"
)
IMAGE_FORMAT = {
    "type": "image",
    "format": "magnitude",
    "modality": "US",
    "num_channels": 1,
    "spatial_shape": ["16*n", "16*n"],
    "dtype": "float32",
    "value_range": [0, 1],
    "is_patch_data": False,
    "channel_def": {"0": "B-mode gray level, normalized by the sweep's robust range"},
}


def default_metadata(
    settings: StudentSettings,
    steps: int,
    grain: dict[str, list[float]],
    collections: list[dict[str, Any]],
    *,
    teacher: str,
    curve: list[tuple[int, float]] | None = None,
    history: list[str] | None = None,
    levels: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the metadata of the default bundle, but for what names its weights.

    Parameters
    ----------
    settings : StudentSettings
        The recipe of the training.
    steps : int
        Steps that were trained.
    grain : dict
        ``{"rows": [low, high], "columns": [low, high]}``: speckle grain seen in training, pixels.
    collections : list of dict
        Real frames, as :func:`~.real_frames.describe` describes them; empty where only simulated ones were used.
    teacher : str
        What answered for real frames.
    curve : list of (step, loss), optional
    history : list of str, optional
        What of the training was done otherwise than the settings say.
    levels : dict, optional
        Gray levels seen in training, as :func:`~.train.levels_seen` returns them.
    """
    real = "; ".join(f"{one['title']}, {one['license']}" for one in collections)
    return {
        "version": "0.2.0",
        "changelog": {
            "0.2.0": "Student of simulated truth, of an earlier model on real frames, and of flattening.",
            "0.1.0": "First default model, trained briefly on simulated pairs only.",
        },
        "name": "speckle2self-default",
        "task": "Speckle reduction in B-mode ultrasound",
        "description": (
            "Speckle2Self network (one encoder per scale, shared decoder) without instance norm, "
            "with skip connections, computing the change of the frame, conditioned on the strength of smoothing."
        ),
        "authors": "Speckle2Self for 3D Slicer developers; network design after Li, Navab, Jiang",
        "copyright": "Copyright (c) 2026 Speckle2Self for 3D Slicer developers",
        "license": "Apache-2.0",
        "intended_use": "Research on B-mode ultrasound images and sweeps; not for diagnosis or treatment decisions.",
        "data_source": "Simulated B-mode frames made by this project's simulator" + (f"; {real}." if real else "."),
        "data_type": "simulated, png, nrrd, mha, raw" if real else "simulated",
        "references": [PAPER],
        "monai_version": monai.__version__,
        "pytorch_version": torch.__version__.partition("+")[0],
        "numpy_version": np.__version__,
        "required_packages_version": {},
        "network_data_format": {
            "inputs": {"image": IMAGE_FORMAT},
            "outputs": {"pred": {**IMAGE_FORMAT, "channel_def": {"0": "despeckled gray level"}}},
        },
        "speckle2self": {
            "library": __version__,
            "encoders": 3,
            "scales": list(PUBLISHED_SCALES),
            "grain": grain,
            **({"levels": levels} if levels is not None else {}),
            "strongest": settings.strongest,
            "training": {
                **settings.to_dict(),
                "trained_steps": steps,
                "teacher": teacher,
                "simulated_frames": settings.pairs.frames,
                "real_frames": collections,
                "curve": curve or [],
            },
            "history": history or [],
        },
    }
