"""Learning from segmentations of the scene: which frames count, the new model, and what is refused."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer
from lumen_samples import NeckSweep
from scene_support import matrix_of, scene_text
from segmentation_support import lumens, mask_in, segmenter, set_mask
from Speckle2SelfLib.errors import Cancelled, InputError, SettingsError
from Speckle2SelfLib.worker import WorkerClient
from Speckle2SelfTrainingLib.scene import SceneLabelTrainer, SceneSegmenter
from Speckle2SelfTrainingLib.scene.segmenting_runners import InProcessSegmenting
from Speckle2SelfTrainingLib.worker.task import TrainingStage

QUICK = {"steps": 3, "batch_size": 2, "crop": 64, "validate_every": 2}


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of trained models of this test."""
    monkeypatch.setenv("SPECKLE2SELF_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.fixture
def plan(a_scene: Any) -> Callable[..., Any]:
    """What would be sent: no worker is needed, and none exists."""
    trainer = SceneLabelTrainer(client=WorkerClient(command=["/no/such/worker"]))
    return lambda segmentations, volumes=None, **options: trainer._plan(
        segmentations, volumes, "carotid", None, **options
    )


@pytest.fixture
def a_segmented_volume(add_volume: Any) -> tuple[Any, Any]:
    volume = add_volume(lumens(6, empty=(4,)), "Doe, Jane")
    return volume, segmenter().segment(volume)


def correct(volume: Any, segmentation: Any, *frames: int, erase: bool = False) -> None:
    """Shift the lumen of frames, or erase it, as somebody would in the Segment Editor."""
    masks = mask_in(segmentation, slicer.util.arrayFromVolume(volume).shape)
    for frame in frames:
        masks[frame] = 0 if erase else np.roll(masks[frame], 2, axis=1)
    set_mask(segmentation, masks, matrix_of(volume))


def sent(plan: Any) -> tuple[np.ndarray, np.ndarray]:
    """Frames and masks that the worker would get."""
    (_file, frames), (_masks, masks) = plan.files
    return tuple(np.stack([part[index] for index in range(len(part))]) for part in (frames, masks))  # type: ignore[return-value]


def labelled(plan: Any) -> list[int]:
    """Number of pixels of the lumen of each frame with a label."""
    _frames, masks = sent(plan)
    return [int(mask.sum()) for mask in masks if mask.max() < 255]


def test_corrected_frames_alone_are_learned_from(plan: Any, a_segmented_volume: Any) -> None:
    volume, segmentation = a_segmented_volume
    correct(volume, segmentation, 1, 3)
    frames, masks = sent(plan(segmentation, settings={"base_weight": 0.0}))
    np.testing.assert_array_equal(frames, slicer.util.arrayFromVolume(volume)[[1, 3]])
    np.testing.assert_array_equal(masks, mask_in(segmentation, (6, 40, 48))[[1, 3]])


def test_an_erased_lumen_is_a_correction_too(plan: Any, a_segmented_volume: Any) -> None:
    volume, segmentation = a_segmented_volume
    correct(volume, segmentation, 2, erase=True)
    assert labelled(plan(segmentation)) == [0]


def test_without_corrections_all_frames_with_a_lumen_are_learned_from(plan: Any, a_segmented_volume: Any) -> None:
    _volume, segmentation = a_segmented_volume
    assert len(labelled(plan(segmentation))) == 5
    with pytest.raises(InputError, match="No frame of 'Doe, Jane segmentation' was corrected since it was segmented"):
        plan(segmentation, frames="corrected")


def test_a_segmentation_drawn_by_hand_is_learned_from(plan: Any, a_scene: Any, add_volume: Any) -> None:
    volume = add_volume(lumens(4))
    mine = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Mine")
    mask = np.zeros((4, 40, 48), np.uint8)
    mask[1, 5:15, 5:20] = mask[3, 5:15, 5:20] = 1
    set_mask(mine, mask, matrix_of(volume), "Drawn")
    assert labelled(plan(mine, volume)) == [150, 150]


def test_frames_may_be_named(plan: Any, a_segmented_volume: Any) -> None:
    _volume, segmentation = a_segmented_volume
    assert len(labelled(plan(segmentation, frames=[0, 4, 5]))) == 3
    assert labelled(plan(segmentation, frames=[4])) == [0]
    for wrong, reason in (
        ([9], "frame 10 .counted from 1. is none of them"),
        ([], "none was given"),
        ("some", "frames must be 'auto'"),
    ):
        with pytest.raises(InputError, match=reason):
            plan(segmentation, frames=wrong)


def test_frames_without_a_label_come_along_where_the_recipe_wants_them(plan: Any, a_segmented_volume: Any) -> None:
    volume, segmentation = a_segmented_volume
    correct(volume, segmentation, 1)
    _frames, masks = sent(plan(segmentation, settings={"base_weight": 1.0}))
    assert len(masks) == 6
    assert [int(mask.min()) for mask in masks] == [255] * 5 + [0]


def test_corrections_of_a_sequence_are_found(plan: Any, add_sequence: Any) -> None:
    _sequence, browser, proxy = add_sequence(lumens(5))
    shown = segmenter().segment(proxy)
    browser.SetSelectedItemNumber(3)
    corrected = np.zeros((1, 40, 48), np.uint8)
    corrected[0, 4:9, 4:9] = 1
    set_mask(shown, corrected, matrix_of(proxy))
    browser.SetSelectedItemNumber(0)
    assert labelled(plan(shown)) == [25]


def test_nothing_that_is_sent_names_a_patient(plan: Any, a_scene: Any, a_segmented_volume: Any) -> None:
    volume, segmentation = a_segmented_volume
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    hierarchy.CreateItem(hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "Doe, Jane"), volume)
    assert "Doe" not in json.dumps(plan(segmentation).order.to_dict())


