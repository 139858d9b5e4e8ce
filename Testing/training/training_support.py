"""Sweeps and settings that are trained on in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from Speckle2SelfTrainingLib.training import FrameSource, Training, TrainingSettings, published_settings, split_sources

REPOSITORY = Path(__file__).resolve().parents[2]


def a_sweep(count: int = 6, size: tuple[int, int] = (48, 64), seed: int = 0) -> NDArray[np.uint8]:
    """Bright and dark tissue under multiplicative grain, different in every frame."""
    rng = np.random.default_rng(seed)
    grain = ndimage.gaussian_filter(rng.normal(0, 1, (count, *size)), (0, 0.8, 1.2))
    tissue = np.full(size, 110.0)
    tissue[size[0] // 3 : size[0] // 2] = 40
    frames = tissue * (1 + 0.9 * grain) + rng.normal(0, 2, (count, *size))
    return np.asarray(np.clip(frames, 0, 255), np.uint8)


def quick(**changes: Any) -> TrainingSettings:
    """Return published settings at a size that takes seconds."""
    small = {"steps": 4, "batch_size": 2, "crop": 32, "validate_every": 4, "save_every": 100, "validation_frames": 1}
    return published_settings(**{**small, **changes})


def a_training(folder: Path, settings: TrainingSettings | None = None, **arguments: Any) -> Training:
    """Return a training on one sweep, its end held out."""
    source = FrameSource.from_array("sweep", a_sweep())
    return Training(settings or quick(), *split_sources([source]), folder, device="cpu", **arguments)


def losses_of(training: Training) -> list[float]:
    """Return the losses of all steps, as they are in memory."""
    return [float(row["loss"] or 0.0) for row in training.run().curves]
