"""The live part of the panel: switched on and off, left and entered, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def a_view(a_volume: Any) -> Any:
    """A slice view that shows the volume; returns its slice node and its composite node."""
    import slicer

    view = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    view.SetLayoutName("Red")
    view.SetOrientationToAxial()
    composite = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceCompositeNode", "Red")
    composite.SetLayoutName("Red")
    composite.SetBackgroundVolumeID(a_volume.GetID())
    return view, composite


@pytest.fixture
def live(panel: Any, a_volume: Any, a_model: str) -> Any:
    """The live part, with the volume and a small model chosen."""
    panel.enter()
    panel.logic.getParameterNode().inputVolume = a_volume
    panel.ui.modelPathLineEdit.currentPath = a_model
    panel.logic.getParameterNode().model = "file"
    return panel._parts[0]


def previews() -> list[Any]:
    import slicer

    volumes = slicer.util.getNodesByClass("vtkMRMLVolumeNode")
    return [volume for volume in volumes if volume.GetAttribute("Speckle2Self.LivePreview")]


def test_the_preview_follows_views_and_sliders(
    panel: Any, live: Any, a_view: Any, wait_until: Callable[..., None]
) -> None:
    import slicer

    view, composite = a_view
    panel.ui.previewCheckBox.checked = True
    wait_until(lambda: panel.ui.previewStatusLabel.text.startswith("Preview, frame 1:"))
    assert composite.GetForegroundVolumeID() == previews()[0].GetID()
    view.SetSliceOffset(live.preview.job.volume.GetSpacing()[2] * 3)
    wait_until(lambda: "frame 4:" in panel.ui.previewStatusLabel.text)
    panel.ui.strengthSliderWidget.value = 0.0
    wait_until(
        lambda: np.array_equal(
            slicer.util.arrayFromVolume(previews()[0])[0],
            slicer.util.arrayFromVolume(panel.parameters.inputVolume)[live.preview.job.index],
        )
    )
    panel.ui.previewOpacitySliderWidget.value = 0.5
    assert composite.GetForegroundOpacity() == 0.5
    panel.ui.previewCheckBox.checked = False
    assert previews() == []
    assert (composite.GetForegroundVolumeID(), panel.ui.previewStatusLabel.text) == (None, "")


def test_it_goes_off_with_the_module_and_comes_back_with_it(
    panel: Any, live: Any, a_view: Any, wait_until: Callable[..., None]
) -> None:
    panel.ui.previewCheckBox.checked = True
    wait_until(previews)
    panel.exit()
    assert previews() == []
    panel.enter()
    assert panel.ui.previewCheckBox.checked
    wait_until(previews)
    panel.cleanup()
    assert previews() == []


def test_a_scene_that_closes_switches_all_off(
    panel: Any, live: Any, a_view: Any, wait_until: Callable[..., None]
) -> None:
    import slicer

    panel.ui.previewCheckBox.checked = True
    wait_until(previews)
    slicer.mrmlScene.Clear(0)
    assert live.preview.job is None
    assert not panel.ui.previewCheckBox.checked
    assert previews() == []


def test_what_goes_wrong_is_one_sentence_and_switches_it_off(
    panel: Any, live: Any, a_view: Any, wait_until: Callable[..., None], tmp_path: Any
) -> None:
    broken = tmp_path / "broken.pth"
    broken.write_bytes(b"\x80no model")
    panel.ui.modelPathLineEdit.currentPath = str(broken)
    panel.ui.previewCheckBox.checked = True
    wait_until(lambda: not panel.ui.previewCheckBox.checked)
    assert panel.ui.previewStatusLabel.text
    assert previews() == []


def test_apply_works_while_the_preview_is_on(
    panel: Any, live: Any, a_view: Any, wait_until: Callable[..., None]
) -> None:
    panel.ui.previewCheckBox.checked = True
    wait_until(previews)
    panel.ui.applyButton.click()
    wait_until(lambda: not panel.isRunning)
    assert "Done" in panel.ui.statusLabel.text
    assert panel.ui.previewCheckBox.checked


def test_a_stream_is_followed_until_the_button_is_pressed_again(
    panel: Any, live: Any, scene: Any, wait_until: Callable[..., None]
) -> None:
    import slicer

    probe = slicer.util.addVolumeFromArray(np.full((1, 32, 32), 7, np.uint8), name="Probe")
    panel.logic.getParameterNode().inputVolume = probe
    panel.ui.followButton.click()
    assert panel.ui.followButton.text == "Stop following"
    wait_until(lambda: live.stream.job.rates.shown == 1)
    assert "Probe despeckled live (research use)" in panel.ui.followStatusLabel.text
    panel.exit()
    assert live.stream.job is not None
    panel.ui.followButton.click()
    assert live.stream.job is None
    assert slicer.util.getNode("Probe despeckled live (research use)")


def test_a_volume_of_several_slices_cannot_be_followed_and_the_button_says_so(panel: Any, live: Any) -> None:
    assert not panel.ui.followButton.enabled
    assert "only a volume of a single image can be followed" in panel.ui.followButton.toolTip
