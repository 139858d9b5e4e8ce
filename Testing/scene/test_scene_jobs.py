"""Cancelling, progress, and jobs that do not block."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scene_support import InvertingRunner, despeckler, inverted, pixels_of, scene_text, speckled
from Speckle2SelfLib.errors import Cancelled
from Speckle2SelfLib.scene import SceneDespeckler


@pytest.fixture(params=["volume", "sequence", "reused volume", "reused sequence"])
def a_task(request: Any, a_scene: Any, add_volume: Any, add_sequence: Any) -> tuple[Any, Any]:
    """Input and output nodes of every kind of job."""
    if "volume" in request.param:
        node, output = add_volume(speckled((6, 20, 24))), add_volume(speckled((2, 20, 24)), "Mine")
    else:
        node, browser, _ = add_sequence(speckled((6, 20, 24)))
        output, _, _ = add_sequence(speckled((2, 20, 24)), "Mine", browser=browser)
    return node, output if "reused" in request.param else None


def test_progress_counts_up_to_all_frames(add_volume: Any) -> None:
    calls: list[tuple[int, int]] = []
    despeckler().process(add_volume(speckled((4, 20, 24))), progressCallback=lambda *call: calls.append(call))
    assert list(dict.fromkeys(calls)) == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


@pytest.mark.parametrize("stop_at", [0, 3, 6])
def test_a_callback_that_returns_false_cancels_and_leaves_the_scene_as_it_was(
    a_scene: Any, a_task: Any, stop_at: int
) -> None:
    before = scene_text(a_scene)
    runner = InvertingRunner()
    with pytest.raises(Cancelled):
        despeckler(runner).process(*a_task, progressCallback=lambda done, total: done < stop_at)
    assert scene_text(a_scene) == before
    assert runner.closed or stop_at == 0


def test_a_callback_that_raises_leaves_the_scene_as_it_was(a_scene: Any, a_task: Any) -> None:
    def fail(done: int, total: int) -> None:
        raise KeyboardInterrupt

    before = scene_text(a_scene)
    with pytest.raises(KeyboardInterrupt):
        despeckler().process(*a_task, progressCallback=fail)
    assert scene_text(a_scene) == before


def test_a_job_runs_by_polling_and_says_when_it_is_done(a_task: Any) -> None:
    progress, finished = [], []
    job = despeckler().start(*a_task, onProgress=lambda *call: progress.append(call), onFinished=finished.append)
    assert job.running
    while job.running:
        job.poll()
    assert finished == [job.outputNode]
    assert progress[-1] == (6, 6)
    assert (job.error, job.notes) == (None, ["a note"])


def test_a_job_can_be_driven_by_a_timer(add_volume: Any) -> None:
    waiting: list[Any] = []
    finished: list[Any] = []
    scene_despeckler = SceneDespeckler(runner=InvertingRunner(), schedule=lambda call, ms: waiting.append(call))
    volume = add_volume(speckled((4, 20, 24)))
    scene_despeckler.start(volume, onFinished=finished.append)
    while waiting:
        waiting.pop()()
    np.testing.assert_array_equal(pixels_of(finished[0]), inverted(pixels_of(volume)))


def test_cancelling_a_job_leaves_the_scene_as_it_was(a_scene: Any, a_task: Any) -> None:
    before = scene_text(a_scene)
    errors: list[Exception] = []
    job = despeckler().start(*a_task, onError=errors.append)
    job.poll()
    job.cancel()
    job.cancel()
    job.poll()
    assert not job.running
    assert [type(error) for error in errors] == [Cancelled]
    assert scene_text(a_scene) == before


def test_a_failing_job_reports_its_error_once(add_volume: Any) -> None:
    errors: list[Exception] = []
    job = despeckler(InvertingRunner(fail_at=1)).start(add_volume(speckled((4, 20, 24))), onError=errors.append)
    for _ in range(5):
        job.poll()
    assert [str(error) for error in errors] == ["the stand-in fails here"]
    assert job.outputNode is None


def test_closing_the_scene_cancels_the_job(a_scene: Any, a_task: Any) -> None:
    errors: list[Exception] = []
    job = despeckler().start(*a_task, onError=errors.append)
    job.poll()
    a_scene.Clear(False)
    before = scene_text(a_scene)
    job.poll()
    assert not job.running
    assert [type(error) for error in errors] == [Cancelled]
    assert scene_text(a_scene) == before


def test_deleting_the_input_cancels_the_job(a_scene: Any, a_task: Any) -> None:
    errors: list[Exception] = []
    job = despeckler().start(*a_task, onError=errors.append)
    job.poll()
    a_scene.RemoveNode(a_task[0])
    before = scene_text(a_scene)
    job.poll()
    assert not job.running
    assert "was removed" in str(errors[0])
    assert scene_text(a_scene) == before


def test_deleting_the_output_cancels_the_job(a_scene: Any, add_volume: Any) -> None:
    output = a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Mine")
    job = despeckler().start(add_volume(speckled((4, 20, 24))), output)
    job.poll()
    a_scene.RemoveNode(output)
    job.poll()
    assert isinstance(job.error, Cancelled)


def test_a_job_goes_on_with_the_frames_it_started_with(a_scene: Any, add_sequence: Any) -> None:
    sequence, _, _ = add_sequence(speckled((4, 20, 24)))
    job = despeckler().start(sequence)
    sequence.SetDataNodeAtValue(sequence.GetNthDataNode(0), "99")
    while job.running:
        job.poll()
    assert job.outputNode.GetNumberOfDataNodes() == 4


def test_a_poll_returns_within_a_fraction_of_a_second(add_volume: Any) -> None:
    import time

    class Endless(InvertingRunner):
        def run(self, sweep: Any, settings: Any, indices: list[int]) -> Any:
            while True:
                yield []

    job = despeckler(Endless()).start(add_volume(speckled((4, 20, 24))))
    start = time.monotonic()
    job.poll()
    assert time.monotonic() - start < 0.1
    job.cancel()