def test_segmentations_of_one_subject_are_told_so(plan: Any, a_scene: Any, add_volume: Any) -> None:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    volumes = [add_volume(lumens(3, seed=seed)) for seed in range(3)]
    subjects = [hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), name) for name in "AB"]
    for volume, subject in zip(volumes, (subjects[0], subjects[1], subjects[0]), strict=True):
        hierarchy.CreateItem(subject, volume)
    segmentations = [segmenter().segment(volume) for volume in volumes]
    assert [one.subject for one in plan(segmentations).order.sources] == ["subject 1", "subject 2", "subject 1"]
    named = plan(segmentations, volumes, subjects=["x", "x", "y"]).order.sources
    assert [one.subject for one in named] == ["subject 1", "subject 1", "subject 2"]


def test_two_regions_are_learned_and_said(plan: Any, a_segmented_volume: Any) -> None:
    volume, segmentation = a_segmented_volume
    masks = mask_in(segmentation, (6, 40, 48))
    masks[1, 2:8, 36:46] = 1
    set_mask(segmentation, masks, matrix_of(volume))
    assert plan(segmentation).notes == [
        "Frame 2 (counted from 1) of 'Doe, Jane segmentation': more than one region; they were learned as they are."
    ]


def test_what_cannot_be_learned_from_is_refused_in_a_sentence(
    plan: Any, a_scene: Any, a_segmented_volume: Any, add_volume: Any, add_sequence: Any
) -> None:
    volume, segmentation = a_segmented_volume
    blank = segmenter().segment(add_volume(lumens(2, empty=(0, 1)), "Blank"))
    shorter, _browser, _proxy = add_sequence(lumens(2), "Short")
    longer = segmenter().segment(add_sequence(lumens(4), "Long")[0])
    before = scene_text(a_scene)
    for given, reason in (
        ((None,), "No segmentation was given"),
        (([],), "No segmentation was given"),
        ((blank,), "is empty on every frame"),
        (([segmentation], [volume, volume]), "need as many volumes"),
        (([segmentation, segmentation],), "chosen twice"),
        ((longer, shorter), "which has 2 frames"),
    ):
        with pytest.raises(InputError, match=reason):
            plan(*given)
    with pytest.raises(InputError, match="has no segment 'x'"):
        plan(segmentation, segment="x")
    with pytest.raises(SettingsError, match="steps"):
        plan(segmentation, settings={"steps": 0})
    with pytest.raises(SettingsError, match="subjects must name one"):
        plan(segmentation, subjects=["a", "b"])
    assert scene_text(a_scene) == before


@pytest.fixture
def a_corrected_neck(
    neck_sweeps: list[NeckSweep], a_lumen_model: Path, a_scene: Any, add_sequence: Any
) -> tuple[Any, Any]:
    """A segmented sequence of a simulated neck, two frames of which were drawn anew."""
    neck = neck_sweeps[0]
    sequence, browser, proxy = add_sequence(neck.frames)
    for item in range(sequence.GetNumberOfDataNodes()):
        sequence.GetNthDataNode(item).SetSpacing(neck.spacing[1], neck.spacing[0], 1.0)
    shown = SceneSegmenter(runner=InProcessSegmenting()).segment(proxy, model=a_lumen_model, device="cpu")
    for item in (1, 4):
        browser.SetSelectedItemNumber(item)
        set_mask(shown, np.roll(neck.masks[item], 3, axis=1)[np.newaxis], matrix_of(proxy))
    return shown, proxy


def test_segment_correct_learn_and_segment_again(
    a_scene: Any, a_worker: Any, a_corrected_neck: Any, a_lumen_model: Path, models: Path
) -> None:
    shown, proxy = a_corrected_neck
    steps: list[Any] = []
    path = SceneLabelTrainer(client=a_worker).learn(
        shown,
        model=a_lumen_model,
        settings=QUICK,
        device="cpu",
        progressCallback=lambda progress: steps.append(progress and progress.step),
    )
    assert path == models / "corrected-1"
    assert (steps[0], steps[-1]) == (None, 3)
    chart = a_scene.GetFirstNodeByName("corrected-1 training")
    assert chart.GetNthPlotSeriesNode(0) is None or chart.GetNthPlotSeriesNode(0).GetTableNode().GetNumberOfRows() > 0
    assert a_scene.GetFirstNodeByName("corrected-1 loss").GetNumberOfRows() > 0
    again = SceneSegmenter(runner=InProcessSegmenting()).segment(proxy, shown, model="corrected-1", device="cpu")
    assert again is shown
    assert shown.GetAttribute("Speckle2Self.Model") == "corrected-1"


def test_cancel_leaves_scene_and_models_as_they_were(
    a_scene: Any, a_worker: Any, a_corrected_neck: Any, a_lumen_model: Path, models: Path
) -> None:
    before = scene_text(a_scene)
    job = SceneLabelTrainer(client=a_worker).start(
        a_corrected_neck[0], model=a_lumen_model, settings={**QUICK, "steps": 100000}, device="cpu"
    )
    end = time.monotonic() + 120
    while job.running and job.stage is not TrainingStage.TRAINING:
        assert time.monotonic() < end
        job.poll()
        time.sleep(0.005)
    assert job.running, job.error
    job.cancel()
    assert isinstance(job.error, Cancelled)
    assert scene_text(a_scene) == before
    assert list(models.glob("*")) == []
