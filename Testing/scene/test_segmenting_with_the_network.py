"""Segmentation in the scene with a real network, in this process and in the worker process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lumen_samples import NeckSweep
from scene_support import scene_text
from segmentation_support import mask_in
from Speckle2SelfLib.errors import Cancelled, ModelError
from Speckle2SelfLib.worker.stages import Stage
from Speckle2SelfTrainingLib.scene import SceneSegmenter
from Speckle2SelfTrainingLib.scene.segmenting_runners import InProcessSegmenting, WorkerSegmenting
from Speckle2SelfTrainingLib.segmentation import Segmenter, SegmentSettings
from Speckle2SelfTrainingLib.worker.segment_order import NEIGHBORS, SegmentOrder


@pytest.fixture
def a_neck(neck_sweeps: list[NeckSweep]) -> NeckSweep:
    return neck_sweeps[0]


@pytest.fixture
def a_cine(a_neck: NeckSweep, add_sequence: Callable[..., Any]) -> tuple[Any, Any, Any]:
    """The neck as a sequence, with the size of its pixels."""
    sequence, browser, proxy = add_sequence(a_neck.frames)
    for item in range(sequence.GetNumberOfDataNodes()):
        sequence.GetNthDataNode(item).SetSpacing(a_neck.spacing[1], a_neck.spacing[0], 1.0)
    return sequence, browser, proxy


@pytest.fixture
def in_worker(a_scene: Any, a_worker: Any) -> SceneSegmenter:
    return SceneSegmenter(runner=WorkerSegmenting(a_worker))


def masks_of(sequence: Any, shape: tuple[int, int]) -> np.ndarray:
    count = sequence.GetNumberOfDataNodes()
    return np.stack([mask_in(sequence.GetNthDataNode(item), (1, *shape))[0] for item in range(count)])


def test_the_worker_finds_what_the_segmenter_finds(
    a_cine: Any, a_neck: NeckSweep, a_lumen_model: Path, in_worker: SceneSegmenter
) -> None:
    result = in_worker.segment(a_cine[0], model=a_lumen_model, device="cpu")
    expected = Segmenter(a_lumen_model, "cpu")(a_neck.frames, a_neck.spacing)
    assert expected.any()
    np.testing.assert_array_equal(masks_of(result, a_neck.frames.shape[1:]), expected)
    assert result.GetAttribute("Speckle2Self.Model") == "tiny-lumen"
    assert len(result.GetAttribute("Speckle2Self.ModelSHA256")) == 64


def test_both_runners_agree_and_settings_take_effect_in_a_warm_worker(
    a_cine: Any, a_neck: NeckSweep, a_lumen_model: Path, in_worker: SceneSegmenter, a_worker: Any
) -> None:
    here = SceneSegmenter(runner=InProcessSegmenting())
    shape, pids = a_neck.frames.shape[1:], set()
    for settings in ({"threshold": 0.3, "smooth": False}, {"minimum_confidence": 1.0}, {}):
        options = {"model": a_lumen_model, "device": "cpu", "settings": settings}
        masks = [masks_of(each.segment(a_cine[0], **options), shape) for each in (here, in_worker)]
        np.testing.assert_array_equal(*masks)
        assert masks[0].any() == ("minimum_confidence" not in settings)
        pids.add(a_worker.pid)
    assert len(pids) == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_part_of_a_sweep_gets_the_masks_of_the_whole(
    a_cine: Any, a_neck: NeckSweep, a_lumen_model: Path, in_worker: SceneSegmenter, known: bool
) -> None:
    """The worker gets only some frames of the sweep; the others are empty to it."""
    sequence = a_cine[0]
    if not known:
        for item in range(sequence.GetNumberOfDataNodes()):
            sequence.GetNthDataNode(item).SetIJKToRASDirections(1, 0, 0, 0, 1, 0, 0, 0, 1)
            sequence.GetNthDataNode(item).SetSpacing(1.0, 1.0, 1.0)
    part = in_worker.segment(sequence, model=a_lumen_model, device="cpu", frames=(4, 4))
    expected = Segmenter(a_lumen_model, "cpu")(a_neck.frames, a_neck.spacing if known else None)
    np.testing.assert_array_equal(masks_of(part, a_neck.frames.shape[1:])[0], expected[4])


def test_the_worker_gets_at_least_what_decides_on_a_frame() -> None:
    from Speckle2SelfTrainingLib.segmentation.temporal import REACH

    assert NEIGHBORS >= REACH
    order = SegmentOrder("carotid", "auto", SegmentSettings())
    assert order.needed_frames(3, [0, 1, 2]) == [0, 1, 2]
    assert set(range(100 - REACH, 101 + REACH)) <= set(order.needed_frames(400, [100]))
    assert len(order.needed_frames(400, [100])) < 60


def test_an_order_survives_the_way_to_the_worker() -> None:
    import json

    for spacing in (None, (0.05, 0.06)):
        order = SegmentOrder("mine", "cpu", SegmentSettings(despeckle=0.5, largest=False), spacing)
        assert SegmentOrder.from_dict(json.loads(json.dumps(order.to_dict()))) == order


def test_cancel_acts_at_once_and_leaves_scene_and_worker_usable(
    a_scene: Any, a_neck: NeckSweep, add_volume: Callable[..., Any], a_lumen_model: Path, in_worker: SceneSegmenter
) -> None:
    volume = add_volume(np.tile(a_neck.frames, (30, 1, 1)))
    before = scene_text(a_scene)
    job = in_worker.start(volume, model=a_lumen_model, device="cpu", settings={"scale": 1.0})
    end = time.monotonic() + 60
    while job.running and job.stage is not Stage.COMPUTING:
        assert time.monotonic() < end
        job.poll()
        time.sleep(0.005)
    assert 0 < job.done < job.total
    job.cancel()
    assert isinstance(job.error, Cancelled)
    assert scene_text(a_scene) == before
    again = in_worker.segment(volume, model=a_lumen_model, device="cpu", frames=(0, 1), settings={"scale": 1.0})
    assert again.GetSegmentation().GetNumberOfSegments() == 1


def test_an_unknown_model_and_one_that_removes_speckle_are_refused_in_a_sentence(
    a_scene: Any, a_cine: Any, in_worker: SceneSegmenter
) -> None:
    before = scene_text(a_scene)
    with pytest.raises(ModelError, match="no model 'nonsense'"):
        in_worker.segment(a_cine[0], model="nonsense")
    with pytest.raises(ModelError, match="speckle"):
        in_worker.segment(a_cine[0], model="default")
    assert scene_text(a_scene) == before
