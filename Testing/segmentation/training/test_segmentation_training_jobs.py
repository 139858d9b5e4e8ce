"""Training of a segmentation model in the worker process."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled_samples import SPACING, labelled_frames, quick
from Speckle2SelfLib.errors import InputError
from Speckle2SelfTrainingLib.segmentation import load_segmentation_model
from Speckle2SelfTrainingLib.segmentation.training import SegmentationProgress
from Speckle2SelfTrainingLib.worker.order import SweepFile
from Speckle2SelfTrainingLib.worker.segmentation_order import LabelledFiles, SegmentationTrainingOrder
from Speckle2SelfTrainingLib.worker.task import SegmentationTrainingTask, TrainingStage


@pytest.fixture(scope="module")
def a_warm_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One worker for all tests of this file."""
    from Speckle2SelfLib.worker import WorkerClient

    client = WorkerClient(folder=tmp_path_factory.mktemp("Jürgen 超音波"))
    yield client
    client.close()


def an_order(arrays: dict[str, np.ndarray], **changes: Any) -> SegmentationTrainingOrder:
    """Two subjects, each with frames and masks in files called after the keys."""

    def file(key: str, name: str) -> SweepFile:
        return SweepFile(name, key, arrays[key].shape, arrays[key].dtype.str, color=False)

    sources = [
        LabelledFiles(file(f"frames-{n}", f"sweep {n}"), file(f"masks-{n}", f"labels {n}"), f"subject {n}", SPACING)
        for n in (1, 2)
    ]
    options = {"settings": quick(steps=2, validate_every=1), "base": None, "device": "cpu", "name": "mine", **changes}
    return SegmentationTrainingOrder(sources=sources, **options)


def the_arrays() -> dict[str, np.ndarray]:
    """Frames and masks of two subjects by the names of their files."""
    arrays = {}
    for number in (1, 2):
        arrays[f"frames-{number}"], arrays[f"masks-{number}"] = labelled_frames(2, seed=number)
    return arrays


def send(task: SegmentationTrainingTask, order: SegmentationTrainingOrder, arrays: dict[str, np.ndarray]) -> None:
    for file in order.files:
        task.open(file)
        for index, frame in enumerate(arrays[file.file]):
            task.write(index, frame)
        task.finish()
    task.send()


def finished(task: SegmentationTrainingTask) -> list[SegmentationProgress]:
    """Wait for the end; return all steps."""
    steps: list[Any] = []
    while not task.done:
        steps += task.poll()
    return steps


def test_a_training_in_the_worker_tells_its_steps_and_leaves_a_bundle(a_warm_worker: Any, tmp_path: Path) -> None:
    arrays = the_arrays()
    order = SegmentationTrainingOrder.from_dict(an_order(arrays, zipped=True).to_dict())
    with a_warm_worker.open(partial(SegmentationTrainingTask, order=order)) as task:
        assert task.stage is TrainingStage.SENDING
        send(task, order, arrays)
        steps = finished(task)
        assert [step.step for step in steps] == [1, 2]
        assert steps[-1].validation_dice is not None
        assert steps[-1].preview[1].shape == (64, 64)
        assert task.result["steps"] == 2
        model = load_segmentation_model(task.bundle)
    assert model.name == "mine"
    assert model.metadata["speckle2self"]["subjects"]["training"] in (["subject 1"], ["subject 2"])


def test_masks_without_a_lumen_are_refused_in_one_sentence(a_warm_worker: Any) -> None:
    arrays = {key: array if key.startswith("frames") else 0 * array for key, array in the_arrays().items()}
    order = an_order(arrays)
    with a_warm_worker.open(partial(SegmentationTrainingTask, order=order)) as task:
        send(task, order, arrays)
        with pytest.raises(InputError, match="None of the 2 masks shows a lumen"):
            finished(task)
