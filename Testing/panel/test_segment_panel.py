"""The sections that segment, learn and measure: what can be chosen, when they can start, what they do and say."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from lumen_samples import NeckSweep
from panel.conftest import make_sequence, make_volume

Wait = Callable[..., None]


@pytest.fixture
def a_cine(neck_sweeps: list[NeckSweep], scene: Any) -> tuple[Any, Any]:
    """A simulated neck as a sequence; its browser and its proxy."""
    import slicer

    neck = neck_sweeps[0]
    sequence = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", "Neck")
    for number, frame in enumerate(neck.frames[:4]):
        volume = slicer.util.addVolumeFromArray(frame[np.newaxis], name="Neck")
        volume.SetSpacing(neck.spacing[1], neck.spacing[0], 1.0)
        sequence.SetDataNodeAtValue(volume, f"{number}")
        slicer.mrmlScene.RemoveNode(volume)
    browser = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
    return browser, browser.GetProxyNode(sequence)


def choose_model(panel: Any, path: Path) -> None:
    ui = panel.ui
    ui.segmentModelComboBox.currentIndex = ui.segmentModelComboBox.findData("file")
    ui.segmentModelPathLineEdit.currentPath = str(path)


def add_segmentation(name: str, *segments: str, volume: Any = None) -> Any:
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    for segment in segments:
        node.GetSegmentation().AddEmptySegment(segment, segment)
    if volume is not None:
        node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    return node


def test_without_a_sweep_nothing_can_start_and_it_is_said_why(training_panel: Any) -> None:
    ui = training_panel.ui
    for button in (ui.segmentButton, ui.learnButton, ui.measureButton):
        assert not button.enabled
        assert "Choose a sweep first" in button.toolTip
    assert not ui.editButton.enabled
    assert not ui.exportButton.enabled
    assert ui.segmentProgressBar.isHidden()


def test_a_chosen_sweep_is_described_and_can_be_segmented(training_panel: Any) -> None:
    _sequence, _browser, proxy = make_sequence(frames=4)
    ui = training_panel.ui
    ui.segmentInputSelector.setCurrentNode(proxy)
    assert ui.segmentInfoLabel.text == "Sequence: 4 frames of 64 x 48 pixels"
    assert ui.segmentButton.enabled
    assert not ui.closedSurfaceCheckBox.enabled
    assert "Choose a segmentation" in ui.learnButton.toolTip
    assert "Choose a segmentation" in ui.measureInfoLabel.text
    ui.segmentInputSelector.setCurrentNode(make_volume("Swept"))
    assert ui.closedSurfaceCheckBox.enabled


def test_models_that_segment_are_listed_and_no_others(training_panel: Any, a_lumen_model: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(a_lumen_model, tmp_path / "models" / "mine")
    training_panel.initializeParameterNode()
    ui = training_panel.ui
    assert ui.segmentModelComboBox.findData("mine") >= 0
    assert ui.segmentModelComboBox.findData("carotid") >= 0
    assert ui.segmentModelComboBox.findData("default") < 0
    assert ui.modelComboBox.findData("mine") < 0


def test_a_model_from_file_needs_a_file_which_stays_out_of_the_scene(
    training_panel: Any, a_volume: Any, a_lumen_model: Path, a_model: str, tmp_path: Path
) -> None:
    import qt

    ui = training_panel.ui
    ui.segmentInputSelector.setCurrentNode(a_volume)
    assert ui.segmentModelPathLineEdit.isHidden()
    ui.segmentModelComboBox.currentIndex = ui.segmentModelComboBox.findData("file")
    assert not ui.segmentModelPathLineEdit.isHidden()
    assert "Choose a model file" in ui.segmentButton.toolTip
    for path in ("/home/zoë/lumen.zip", a_model):
        ui.segmentModelPathLineEdit.currentPath = path
        assert not ui.segmentButton.enabled
        assert ui.segmentHintLabel.text
        assert qt.QSettings().value("Speckle2SelfTraining/SegmentModelPath") == path
    assert "is no segmentation model" in ui.segmentHintLabel.text
    folder = shutil.copytree(a_lumen_model, tmp_path / "zoë")
    ui.segmentModelPathLineEdit.currentPath = str(folder)
    assert ui.segmentButton.enabled, ui.segmentHintLabel.text
    node = training_panel.logic.getParameterNode().parameterNode
    assert not any("zoë" in node.GetParameter(name) for name in node.GetParameterNames())


def test_the_panel_starts_with_the_settings_of_the_library(training_panel: Any) -> None:
    from Speckle2SelfTrainingLib.desktop.segment_options import learnOptions, segmentOptions
    from Speckle2SelfTrainingLib.segmentation import SegmentSettings
    from Speckle2SelfTrainingLib.segmentation.training import adaptation_settings

    parameters, machine = training_panel.logic.getParameterNode(), training_panel.machine
    library = SegmentSettings().to_dict()
    chosen = segmentOptions(parameters, machine)["settings"]
    assert chosen == {name: library[name] for name in chosen}
    assert learnOptions(parameters, machine)["settings"] == {"minutes": adaptation_settings().minutes}


def test_the_segment_is_chosen_where_there_are_several(training_panel: Any, a_volume: Any) -> None:
    ui, parameters = training_panel.ui, training_panel.logic.getParameterNode()
    ui.segmentInputSelector.setCurrentNode(a_volume)
    ui.segmentationSelector.setCurrentNode(add_segmentation("One", "Lumen"))
    assert ui.lumenSegmentComboBox.isHidden()
    ui.segmentationSelector.setCurrentNode(add_segmentation("Two", "Artery", "Vein"))
    assert not ui.lumenSegmentComboBox.isHidden()
    ui.lumenSegmentComboBox.currentIndex = ui.lumenSegmentComboBox.findData("Vein")
    assert parameters.lumenSegment == "Vein"
    parameters.lumenSegment = "Artery"
    assert ui.lumenSegmentComboBox.currentText == "Artery"
    ui.segmentationSelector.setCurrentNode(add_segmentation("Other", "Nerve"))
    assert parameters.lumenSegment == ""


def test_the_segmentation_of_another_sweep_is_not_overwritten(training_panel: Any) -> None:
    first, second = make_volume("First"), make_volume("Second")
    ui = training_panel.ui
    ui.segmentInputSelector.setCurrentNode(first)
    segmentation = add_segmentation("Of the first", "Lumen", volume=first)
    ui.segmentationSelector.setCurrentNode(segmentation)
    assert training_panel.logic.getParameterNode().segmentation is segmentation
    ui.segmentInputSelector.setCurrentNode(second)
    assert training_panel.logic.getParameterNode().segmentation is None


@pytest.mark.parametrize("name", ["a/b", "carotid", "taken"])
def test_names_that_cannot_be_used_are_said_before_learning(
    training_panel: Any, a_volume: Any, tmp_path: Path, name: str
) -> None:
    (tmp_path / "models" / "taken").mkdir(parents=True)
    ui = training_panel.ui
    ui.segmentInputSelector.setCurrentNode(a_volume)
    ui.segmentationSelector.setCurrentNode(add_segmentation("Mine", "Lumen"))
    assert ui.learnButton.enabled
    assert ui.learnNameLineEdit.placeholderText == "corrected-1"
    if name == "carotid":
        from Speckle2SelfLib.bundle.shipped import shipped_models

        if name not in shipped_models("segmentation"):
            pytest.skip("no model for the carotid is shipped yet")
    ui.learnNameLineEdit.text = name
    assert not ui.learnButton.enabled


def test_segment_correct_learn_and_measure(
    training_panel: Any, a_cine: Any, a_lumen_model: Path, wait_until: Wait, tmp_path: Path, monkeypatch: Any
) -> None:
    """One story, since the worker takes its time."""
    import qt
    import slicer

    browser, proxy = a_cine
    ui, parameters = training_panel.ui, training_panel.logic.getParameterNode()
    ui.segmentInputSelector.setCurrentNode(proxy)
    choose_model(training_panel, a_lumen_model)

    ui.segmentButton.click()
    assert ui.segmentStatusLabel.text == "Sending the frames to the worker..."
    assert ui.segmentButton.text == "Cancel"
    assert not ui.segmentProgressBar.isHidden()
    assert ui.progressBar.isHidden()
    assert not ui.segmentationSelector.enabled
    for button in (ui.startButton, ui.learnButton, ui.measureButton):
        assert not button.enabled
        assert button.toolTip == "Another job is running."
    wait_until(lambda: not training_panel.isRunning, seconds=120)
    assert ui.segmentStatusLabel.text.startswith("Done: Neck segmentation. For research use only.")
    assert ui.segmentButton.text == "Segment"
    shown = parameters.segmentation
    assert browser.GetSequenceNode(shown).GetNumberOfDataNodes() == 4

    opened: list[Any] = []
    editor = SimpleNamespace(setSegmentationNode=opened.append, setSourceVolumeNode=opened.append)
    monkeypatch.setattr(slicer.util, "selectModule", opened.append, raising=False)
    monkeypatch.setattr(slicer.util, "getModuleWidget", lambda name: SimpleNamespace(editor=editor), raising=False)
    ui.editButton.click()
    assert opened == ["SegmentEditor", shown, proxy]

    assert ui.measureInfoLabel.text == f"Measures {shown.GetName()} on {proxy.GetName()}."
    ui.measureButton.click()
    wait_until(lambda: not training_panel.isRunning)
    assert ui.measureStatusLabel.text.startswith("Lumen on ")
    assert "For research use only." in ui.measureStatusLabel.text
    tables = slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLTableNode")
    ui.measureButton.click()
    wait_until(lambda: not training_panel.isRunning)
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLTableNode") == tables
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *_: str(tmp_path / "Größe"))
    monkeypatch.setattr(slicer.util, "mainWindow", lambda: None, raising=False)
    ui.exportButton.click()
    with (tmp_path / "Größe.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 4
    assert "Größe.csv" in ui.measureStatusLabel.text

    monkeypatch.setattr("Speckle2SelfTrainingLib.desktop.learn_section.learnOptions", quick(learn_options()))
    ui.learnButton.click()
    assert ui.learnButton.text == "Cancel"
    wait_until(lambda: not training_panel.isRunning, seconds=300)
    assert ui.learnStatusLabel.text.startswith("Done: model corrected-1 ("), ui.learnStatusLabel.text
    assert parameters.segmentModel == "corrected-1"
    assert ui.segmentModelComboBox.currentText == "corrected-1 (trained here)"

    nodes = slicer.mrmlScene.GetNumberOfNodes()
    ui.segmentButton.click()
    ui.segmentButton.click()
    assert not training_panel.isRunning
    assert "cancelled" in ui.segmentStatusLabel.text
    assert slicer.mrmlScene.GetNumberOfNodes() == nodes


def learn_options() -> Any:
    from Speckle2SelfTrainingLib.desktop.segment_options import learnOptions

    return learnOptions


def quick(options: Any) -> Any:
    """The panel's options with a training of a few steps."""

    def changed(parameters: Any, machine: Any) -> dict[str, Any]:
        found: dict[str, Any] = options(parameters, machine)
        found["settings"].update(steps=3, batch_size=2, crop=64, validate_every=2)
        return found

    return changed


