"""Apply: when it can be pressed, what it does, how it is cancelled, and what is said when something goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from panel.conftest import choose_input, make_sequence, make_volume

Wait = Callable[..., None]


def apply_and_wait(panel: Any, wait_until: Wait) -> None:
    assert panel.ui.applyButton.enabled, panel.ui.applyButton.toolTip
    panel.ui.applyButton.click()
    wait_until(lambda: not panel.isRunning)


def test_without_input_apply_is_disabled_and_says_why(panel: Any) -> None:
    assert not panel.ui.applyButton.enabled
    assert "Choose an input" in panel.ui.applyButton.toolTip


def test_an_input_without_image_is_named(panel: Any) -> None:
    import slicer

    choose_input(panel, slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty"))
    assert not panel.ui.applyButton.enabled
    assert "no image" in panel.ui.applyButton.toolTip


def test_an_input_that_gets_its_image_later_is_noticed(panel: Any, wait_until: Wait) -> None:
    """As the proxy of a sequence does, which is chosen as soon as it is in the scene."""
    import slicer

    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Late")
    assert panel.logic.getParameterNode().inputVolume is volume
    assert not panel.ui.applyButton.enabled
    volume.SetAndObserveImageData(make_volume("Other", frames=6).GetImageData())
    wait_until(lambda: panel.ui.applyButton.enabled, seconds=5)
    assert panel.ui.inputInfoLabel.text == "Volume: 6 frames of 64 x 48 pixels"
    assert panel.logic.getParameterNode().lastFrame == 6


def test_the_input_cannot_be_the_output(panel: Any, a_volume: Any) -> None:
    choose_input(panel, a_volume)
    panel.ui.outputSelector.setCurrentNode(a_volume)
    assert not panel.ui.applyButton.enabled
    assert "never changed" in panel.ui.applyButton.toolTip


def test_an_output_of_another_kind_is_refused(panel: Any, a_volume: Any) -> None:
    choose_input(panel, a_volume)
    panel.ui.outputSelector.setCurrentNode(make_volume("Color", components=3))
    assert not panel.ui.applyButton.enabled
    assert "gray or color" in panel.ui.applyButton.toolTip


def test_frames_outside_the_input_are_named(panel: Any, a_volume: Any) -> None:
    choose_input(panel, a_volume)
    panel.ui.framesComboBox.currentIndex = 2
    assert panel.ui.applyButton.enabled
    panel.ui.lastFrameSpinBox.value = 9
    assert not panel.ui.applyButton.enabled
    assert "1 to 9" in panel.ui.applyButton.toolTip
    assert "1 to 5" in panel.ui.applyButton.toolTip


def test_a_model_from_file_needs_a_file(panel: Any, a_volume: Any, a_model: str, tmp_path: Path) -> None:
    choose_input(panel, a_volume)
    panel.ui.modelComboBox.currentIndex = panel.ui.modelComboBox.findData("file")
    assert not panel.ui.applyButton.enabled
    assert "model file" in panel.ui.applyButton.toolTip
    assert panel.ui.applyHintLabel.text == panel.ui.applyButton.toolTip
    panel.ui.modelPathLineEdit.currentPath = "/somewhere/model.zip"
    assert "There is no file" in panel.ui.applyHintLabel.text
    (tmp_path / "photograph.pth").write_bytes(b"JFIF")
    panel.ui.modelPathLineEdit.currentPath = str(tmp_path / "photograph.pth")
    assert not panel.ui.applyButton.enabled
    assert "photograph.pth is no model" in panel.ui.applyHintLabel.text
    panel.ui.modelPathLineEdit.currentPath = a_model
    assert panel.ui.applyButton.enabled
    assert panel.ui.applyHintLabel.isHidden()


def test_a_model_that_a_scene_names_and_this_computer_lacks_is_named(panel: Any, a_volume: Any) -> None:
    choose_input(panel, a_volume)
    panel.logic.getParameterNode().model = "of-a-colleague"
    assert not panel.ui.applyButton.enabled
    assert "The model of-a-colleague is not on this computer" in panel.ui.applyHintLabel.text


def test_frames_that_are_too_small_are_named_before_apply(panel: Any) -> None:
    choose_input(panel, make_volume("Point", frames=3, rows=1, columns=1))
    assert not panel.ui.applyButton.enabled
    assert "1 x 1 pixels" in panel.ui.applyHintLabel.text
    assert not panel.ui.previewCheckBox.enabled


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ({"rows": 48, "columns": 70}, "multiples of 16, got 48 x 70 (rows x columns)"),
        ({"rows": 16, "columns": 16}, "at least 16 x 32"),
        ({"components": 3}, "gray B-mode frames only"),
    ],
)
def test_what_the_published_preset_does_not_take_is_said_before_apply(
    panel: Any, shape: dict[str, int], reason: str
) -> None:
    choose_input(panel, make_volume("Sweep", **shape))
    assert panel.ui.applyButton.enabled
    panel.ui.publishedCheckBox.checked = True
    assert not panel.ui.applyButton.enabled
    assert reason in panel.ui.applyButton.toolTip
    panel.ui.publishedCheckBox.checked = False
    assert panel.ui.applyButton.enabled


def test_the_published_preset_takes_b_mode_only_and_the_signal_can_be_changed(panel: Any, a_volume: Any) -> None:
    choose_input(panel, a_volume)
    panel.ui.publishedCheckBox.checked = True
    assert panel.ui.applyButton.enabled
    for signal in (1, 2):  # envelope, RF
        panel.ui.signalComboBox.currentIndex = signal
        assert not panel.ui.applyButton.enabled
        assert "B-mode" in panel.ui.applyButton.toolTip
    assert panel.ui.signalComboBox.enabled
    panel.ui.signalComboBox.currentIndex = 0
    assert panel.ui.applyButton.enabled


def test_the_panel_says_what_the_input_is(panel: Any) -> None:
    choose_input(panel, make_volume("Color", frames=3, rows=48, columns=64, components=3))
    assert panel.ui.inputInfoLabel.text == "Volume: 3 color frames of 64 x 48 pixels"
    assert not panel.ui.outputSelector.addEnabled  # "Create new" would make a gray node
    _sequence, _browser, proxy = make_sequence(frames=4)
    choose_input(panel, proxy)
    assert panel.ui.inputInfoLabel.text == "Sequence: 4 frames of 64 x 48 pixels"
    assert panel.logic.getParameterNode().lastFrame == 4


def test_a_chosen_frame_range_is_kept_when_another_input_is_chosen(panel: Any, a_volume: Any) -> None:
    choose_input(panel, a_volume)
    panel.ui.framesComboBox.currentIndex = 2
    panel.ui.lastFrameSpinBox.value = 4
    choose_input(panel, make_volume("Longer", frames=7))
    assert panel.logic.getParameterNode().lastFrame == 4
    panel.ui.framesComboBox.currentIndex = 0
    assert panel.logic.getParameterNode().lastFrame == 7


def test_the_first_volume_is_chosen_when_the_panel_opens(module: Any, a_volume: Any) -> None:
    panel = module.Speckle2SelfWidget()
    assert panel.logic.getParameterNode().inputVolume is a_volume
    panel.cleanup()


def test_apply_makes_a_new_volume_and_chooses_it_as_output(panel: Any, a_volume: Any, wait_until: Wait) -> None:
    choose_input(panel, a_volume)
    apply_and_wait(panel, wait_until)
    result = panel.logic.getParameterNode().outputVolume
    assert result is not None, panel.ui.statusLabel.text
    assert result.GetName() == "Sweep despeckled (research use)"
    assert "Sweep despeckled (research use)" in panel.ui.statusLabel.text
    assert "research use" in panel.ui.statusLabel.text
    assert panel.ui.statusLabel.text.count("despeckled") == 1
    assert panel.ui.applyButton.text == "Apply"
    assert panel.ui.progressBar.isHidden()


def test_pressing_apply_again_reuses_the_output(panel: Any, a_volume: Any, wait_until: Wait) -> None:
    import slicer

    choose_input(panel, a_volume)
    apply_and_wait(panel, wait_until)
    first = panel.logic.getParameterNode().outputVolume
    nodes = slicer.mrmlScene.GetNumberOfNodes()
    panel.ui.strengthSliderWidget.value = 0.5
    apply_and_wait(panel, wait_until)
    assert panel.logic.getParameterNode().outputVolume is first
    assert slicer.mrmlScene.GetNumberOfNodes() == nodes


def test_another_input_does_not_overwrite_the_result_of_the_one_before(
    panel: Any, a_volume: Any, wait_until: Wait
) -> None:
    choose_input(panel, a_volume)
    apply_and_wait(panel, wait_until)
    first = panel.logic.getParameterNode().outputVolume
    choose_input(panel, make_volume("Other"))
    assert panel.logic.getParameterNode().outputVolume is None
    panel.ui.outputSelector.setCurrentNode(first)  # by hand it can be chosen all the same
    assert panel.logic.getParameterNode().outputVolume is first


def test_a_frame_range_of_a_sequence_keeps_its_index_values(panel: Any, wait_until: Wait) -> None:
    sequence, _browser, proxy = make_sequence(frames=4)
    choose_input(panel, proxy)
    panel.ui.framesComboBox.currentIndex = 2
    panel.ui.firstFrameSpinBox.value, panel.ui.lastFrameSpinBox.value = 2, 3
    apply_and_wait(panel, wait_until)
    result = sequence_of(panel.logic.getParameterNode().outputVolume)
    values = [result.GetNthIndexValue(item) for item in range(result.GetNumberOfDataNodes())]
    assert values == [sequence.GetNthIndexValue(item) for item in (1, 2)]


def test_the_current_frame_of_a_sequence_becomes_a_volume(panel: Any, wait_until: Wait) -> None:
    import slicer

    _sequence, browser, proxy = make_sequence(frames=4)
    browser.SetSelectedItemNumber(2)
    choose_input(panel, proxy)
    panel.ui.framesComboBox.currentIndex = 1
    apply_and_wait(panel, wait_until)
    result = slicer.util.getNode("Cine frame 3 despeckled (research use)")
    assert result.GetImageData().GetDimensions() == (64, 48, 1)
    assert browser.GetSelectedItemNumber() == 2


def test_after_a_single_frame_all_frames_go_into_a_new_node(panel: Any, wait_until: Wait) -> None:
    """The volume of the frame cannot hold a sequence, and the next frame shall not overwrite it."""
    import slicer

    _sequence, _browser, proxy = make_sequence(frames=3)
    choose_input(panel, proxy)
    panel.ui.framesComboBox.currentIndex = 1
    apply_and_wait(panel, wait_until)
    assert panel.logic.getParameterNode().outputVolume is None
    single = slicer.util.getNode("*frame 1 despeckled*")
    before = slicer.util.arrayFromVolume(single).copy()
    panel.ui.framesComboBox.currentIndex = 0
    apply_and_wait(panel, wait_until)
    assert panel.logic.getParameterNode().outputVolume is not single, panel.ui.statusLabel.text
    assert (slicer.util.arrayFromVolume(single) == before).all()


def test_while_running_apply_is_cancel_and_the_settings_keep_still(panel: Any, a_volume: Any, wait_until: Wait) -> None:
    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    assert panel.ui.applyButton.text == "Cancel"
    assert panel.ui.applyButton.enabled
    assert not panel.ui.settingsCollapsibleButton.enabled
    assert not panel.ui.progressBar.isHidden()
    wait_until(lambda: not panel.isRunning)
    assert panel.ui.settingsCollapsibleButton.enabled


def test_the_panel_says_what_a_starting_job_waits_for(panel: Any, a_volume: Any, wait_until: Wait) -> None:
    """A cold worker starts, loads the model, measures the sweep."""
    panel.logic.close()
    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    said = [panel.ui.statusLabel.text]

    def ended() -> bool:
        if panel.ui.statusLabel.text != said[-1]:
            said.append(panel.ui.statusLabel.text)
        return not panel.isRunning

    wait_until(ended)
    assert said[:2] == ["Sending the frames to the worker...", "Starting the worker..."]
    assert "Loading the model..." in said
    assert said[-1].startswith("Done: Sweep despeckled (research use).")


def test_the_result_of_a_proxy_is_named_after_the_proxy(panel: Any, wait_until: Wait) -> None:
    _sequence, browser, proxy = make_sequence(frames=3)
    proxy.SetName("Liver sweep")
    choose_input(panel, proxy)
    apply_and_wait(panel, wait_until)
    assert panel.logic.getParameterNode().outputVolume.GetName() == "Liver sweep despeckled (research use)"
    browser.SetSelectedItemNumber(2)
    assert panel.logic.getParameterNode().outputVolume.GetName() == "Liver sweep despeckled (research use)"


def test_cancel_leaves_the_scene_as_it_was(panel: Any, a_volume: Any) -> None:
    import slicer

    choose_input(panel, a_volume)
    nodes = slicer.mrmlScene.GetNumberOfNodes()
    panel.ui.applyButton.click()
    panel.ui.applyButton.click()
    assert not panel.isRunning
    assert slicer.mrmlScene.GetNumberOfNodes() == nodes
    assert panel.ui.applyButton.text == "Apply"
    assert "cancelled" in panel.ui.statusLabel.text


def test_after_a_cancel_the_next_run_succeeds(panel: Any, a_volume: Any, wait_until: Wait) -> None:
    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    panel.ui.applyButton.click()
    apply_and_wait(panel, wait_until)
    assert panel.logic.getParameterNode().outputVolume is not None, panel.ui.statusLabel.text


def test_removing_the_input_in_mid_run_ends_the_job(panel: Any, a_volume: Any, wait_until: Wait) -> None:
    import slicer

    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    slicer.mrmlScene.RemoveNode(a_volume)
    wait_until(lambda: not panel.isRunning)
    assert "removed" in panel.ui.statusLabel.text
    assert panel.ui.applyButton.text == "Apply"


def test_a_broken_model_gives_one_sentence_and_a_working_panel(
    panel: Any, a_volume: Any, wait_until: Wait, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.pth").write_bytes(b"\x80not a model")
    choose_input(panel, a_volume)
    panel.ui.modelComboBox.currentIndex = panel.ui.modelComboBox.findData("file")
    panel.ui.modelPathLineEdit.currentPath = str(tmp_path / "broken.pth")
    apply_and_wait(panel, wait_until)
    assert "broken.pth" in panel.ui.statusLabel.text
    assert panel.ui.statusLabel.text in caplog.text  # the error dialog, which is logged while testing
    assert panel.ui.applyButton.text == "Apply"
    panel.ui.modelComboBox.currentIndex = 0
    apply_and_wait(panel, wait_until)
    assert panel.logic.getParameterNode().outputVolume is not None, panel.ui.statusLabel.text


def test_the_gui_stays_alive_while_the_worker_computes(panel: Any, a_volume: Any, application: Any) -> None:
    """No turn of the event loop takes longer than 100 ms beyond what starting takes."""
    import time

    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    longest, end = 0.0, time.monotonic() + 60
    while panel.isRunning and time.monotonic() < end:
        start = time.monotonic()
        application.processEvents()
        longest = max(longest, time.monotonic() - start)
        time.sleep(0.005)
    assert not panel.isRunning
    assert longest < 0.5  # a loaded test machine; the desktop's own limit is 0.1


def sequence_of(proxy: Any) -> Any:
    import slicer

    scene = slicer.mrmlScene
    for index in range(scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode")):
        sequence = scene.GetNthNodeByClass(index, "vtkMRMLSequenceBrowserNode").GetSequenceNode(proxy)
        if sequence is not None:
            return sequence
    raise AssertionError(f"{proxy.GetName()} shows no sequence")
