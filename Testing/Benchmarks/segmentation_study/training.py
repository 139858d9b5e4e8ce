"""One small training and its test, by the engine and the segmenter that the extension ships."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfTrainingLib.segmentation import Segmenter, SegmentSettings
from Speckle2SelfTrainingLib.segmentation.recipe import default_network_def
from Speckle2SelfTrainingLib.segmentation.training import (
    Augmentation,
    LabelledSource,
    SegmentationTraining,
    SegmentationTrainingSettings,
)

from .inputs import REDUCTION, Gray8, Subject
from .plan import Run, labelled_frames
from .quality import Quality, measure

Inputs = Mapping[str, Gray8]

# Variation that adds speckle, blurs it or makes noise would blur the question.
AUGMENTATION = Augmentation(zoom=(0.75, 1.35), rotate=15.0, shadow=0.0, speckle=0.0, blur=0.0, noise=0.0)
# The shipped network, two thirds as wide: half the time.
FILTERS = (16, 32, 64, 96, 128)
# Every frame by itself, at the scale that was trained; a lumen the network is unsure of is measured as it is.
SEGMENTING = SegmentSettings(temporal=False, scale=1.0, minimum_confidence=0.0)


def training_settings(seed: int = 0, **changes: Any) -> SegmentationTrainingSettings:
    """Return the settings that the trainings share; the last weights are kept, since no subject is held out."""
    shared: dict[str, Any] = {
        "steps": 200,
        "batch_size": 4,
        "crop": 192,
        "learning_rate": 6e-3,
        "precision": "bf16",
        "average": 0.0,
        "augmentation": AUGMENTATION,
        "keep": "last",
        "validate_every": 100_000,
        "save_every": 100_000,
    }
    return SegmentationTrainingSettings(seed=seed, **{**shared, **changes})


def run_one(
    run: Run, inputs: Inputs, subjects: Mapping[str, Subject], settings: SegmentationTrainingSettings
) -> dict[str, list[Quality]]:
    """Train on the other subjects and return the quality of every frame of the tested ones.

    Windows and first weights follow from the seed and the masks alone, so that every input is trained alike.
    """
    counts = {name: len(subjects[name].exams) for name in run.training_subjects}
    chosen = labelled_frames(counts, run.labelled, run.seed)
    sources = [
        LabelledSource.from_arrays(name, inputs[name], subjects[name].small_masks, subject=name).only(chosen[name])
        for name in run.training_subjects
    ]
    with TemporaryDirectory(prefix="despeckling-study-") as folder:
        network = default_network_def(FILTERS)
        training = SegmentationTraining(settings, sources, [], Path(folder), device="cpu", network_def=network)
        training.run()
        segmenter = Segmenter(training.model(), "cpu", SEGMENTING)
    return {name: list(qualities(segmenter, inputs[name], subjects[name].masks)) for name in run.test_subjects}


def qualities(segmenter: Segmenter, frames: Gray8, masks: NDArray[np.uint8]) -> Iterator[Quality]:
    """Yield the quality of every frame, frames at half size against masks at full size."""
    for result in segmenter.stream(FullSize(frames)):
        truth = masks[result.index].astype(bool)
        found = result.mask[: truth.shape[0], : truth.shape[1]].astype(bool)
        yield measure(found, truth)


class FullSize:
    """Frames with every pixel repeated, so that the contour is drawn on the grid of the expert's masks."""

    def __init__(self, frames: Gray8) -> None:
        self._frames = frames

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> Gray8:
        return np.repeat(np.repeat(self._frames[index], REDUCTION, axis=0), REDUCTION, axis=1)