def test_what_cannot_be_segmented_gives_one_sentence_and_a_working_panel(
    training_panel: Any,
    a_volume: Any,
    a_lumen_model: Path,
    wait_until: Wait,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    ui = training_panel.ui
    ui.segmentInputSelector.setCurrentNode(a_volume)
    broken = shutil.copytree(a_lumen_model, tmp_path / "nothing")
    for weights in (broken / "models").iterdir():
        weights.write_bytes(b"broken")
    choose_model(training_panel, broken)
    ui.segmentButton.click()
    wait_until(lambda: not training_panel.isRunning, seconds=120)
    assert "nothing" in ui.segmentStatusLabel.text
    assert ui.segmentStatusLabel.text in caplog.text  # the error dialog, which is logged while testing
    assert ui.segmentButton.enabled


def test_an_empty_segmentation_is_refused_for_learning_in_a_sentence(training_panel: Any, a_volume: Any) -> None:
    ui = training_panel.ui
    ui.segmentInputSelector.setCurrentNode(a_volume)
    ui.segmentationSelector.setCurrentNode(add_segmentation("Mine", "Lumen", volume=a_volume))
    ui.learnButton.click()
    assert not training_panel.isRunning
    assert "is empty on every frame" in ui.learnStatusLabel.text


def test_closing_the_scene_ends_a_segmentation(
    training_panel: Any, a_cine: Any, a_lumen_model: Path, scene: Any, wait_until: Wait
) -> None:
    ui = training_panel.ui
    ui.segmentInputSelector.setCurrentNode(a_cine[1])
    choose_model(training_panel, a_lumen_model)
    ui.segmentButton.click()
    scene.Clear(0)
    assert not training_panel.isRunning
    assert ui.segmentProgressBar.isHidden()
    assert ui.segmentStatusLabel.text == ""


def test_the_sections_can_be_photographed(training_panel: Any, application: Any, tmp_path: Path) -> None:
    ui = training_panel.ui
    ui.adaptCollapsibleButton.collapsed = True
    for name in ("segment", "segmentAdvanced", "learn", "measure"):
        getattr(ui, f"{name}CollapsibleButton").collapsed = False
    training_panel.parent.resize(420, 1000)
    training_panel.parent.show()
    application.processEvents()
    picture = training_panel.parent.grab().toImage()
    assert picture.save(str(tmp_path / "panel.png"))
    colors = {picture.pixel(x, y) for x in range(0, picture.width(), 5) for y in range(0, picture.height(), 5)}
    assert len(colors) > 20
