"""The scene with the real network, in this process and in the worker process."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scene_support import pixels_of, scene_text, speckled
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.errors import Cancelled, ModelError, WorkerError
from Speckle2SelfLib.scene import SceneDespeckler
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.runners import InProcessRunner, WorkerRunner, default_runner
from Speckle2SelfLib.settings import DespeckleSettings
from Speckle2SelfLib.worker import WorkerClient
from Speckle2SelfLib.worker.stages import Stage


@pytest.fixture(params=["this process", "the worker"])
def a_despeckler(request: Any) -> SceneDespeckler:
    """Despecklers of both kinds."""
    if request.param == "this process":
        return SceneDespeckler(runner=InProcessRunner())
    return SceneDespeckler(runner=WorkerRunner(request.getfixturevalue("a_worker")))


@pytest.fixture
def settings(a_model: str) -> DespeckleSettings:
    return DespeckleSettings(model=a_model, device="cpu")


def frames_of(sequence: Any) -> np.ndarray:
    return np.stack([pixels_of(sequence.GetNthDataNode(i))[0] for i in range(sequence.GetNumberOfDataNodes())])


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_a_volume_gets_the_pixels_of_the_library(
    a_despeckler: SceneDespeckler, add_volume: Any, settings: DespeckleSettings, dtype: Any
) -> None:
    pixels = speckled((3, 48, 40), dtype)
    result = a_despeckler.process(add_volume(pixels), settings=settings)
    np.testing.assert_array_equal(pixels_of(result), Despeckler(settings=settings)(pixels))


def test_frames_along_another_axis_get_the_pixels_of_the_library(
    a_despeckler: SceneDespeckler, add_volume: Any, settings: DespeckleSettings
) -> None:
    pixels = speckled((40, 48, 3))
    result = a_despeckler.process(add_volume(pixels), settings=settings, frameAxis="I")
    expected = np.moveaxis(Despeckler(settings=settings)(np.ascontiguousarray(np.moveaxis(pixels, 2, 0))), 0, 2)
    np.testing.assert_array_equal(pixels_of(result), expected)


def test_a_color_sequence_gets_the_pixels_of_the_library(
    a_despeckler: SceneDespeckler, add_sequence: Any, settings: DespeckleSettings
) -> None:
    sequence, _, _ = add_sequence(speckled((3, 32, 40, 3)), node_class="vtkMRMLVectorVolumeNode")
    result = a_despeckler.process(sequence, settings=settings)
    expected = dict(Despeckler(settings=settings).stream(frames_of(sequence), color=True))
    np.testing.assert_array_equal(frames_of(result), np.stack([expected[i] for i in range(3)]))


def test_a_preview_a_range_and_the_whole_sweep_give_the_same_pixels(
    a_despeckler: SceneDespeckler, add_sequence: Any, settings: DespeckleSettings
) -> None:
    brightening = np.stack([speckled((32, 40), seed=number) // (45 - number) for number in range(40)])
    sequence, browser, _ = add_sequence(brightening)
    whole = frames_of(a_despeckler.process(sequence, settings=settings))
    browser.SetSelectedItemNumber(17)
    preview = a_despeckler.process(sequence, settings=settings, frames="current")
    np.testing.assert_array_equal(pixels_of(preview)[0], whole[17])
    part = a_despeckler.process(sequence, settings=settings, frames=(5, 7))
    np.testing.assert_array_equal(frames_of(part), whole[5:8])


def test_strength_zero_gives_the_input_back(
    a_despeckler: SceneDespeckler, add_volume: Any, settings: DespeckleSettings
) -> None:
    pixels = speckled((2, 40, 40))
    result = a_despeckler.process(add_volume(pixels), settings=settings.replace(strength=0.0))
    np.testing.assert_array_equal(pixels_of(result), pixels)


def test_the_published_preset_makes_a_float_volume_from_0_to_1(
    a_despeckler: SceneDespeckler, add_volume: Any, settings: DespeckleSettings
) -> None:
    result = a_despeckler.process(add_volume(speckled((2, 48, 48))), settings=settings.replace(preset="published"))
    assert pixels_of(result).dtype == np.float32
    assert 0 <= pixels_of(result).min() <= pixels_of(result).max() <= 1


def test_the_result_says_what_ran_without_a_path(
    a_despeckler: SceneDespeckler, add_volume: Any, settings: DespeckleSettings
) -> None:
    result = a_despeckler.process(add_volume(speckled((2, 40, 40))), settings=settings)
    expected = {f"Speckle2Self.{key}": value for key, value in Despeckler(settings=settings).provenance().items()}
    attributes = {name: result.GetAttribute(name) for name in result.GetAttributeNames()}
    assert attributes == {**expected, "Speckle2Self.frames": "2"}
    assert not any(os.sep in value for value in attributes.values() if value != "despeckled, research use")


def test_an_error_of_the_library_leaves_the_scene_as_it_was(
    a_scene: Any, a_despeckler: SceneDespeckler, add_volume: Any
) -> None:
    volume = add_volume(speckled((2, 40, 40)))
    before = scene_text(a_scene)
    with pytest.raises(ModelError, match="no model"):
        a_despeckler.process(volume, settings={"model": "nonsense"})
    assert scene_text(a_scene) == before


def test_a_job_says_what_it_waits_for_and_a_warm_worker_needs_no_start(
    add_volume: Any, settings: DespeckleSettings
) -> None:
    with contextlib.closing(WorkerClient()) as client:
        despeckler = SceneDespeckler(runner=WorkerRunner(client))
        cold, warm = (stages_of(despeckler, add_volume(speckled((3, 40, 40))), settings) for _ in range(2))
    assert cold[:3] == [Stage.SENDING, Stage.STARTING, Stage.LOADING]
    assert Stage.STARTING not in warm
    assert [stage for stage in Stage if stage in cold] == cold  # every one once, in this order


def stages_of(despeckler: SceneDespeckler, volume: Any, settings: DespeckleSettings) -> list[Stage]:
    """The stages that a job reports."""
    reported: list[Stage] = []
    job = despeckler.start(volume, settings=settings, onProgress=lambda done, total: reported.append(job.stage))
    stages = [job.stage]
    while job.running:
        job.poll()
        stages += [stage for stage in reported if stage is not stages[-1]]
        reported.clear()
        time.sleep(0.001)
    assert job.error is None
    return stages


def test_cancel_acts_within_a_second(
    a_scene: Any, a_despeckler: SceneDespeckler, add_volume: Any, settings: DespeckleSettings
) -> None:
    a_despeckler.process(add_volume(speckled((1, 32, 32))), settings=settings)
    volume = add_volume(speckled((60, 256, 256)))
    before = scene_text(a_scene)
    wish: list[float] = []

    def callback(done: int, total: int) -> bool:
        if done >= 2 and not wish:
            wish.append(time.monotonic())
        return not wish

    with pytest.raises(Cancelled):
        a_despeckler.process(volume, settings=settings, progressCallback=callback)
    assert time.monotonic() - wish[0] < 1.0
    assert scene_text(a_scene) == before


def test_a_killed_worker_leaves_the_scene_as_it_was_and_the_next_job_works(
    a_scene: Any, a_worker: Any, add_volume: Any, settings: DespeckleSettings
) -> None:
    volume = add_volume(speckled((100, 64, 64)))
    before = scene_text(a_scene)
    despeckler = SceneDespeckler(runner=WorkerRunner(a_worker))

    def kill(done: int, total: int) -> None:
        if done == 2:
            os.kill(a_worker.pid, getattr(signal, "SIGKILL", signal.SIGTERM))

    with pytest.raises(WorkerError, match="try again"):
        despeckler.process(volume, settings=settings, progressCallback=kill)
    assert scene_text(a_scene) == before
    assert despeckler.process(volume, settings=settings, frames=(0, 1)) is not None


def test_closing_the_scene_in_mid_run_ends_the_job_and_the_worker_serves_the_next_scene(
    a_scene: Any, a_worker: Any, add_volume: Any, settings: DespeckleSettings
) -> None:
    despeckler = SceneDespeckler(runner=WorkerRunner(a_worker))
    errors: list[Exception] = []
    job = despeckler.start(add_volume(speckled((100, 64, 64))), settings=settings, onError=errors.append)
    while job.done < 2:
        job.poll()
    a_scene.Clear(False)
    job.poll()
    assert [type(error) for error in errors] == [Cancelled]
    pid = a_worker.pid
    assert despeckler.process(add_volume(speckled((1, 40, 40))), settings=settings) is not None
    assert a_worker.pid == pid


def test_a_job_in_the_worker_never_blocks_a_poll(a_worker: Any, add_sequence: Any, settings: DespeckleSettings) -> None:
    sequence, _, _ = add_sequence(speckled((40, 128, 128)))
    job = SceneDespeckler(runner=WorkerRunner(a_worker)).start(sequence, settings=settings)
    longest = 0.0
    while job.running:
        start = time.monotonic()
        job.poll()
        longest = max(longest, time.monotonic() - start)
        time.sleep(0.01)
    assert job.error is None
    assert longest < 0.1


def test_the_worker_is_used_in_the_desktop_and_this_process_elsewhere(a_scene: Any) -> None:
    assert isinstance(default_runner(SceneEnvironment(a_scene)), InProcessRunner)
    assert isinstance(default_runner(SceneEnvironment(a_scene, SimpleNamespace())), WorkerRunner)


def test_blocking_in_the_desktop_keeps_its_windows_alive(
    a_scene: Any, a_worker: Any, add_volume: Any, settings: DespeckleSettings
) -> None:
    calls: list[float] = []
    application = SimpleNamespace(processEvents=lambda: calls.append(time.monotonic()))
    despeckler = SceneDespeckler(SceneEnvironment(a_scene, application), WorkerRunner(a_worker))
    despeckler.process(add_volume(speckled((10, 96, 96))), settings=settings)
    assert len(calls) > 5
    assert max(np.diff(calls)) < 0.25
