"""The live preview: equals a whole job, shows the newest frame, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
from typing import Any

import numpy as np
import pytest
import slicer.util
from live_support import add_view, node_ids, run
from scene_support import pixels_of, speckled
from Speckle2SelfLib.errors import Cancelled, InputError, WorkerError
from Speckle2SelfLib.scene import SceneDespeckler
from Speckle2SelfLib.scene.preview_layer import PREVIEW_ATTRIBUTE
from Speckle2SelfLib.worker.live_task import LiveTask


@pytest.fixture
def a_flat_volume(a_scene: Any) -> Any:
    """Six frames, one millimeter apart, from the origin on."""
    return slicer.util.addVolumeFromArray(speckled((6, 40, 48)), name="Sweep")


@pytest.fixture
def preview_of(a_worker: Any, a_model: str) -> Any:
    """Start previews with a small model, and stop them."""
    started = []

    def make(node: Any, *, strength: float = 0.8, **options: Any) -> Any:
        settings = {"model": a_model, "device": "cpu", "strength": strength}
        started.append(SceneDespeckler().preview(node, settings=settings, client=a_worker, **options))
        return started[-1]

    yield make
    for preview in started:
        preview.stop()


def test_a_preview_equals_what_a_whole_job_gives_for_that_frame(
    a_scene: Any, a_flat_volume: Any, preview_of: Any
) -> None:
    view, composite = add_view(a_scene, "Red", "Axial", a_flat_volume)
    preview = preview_of(a_flat_volume)
    for frame, strength in ((2, 0.8), (5, 0.8), (5, 0.3), (0, 0.0)):
        view.SetSliceOffset(frame)
        preview.settings = preview.settings.replace(strength=strength)
        run(preview)
        whole = pixels_of(SceneDespeckler().process(a_flat_volume, settings=preview.settings))
        np.testing.assert_array_equal(pixels_of(preview.volume)[0], whole[frame])
        assert preview.index == frame
        assert preview.volume.GetOrigin() == (0, 0, frame)
    assert composite.GetForegroundVolumeID() == preview.volume.GetID()


def test_a_preview_of_a_sequence_follows_its_browser(a_scene: Any, add_sequence: Any, preview_of: Any) -> None:
    frames = speckled((4, 32, 40))
    _sequence, browser, proxy = add_sequence(frames)
    preview = preview_of(proxy)
    browser.SetSelectedItemNumber(3)
    run(preview)
    whole = SceneDespeckler().process(proxy, settings=preview.settings, frames="current")
    np.testing.assert_array_equal(pixels_of(preview.volume), pixels_of(whole))
    assert preview.index == 3


def test_a_changed_image_is_measured_and_shown_anew(a_flat_volume: Any, preview_of: Any) -> None:
    preview = preview_of(a_flat_volume)
    run(preview)
    woken: list[bool] = []
    preview.wake = lambda: woken.append(True)
    slicer.util.updateVolumeFromArray(a_flat_volume, speckled((8, 32, 32), np.int16, seed=3))
    assert woken
    run(preview)
    whole = pixels_of(SceneDespeckler().process(a_flat_volume, settings=preview.settings))
    np.testing.assert_array_equal(pixels_of(preview.volume)[0], whole[preview.index])


def test_the_newest_request_wins_and_none_is_queued(
    a_scene: Any, a_flat_volume: Any, preview_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    send = LiveTask.send
    monkeypatch.setattr(LiveTask, "send", lambda task, **order: (asked.append(order["index"]), send(task, **order)))
    view, _composite = add_view(a_scene, "Red", "Axial", a_flat_volume)
    preview = preview_of(a_flat_volume)
    run(preview, until=lambda: len(asked) == 1)
    for frame in (1, 2, 3, 4):  # while the first one is computed
        view.SetSliceOffset(frame)
        preview.poll()
    run(preview)
    assert asked == [0, 4]
    assert preview.index == 4


def test_views_and_scene_are_as_before_when_it_is_off(a_scene: Any, a_flat_volume: Any, preview_of: Any) -> None:
    other = slicer.util.addVolumeFromArray(speckled((6, 40, 48)), name="Other")
    _view, red = add_view(a_scene, "Red", "Axial", a_flat_volume)
    _view, green = add_view(a_scene, "Green", "Sagittal", a_flat_volume)
    red.SetForegroundVolumeID(other.GetID())
    red.SetForegroundOpacity(0.25)
    before = node_ids(a_scene)
    preview = preview_of(a_flat_volume, opacity=0.5)
    run(preview)
    assert (red.GetForegroundVolumeID(), red.GetForegroundOpacity()) == (preview.volume.GetID(), 0.5)
    assert green.GetForegroundVolumeID() is None  # it does not look along the frames
    preview.set_opacity(0.75)
    assert red.GetForegroundOpacity() == 0.75
    preview.stop()
    assert (red.GetForegroundVolumeID(), red.GetForegroundOpacity()) == (other.GetID(), 0.25)
    assert node_ids(a_scene) == before


def test_a_view_that_the_user_changes_meanwhile_is_left_alone(
    a_scene: Any, a_flat_volume: Any, preview_of: Any
) -> None:
    other = slicer.util.addVolumeFromArray(speckled((6, 40, 48)), name="Other")
    view, red = add_view(a_scene, "Red", "Axial", a_flat_volume)
    preview = preview_of(a_flat_volume)
    run(preview)
    red.SetForegroundVolumeID(other.GetID())
    view.SetSliceOffset(3)
    run(preview)
    assert red.GetForegroundVolumeID() == other.GetID()
    preview.stop()
    assert red.GetForegroundVolumeID() == other.GetID()


def test_a_preview_moves_with_its_input(a_scene: Any, a_flat_volume: Any, preview_of: Any) -> None:
    add_view(a_scene, "Red", "Axial", a_flat_volume)
    preview = preview_of(a_flat_volume)
    run(preview)
    a_flat_volume.SetOrigin(30, -20, 0)
    run(preview)
    assert (preview.index, preview.volume.GetOrigin()) == (0, (30, -20, 0))
    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    a_flat_volume.SetAndObserveTransformNodeID(transform.GetID())
    run(preview)
    assert preview.volume.GetTransformNodeID() == transform.GetID()


def test_another_preview_ends_the_first_one_and_gives_back_what_was_there_before_both(
    a_scene: Any, a_flat_volume: Any, preview_of: Any
) -> None:
    other = slicer.util.addVolumeFromArray(speckled((6, 40, 48)), name="Other")
    _view, red = add_view(a_scene, "Red", "Axial", a_flat_volume)
    red.SetForegroundVolumeID(other.GetID())
    red.SetForegroundOpacity(0.25)
    first = preview_of(a_flat_volume)
    run(first)
    second = preview_of(a_flat_volume)
    assert not first.running
    run(second)
    assert red.GetForegroundVolumeID() == second.volume.GetID()
    second.stop()
    assert (red.GetForegroundVolumeID(), red.GetForegroundOpacity()) == (other.GetID(), 0.25)


def test_a_browser_that_a_sequence_gets_later_is_followed(a_scene: Any, add_sequence: Any, preview_of: Any) -> None:
    sequence, _browser, _proxy = add_sequence(speckled((3, 32, 40)), browser=None)
    preview = preview_of(sequence)
    run(preview)
    browser = a_scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Later")
    browser.AddSynchronizedSequenceNode(sequence)
    run(preview)
    woken: list[bool] = []
    preview.wake = lambda: woken.append(True)
    browser.SetSelectedItemNumber(2)
    assert woken
    run(preview)
    assert preview.index == 2


def test_a_saved_scene_holds_no_preview(a_scene: Any, a_flat_volume: Any, preview_of: Any) -> None:
    add_view(a_scene, "Red", "Axial", a_flat_volume)
    preview = preview_of(a_flat_volume)
    run(preview)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    assert hierarchy.GetItemByDataNode(preview.volume) == hierarchy.GetInvalidItemID()
    a_scene.SetSaveToXMLString(1)
    a_scene.Commit()
    loaded = slicer.vtkMRMLScene()
    loaded.SetLoadFromXMLString(1)
    loaded.SetSceneXMLString(a_scene.GetSceneXMLString())
    loaded.Import()
    nodes = [loaded.GetNthNode(index) for index in range(loaded.GetNumberOfNodes())]
    assert [node.GetName() for node in nodes if node.IsA("vtkMRMLVolumeNode")] == ["Sweep"]
    composite = loaded.GetFirstNodeByClass("vtkMRMLSliceCompositeNode")
    assert composite.GetForegroundVolumeID() is None


@pytest.mark.parametrize("end", ["input removed", "scene closed", "preview removed"])
def test_it_ends_with_what_it_shows(a_scene: Any, a_flat_volume: Any, preview_of: Any, end: str) -> None:
    told: list[Any] = []
    preview = preview_of(a_flat_volume, onStopped=told.append)
    run(preview)
    volume = preview.volume
    if end == "scene closed":
        a_scene.Clear(0)
    else:
        a_scene.RemoveNode(a_flat_volume if end == "input removed" else volume)
        run(preview)
        assert isinstance(told[0], Cancelled)
    assert not preview.running
    assert len(told) == 1
    left = [a_scene.GetNthNode(index) for index in range(a_scene.GetNumberOfNodes())]
    assert not [node for node in left if node.GetAttribute(PREVIEW_ATTRIBUTE)]


def test_another_job_takes_the_worker_and_the_preview_comes_back(
    a_flat_volume: Any, preview_of: Any, a_worker: Any
) -> None:
    preview = preview_of(a_flat_volume)
    run(preview, until=lambda: preview._task is not None and preview._task.sent)
    task = a_worker.begin((1, 32, 32), np.dtype(np.uint8), preview.settings)
    run(preview, until=lambda: preview.paused)
    task.write(0, speckled((32, 32)))
    task.send()
    assert len(task.wait()) == 1
    task.close()
    run(preview)
    assert preview.index is not None


def test_a_worker_that_is_killed_in_mid_frame_ends_it_with_one_sentence(
    a_flat_volume: Any, preview_of: Any, a_worker: Any, a_scene: Any
) -> None:
    told: list[Any] = []
    view, composite = add_view(a_scene, "Red", "Axial", a_flat_volume)
    preview = preview_of(a_flat_volume, onStopped=told.append)
    run(preview)
    view.SetSliceOffset(3)
    preview.poll()
    os.kill(a_worker.pid, signal.SIGKILL)
    run(preview)
    assert isinstance(told[0], WorkerError)
    assert composite.GetForegroundVolumeID() is None
    again = preview_of(a_flat_volume)
    run(again)
    assert again.index == 3


def test_what_cannot_be_despeckled_is_refused(a_scene: Any, preview_of: Any) -> None:
    with pytest.raises(InputError):
        preview_of(a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty"))


def test_the_frames_of_a_long_sequence_are_looked_at_after_a_change_only(
    a_scene: Any, add_sequence: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from Speckle2SelfLib.scene import input_state
    from Speckle2SelfLib.scene.environment import SceneEnvironment

    looks: list[Any] = []
    real = input_state.image_time
    monkeypatch.setattr(input_state, "image_time", lambda node: looks.append(node) or real(node))
    sequence = add_sequence(speckled((4, 20, 24)))[0]
    watch = input_state.PixelWatch(SceneEnvironment(a_scene), sequence)
    before = watch.state()
    assert len(looks) == 4
    assert watch.state() == before
    assert len(looks) == 4
    frame = sequence.GetNthDataNode(2)
    slicer.util.updateVolumeFromArray(frame, slicer.util.arrayFromVolume(frame) // 2)
    changed = watch.state()
    assert changed != before
    assert changed == input_state.pixel_state(SceneEnvironment(a_scene), sequence)
    sequence.RemoveDataNodeAtValue(sequence.GetNthIndexValue(0))
    assert len(watch.state()) == len(before) - 1
    watch.close()
