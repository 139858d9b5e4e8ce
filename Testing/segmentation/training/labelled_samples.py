"""Frames with a dark round lumen and its mask, and settings that are trained with in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from Speckle2SelfTrainingLib.segmentation.recipe import default_network_def
from Speckle2SelfTrainingLib.segmentation.training import (
    NO_AUGMENTATION,
    LabelledSource,
    SegmentationTraining,
    SegmentationTrainingSettings,
    split_by_subject,
)

SIZE = (64, 64)
# Millimeters at which these frames are seen as they are.
SPACING = (0.165, 0.165)


def labelled_frames(count: int = 4, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Bright grainy tissue with a dark disk that moves; and the disk."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    frames, masks = [], []
    for _ in range(count):
        row, column = rng.uniform(22, 42, 2)
        disk = np.hypot(rows - row, columns - column) < rng.uniform(9, 13)
        tissue = np.where(disk, 12.0, 130.0) * (1 + 0.5 * ndimage.gaussian_filter(rng.normal(0, 1, SIZE), 0.8))
        frames.append(np.clip(tissue, 0, 255).astype(np.uint8))
        masks.append(disk.astype(np.uint8))
    return np.stack(frames), np.stack(masks)


def a_source(subject: str = "S1", count: int = 4, seed: int = 0, name: str | None = None) -> LabelledSource:
    """Labelled frames of one subject."""
    frames, masks = labelled_frames(count, seed)
    return LabelledSource.from_arrays(name or f"sweep of {subject}", frames, masks, SPACING, subject=subject)


def two_subjects() -> list[LabelledSource]:
    """Frames of two subjects."""
    return [a_source("S1", seed=1), a_source("S2", seed=2)]


def quick(**changes: Any) -> SegmentationTrainingSettings:
    """Settings that take seconds."""
    small: dict[str, Any] = {
        "steps": 4,
        "batch_size": 2,
        "crop": 32,
        "validate_every": 4,
        "save_every": 100,
        "augmentation": NO_AUGMENTATION,
    }
    return SegmentationTrainingSettings().replace(**{**small, **changes})


def a_training(
    folder: Path, settings: SegmentationTrainingSettings | None = None, sources: Any = None, **arguments: Any
) -> SegmentationTraining:
    """Return a training of a small network on one of two subjects, the other one held out."""
    split = split_by_subject(sources or two_subjects())
    return train_on(folder, split.training, split.held_out, settings, notes=split.notes, **arguments)


def train_on(
    folder: Path,
    sources: list[LabelledSource],
    held_out: list[LabelledSource],
    settings: SegmentationTrainingSettings | None = None,
    **arguments: Any,
) -> SegmentationTraining:
    """Return a training of a small network."""
    if arguments.get("base") is None:
        arguments.setdefault("network_def", default_network_def((8, 16, 16)))
    return SegmentationTraining(settings or quick(), sources, held_out, folder, device="cpu", **arguments)


def losses_of(training: SegmentationTraining) -> list[float]:
    """Return the losses of all steps, as they are in memory."""
    return [float(row["loss"] or 0.0) for row in training.run().curves]
