"""A live stream: the newest frame first, others dropped, whatever size it takes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import slicer.util
from live_support import run
from scene_support import matrix_of, pixels_of, speckled
from Speckle2SelfLib.errors import Cancelled, InputError, OutputError
from Speckle2SelfLib.scene import SceneDespeckler
from Speckle2SelfLib.scene.frame_rates import FrameRates


@pytest.fixture
def a_live_volume(add_volume: Any) -> Any:
    """A volume of one frame, under a transform."""
    return add_volume(speckled((1, 40, 48)), name="Probe")


@pytest.fixture
def follow(a_worker: Any, a_model: str) -> Any:
    """Follow volumes with a small model, and stop."""
    started = []

    def make(node: Any, output: Any = None, **options: Any) -> Any:
        settings = {"model": a_model, "device": "cpu"}
        started.append(SceneDespeckler().follow(node, output, settings=settings, client=a_worker, **options))
        return started[-1]

    yield make
    for stream in started:
        stream.stop()


def test_a_frame_is_despeckled_into_a_volume_of_its_own(a_scene: Any, a_live_volume: Any, follow: Any) -> None:
    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    a_live_volume.SetAndObserveTransformNodeID(transform.GetID())
    stream = follow(a_live_volume)
    run(stream)
    output = stream.output
    assert output.GetName() == "Probe despeckled live (research use)"
    np.testing.assert_array_equal(matrix_of(output), matrix_of(a_live_volume))
    assert output.GetTransformNodeID() == transform.GetID()
    assert output.GetAttribute("Speckle2Self.Note") == "despeckled, research use"
    assert (pixels_of(output) != pixels_of(a_live_volume)).any()
    stream.stop()
    assert follow(a_live_volume).output is output


def test_frames_are_dropped_rather_than_queued(a_live_volume: Any, follow: Any) -> None:
    stream = follow(a_live_volume)
    run(stream, until=lambda: stream._task is not None and stream._task.sent)
    for seed in range(1, 8):  # while the first one is computed
        slicer.util.updateVolumeFromArray(a_live_volume, speckled((1, 40, 48), seed=seed))
        stream.poll()
    run(stream)
    rates = stream.rates
    assert (rates.received, rates.shown, rates.dropped) == (8, 2, 6)
    moved = matrix_of(a_live_volume)
    a_live_volume.SetOrigin(1, 2, 3)
    a_live_volume.SetName("Renamed")
    run(stream)
    assert rates.received == 8
    assert (moved != matrix_of(a_live_volume)).any()


def test_the_result_moves_with_a_volume_that_gets_no_new_image(a_scene: Any, a_live_volume: Any, follow: Any) -> None:
    stream = follow(a_live_volume)
    a_live_volume.SetOrigin(3, 2, 1)
    run(stream)
    shown = pixels_of(stream.output)
    a_live_volume.SetOrigin(1, 2, 3)
    run(stream)
    np.testing.assert_array_equal(matrix_of(stream.output), matrix_of(a_live_volume))
    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    a_live_volume.SetAndObserveTransformNodeID(transform.GetID())
    run(stream)
    assert stream.output.GetTransformNodeID() == transform.GetID()
    assert (stream.rates.received, stream.rates.shown) == (1, 1)
    np.testing.assert_array_equal(pixels_of(stream.output), shown)


def test_size_and_type_may_change_at_any_time(a_live_volume: Any, follow: Any) -> None:
    stream = follow(a_live_volume)
    run(stream, until=lambda: stream._task is not None and stream._task.sent)
    for pixels in (speckled((1, 64, 32), np.int16), speckled((1, 32, 40), np.float32)):
        slicer.util.updateVolumeFromArray(a_live_volume, pixels)
        run(stream)
        result = pixels_of(stream.output)
        assert (result.shape, result.dtype) == (pixels.shape, pixels.dtype)


def test_rates_are_of_the_last_two_seconds_and_older_frames_are_forgotten() -> None:
    seconds = itertools.count(0.0, 0.1)
    rates = FrameRates(clock=lambda: next(seconds) / 2)  # asked twice for each frame: one frame in 0.1 s
    for _ in range(500):
        rates.count_received()
    assert len(rates._times["received"]) <= 21
    received, shown = rates.per_second()
    assert received == pytest.approx(10, abs=0.5)
    assert (shown, rates.received) == (0, 500)


def test_other_settings_show_the_same_frame_again(a_live_volume: Any, follow: Any) -> None:
    stream = follow(a_live_volume)
    run(stream)
    stream.settings = stream.settings.replace(strength=0.0)
    run(stream)
    np.testing.assert_array_equal(pixels_of(stream.output), pixels_of(a_live_volume))
    assert (stream.rates.received, stream.rates.shown) == (1, 1)


def test_a_stream_that_has_not_begun_is_waited_for(a_scene: Any, follow: Any) -> None:
    node = a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Camera")
    stream = follow(node)
    run(stream)
    assert stream.running
    assert stream.output is None
    slicer.util.updateVolumeFromArray(node, speckled((1, 32, 32)))
    run(stream)
    assert stream.rates.shown == 1


@pytest.mark.parametrize("gone", ["input", "output"])
def test_it_ends_when_a_node_goes_away(a_scene: Any, a_live_volume: Any, follow: Any, gone: str) -> None:
    told: list[Any] = []
    stream = follow(a_live_volume, onStopped=told.append)
    run(stream)
    a_scene.RemoveNode(a_live_volume if gone == "input" else stream.output)
    run(stream)
    assert not stream.running
    assert isinstance(told[0], Cancelled)


def test_what_is_no_stream_is_refused(a_scene: Any, a_live_volume: Any, add_volume: Any, follow: Any) -> None:
    with pytest.raises(InputError, match="3 slices"):
        follow(add_volume(speckled((3, 40, 48))))
    with pytest.raises(InputError):
        follow(None)
    with pytest.raises(OutputError):
        follow(a_live_volume, a_live_volume)
