"""Small frames that the tests of the evaluation share."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from Speckle2SelfTrainingLib.evaluation.boxes import Boxes
from Speckle2SelfTrainingLib.evaluation.sets import EvaluationSet, Group


def clean_frame(size: int = 64) -> np.ndarray:
    """Gray tissue with a dark and a bright disk, 8 bit."""
    down, across = np.indices((size, size))
    frame = np.full((size, size), 120.0)
    frame[np.hypot(down - size * 0.6, across - size * 0.6) < size / 6] = 12
    frame[np.hypot(down - size * 0.25, across - size * 0.3) < size / 8] = 190
    return np.asarray(frame, np.uint8)


def speckled_frame(seed: int = 0, size: int = 64) -> np.ndarray:
    """The clean frame under log-compressed speckle, 8 bit."""
    rng = np.random.default_rng(seed)
    parts = ndimage.gaussian_filter(rng.standard_normal((2, size, size)), (0, 0.8, 1.0))
    power = (parts**2).sum(axis=0)
    return np.asarray(np.clip(clean_frame(size) + 22 * np.log10(power / power.mean()) + 12, 0, 255), np.uint8)


def a_set(name: str = "disks", frames: int = 2, *, truth: bool = True, first_seed: int = 0) -> EvaluationSet:
    """Independent frames with boxes in tissue and in the dark disk."""
    return EvaluationSet(
        name=name,
        about="disks",
        frames=[speckled_frame(first_seed + index) for index in range(frames)],
        boxes=[Boxes((2, 34, 16, 28), (34, 34, 8, 8))] * frames,
        groups=[Group((index,)) for index in range(frames)],
        truth=[clean_frame()] * frames if truth else None,
        sources=[f"{name} {index}" for index in range(frames)],
    )
