"""What travels with the scene, what stays on the computer, and what happens when scene or module go."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from panel.conftest import choose_input


def test_a_saved_scene_restores_the_panel(panel: Any, a_volume: Any, application: Any) -> None:
    import slicer
    from Speckle2SelfLib.settings import DEFAULT_STRENGTH

    choose_input(panel, a_volume)
    panel.ui.strengthSliderWidget.value = 0.35
    panel.ui.framesComboBox.currentIndex = 2
    panel.ui.toneCheckBox.checked = False
    scene = slicer.mrmlScene
    scene.SetSaveToXMLString(1)
    scene.Commit()
    text = scene.GetSceneXMLString()

    scene.Clear(0)
    panel.initializeParameterNode()
    assert panel.ui.strengthSliderWidget.value == DEFAULT_STRENGTH

    panel.setParameterNode(None)
    scene.SetLoadFromXMLString(1)
    scene.SetSceneXMLString(text)
    scene.Connect()
    panel.initializeParameterNode()
    assert panel.ui.strengthSliderWidget.value == 0.35
    assert panel.ui.framesComboBox.currentText == "Frame range"
    assert not panel.ui.toneCheckBox.checked
    assert panel.logic.getParameterNode().inputVolume.GetName() == "Sweep"


def test_a_scene_loaded_while_the_panel_is_open_shows_at_once(panel: Any, a_volume: Any) -> None:
    import slicer

    choose_input(panel, a_volume)
    panel.ui.strengthSliderWidget.value = 0.35
    scene = slicer.mrmlScene
    scene.SetSaveToXMLString(1)
    scene.Commit()
    text = scene.GetSceneXMLString()
    scene.Clear(0)
    panel.initializeParameterNode()
    assert "Choose an input" in panel.ui.applyButton.toolTip

    scene.SetLoadFromXMLString(1)
    scene.SetSceneXMLString(text)
    scene.Import()
    assert panel.ui.strengthSliderWidget.value == 0.35
    assert panel.logic.getParameterNode().inputVolume.GetName() == "Sweep"
    assert "no image" in panel.ui.applyButton.toolTip  # which the text does not hold


def test_device_and_model_file_stay_out_of_the_scene(panel: Any, settings_file: Path) -> None:
    import qt

    panel.ui.deviceComboBox.currentIndex = panel.ui.deviceComboBox.findData("cuda")
    panel.ui.modelComboBox.currentIndex = panel.ui.modelComboBox.findData("file")
    panel.ui.modelPathLineEdit.currentPath = "/home/zoë/my model.zip"
    qt.QSettings().sync()
    assert qt.QSettings().value("Speckle2Self/Device") == "cuda"
    assert qt.QSettings().value("Speckle2Self/ModelPath") == "/home/zoë/my model.zip"
    node = panel.logic.getParameterNode().parameterNode
    stored = {name: node.GetParameter(name) for name in node.GetParameterNames()}
    assert stored["model"] == "file"
    assert not any("zoë" in value or "cuda" in value for value in stored.values())


def test_the_next_session_remembers_device_and_model_file(module: Any, scene: Any, settings_file: Path) -> None:
    import qt

    qt.QSettings().setValue("Speckle2Self/Device", "cpu")
    qt.QSettings().setValue("Speckle2Self/ModelPath", "/models/mine.zip")
    panel = module.Speckle2SelfWidget()
    assert panel.ui.deviceComboBox.itemData(panel.ui.deviceComboBox.currentIndex) == "cpu"
    assert panel.ui.modelPathLineEdit.currentPath == "/models/mine.zip"
    panel.cleanup()


def test_a_device_that_no_longer_exists_counts_as_automatic(module: Any, scene: Any, settings_file: Path) -> None:
    import qt

    qt.QSettings().setValue("Speckle2Self/Device", "tpu")
    panel = module.Speckle2SelfWidget()
    assert panel.ui.deviceComboBox.itemData(panel.ui.deviceComboBox.currentIndex) == "auto"
    panel.cleanup()


def test_a_model_that_is_not_installed_here_is_marked(panel: Any) -> None:
    panel.logic.getParameterNode().model = "a-colleagues-model"
    assert panel.ui.modelComboBox.currentText == "a-colleagues-model (not installed here)"


def test_closing_the_scene_in_mid_run_stops_the_job(panel: Any, a_volume: Any) -> None:
    import slicer

    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    assert panel.isRunning
    panel.parent.setProperty("isEntered", True)
    panel.onSceneStartClose(slicer.mrmlScene, "StartCloseEvent")
    assert not panel.isRunning
    assert "cancelled" in panel.ui.statusLabel.text
    slicer.mrmlScene.Clear(0)
    panel.initializeParameterNode()
    assert not panel.ui.applyButton.enabled


def test_what_was_said_of_a_job_goes_with_its_scene(panel: Any, a_volume: Any, wait_until: Any) -> None:
    import slicer

    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    wait_until(lambda: not panel.isRunning)
    assert panel.ui.statusLabel.text.startswith("Done")
    slicer.mrmlScene.Clear(0)
    assert panel.ui.statusLabel.text == ""


def test_leaving_and_entering_the_module_keeps_panel_and_scene_in_step(panel: Any) -> None:
    from Speckle2SelfLib.settings import DEFAULT_STRENGTH

    panel.exit()
    panel.logic.getParameterNode().strength = 0.4
    assert panel.ui.strengthSliderWidget.value == DEFAULT_STRENGTH
    panel.enter()
    assert panel.ui.strengthSliderWidget.value == 0.4


def test_cleanup_leaves_no_observer_and_no_job(
    module: Any, scene: Any, settings_file: Path, a_volume: Any, wait_until: Callable[..., None]
) -> None:
    from Speckle2SelfLib.worker import shared_worker

    panel = module.Speckle2SelfWidget()
    panel.ui.applyButton.click()
    wait_until(lambda: shared_worker().busy)
    panel.cleanup()
    assert panel.Observations == []
    assert not panel.isRunning
    assert not shared_worker().busy


def test_the_logic_ends_the_worker_on_request(panel: Any, a_volume: Any, wait_until: Callable[..., None]) -> None:
    from Speckle2SelfLib.worker import shared_worker

    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    wait_until(lambda: not panel.isRunning)
    assert shared_worker().pid is not None
    panel.logic.close()
    assert shared_worker().pid is None


def test_reload_forgets_the_library(panel: Any, monkeypatch: Any) -> None:
    import slicer

    reloaded = []
    monkeypatch.setattr(slicer.util, "reloadScriptedModule", reloaded.append)
    kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "Speckle2SelfLib"}
    try:
        panel.onReload()
        assert reloaded == ["Speckle2Self"]
        assert not [name for name in sys.modules if name.startswith("Speckle2SelfLib")]
    finally:
        sys.modules.update(kept)


def test_a_job_goes_on_while_another_module_is_shown(
    panel: Any, a_volume: Any, wait_until: Callable[..., None]
) -> None:
    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    panel.exit()
    wait_until(lambda: not panel.isRunning)
    panel.enter()
    assert panel.logic.getParameterNode().outputVolume is not None, panel.ui.statusLabel.text
