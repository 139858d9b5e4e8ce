"""The segmenter: frames in, masks of the lumen out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from lumen_samples import NeckSweep
from Speckle2SelfTrainingLib.segmentation import Segmenter


def dice(mask: np.ndarray, truth: np.ndarray) -> float:
    return 2 * float(np.count_nonzero(mask & truth)) / max(1, np.count_nonzero(mask) + np.count_nonzero(truth))


@pytest.fixture(scope="session")
def segmenter(a_lumen_model: Path) -> Segmenter:
    return Segmenter(a_lumen_model)


def test_the_lumen_of_every_frame_of_a_sweep_is_found(segmenter: Segmenter, neck_sweeps: list[NeckSweep]) -> None:
    for sweep in neck_sweeps:
        masks = segmenter(sweep.frames, sweep.spacing)
        assert masks.dtype == np.uint8
        assert set(np.unique(masks)) == {0, 1}
        scores = [dice(mask, truth) for mask, truth in zip(masks, sweep.masks, strict=True)]
        assert min(scores) > 0.9, scores
