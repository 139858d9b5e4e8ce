"""The section that compares despeckling with classical filters: what can be chosen, what it does, says and saves."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from panel.conftest import make_sequence, make_volume

Wait = Callable[..., None]


def choose(panel: Any, node: Any, model: str, *filters: str) -> None:
    """Choose a sweep, a model's file, and exactly these filters."""
    from Speckle2SelfTrainingLib.desktop.compare_filters_section import filterCheckBoxes

    ui = panel.ui
    ui.compareInputSelector.setCurrentNode(node)
    ui.compareModelComboBox.currentIndex = ui.compareModelComboBox.findData("file")
    ui.compareModelPathLineEdit.currentPath = model
    for name, box in filterCheckBoxes(ui).items():
        box.checked = name in filters


def add_region(class_name: str, name: str) -> Any:
    import slicer

    return slicer.mrmlScene.AddNewNodeByClass(class_name, name)


def test_the_panel_offers_the_filters_of_the_library_and_its_first_choice(training_module: Any) -> None:
    from Speckle2SelfTrainingLib.desktop.compare_options import FILTERS, MOST_STRENGTHS
    from Speckle2SelfTrainingLib.evaluation.comparing import QUICK_PEERS
    from Speckle2SelfTrainingLib.evaluation.peers import CLASSICAL, PEERS
    from Speckle2SelfTrainingLib.scene import evaluator

    assert set(FILTERS) == {name for name, peer in PEERS.items() if peer.kind == CLASSICAL}
    parameters = training_module.Speckle2SelfTrainingLogic().getParameterNode()
    assert parameters.compareFilters == QUICK_PEERS
    assert float(parameters.compareStrengths) == evaluator.DEFAULT_STRENGTH
    assert parameters.compareFrames == evaluator.DEFAULT_FRAMES
    assert MOST_STRENGTHS == evaluator.MOST_STRENGTHS


def test_what_is_missing_is_said_on_the_button(training_panel: Any) -> None:
    ui = training_panel.ui
    assert not ui.compareButton.enabled
    assert "Choose a sweep first" in ui.compareButton.toolTip
    for button in (ui.showComparisonButton, ui.exportFigureButton, ui.exportComparisonButton):
        assert not button.enabled
    _sequence, _browser, proxy = make_sequence(frames=4)
    ui.compareInputSelector.setCurrentNode(proxy)
    assert ui.compareInfoLabel.text == "Sequence: 4 frames of 64 x 48 pixels"
    assert ui.compareButton.enabled
    ui.compareModelComboBox.currentIndex = ui.compareModelComboBox.findData("file")
    assert "Choose a model file" in ui.compareButton.toolTip
    assert not ui.compareModelPathLineEdit.isHidden()
    ui.compareModelComboBox.currentIndex = 0
    ui.compareStrengthsLineEdit.text = "strong"
    assert "one to four different strengths" in ui.compareButton.toolTip
    ui.compareStrengthsLineEdit.text = "1"
    for name in ("nlm", "srad", "tv", "curvature", "median"):
        getattr(ui, f"{name}FilterCheckBox").checked = False
    assert "Check at least one filter" in ui.compareButton.toolTip
    ui.medianFilterCheckBox.checked = True
    assert ui.compareButton.enabled


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0.8", [0.8]),
        ("1 0.5 0.5", [0.5, 1.0]),
        ("0,5; 1", [0.5, 1.0]),
        ("0.5, 1", [0.5, 1.0]),
        ("", None),
        ("1.5", None),
        ("a", None),
        ("0 0.1 0.2 0.3 0.4", None),
    ],
)
def test_strengths_are_read_as_people_write_them(training_module: Any, text: str, numbers: list[float] | None) -> None:
    from Speckle2SelfTrainingLib.desktop.compare_options import strengthsOf

    assert strengthsOf(text) == numbers


def test_regions_are_rois_and_segmentations_and_nothing_else(training_panel: Any, a_volume: Any) -> None:
    ui, parameters = training_panel.ui, training_panel.logic.getParameterNode()
    roi = add_region("vtkMRMLMarkupsROINode", "Box")
    segmentation = add_region("vtkMRMLSegmentationNode", "Drawn")
    ui.compareTissueSelector.setCurrentNode(roi)
    ui.compareLumenSelector.setCurrentNode(segmentation)
    assert parameters.compareTissue is roi
    assert parameters.compareLumen is segmentation
    ui.compareTissueSelector.setCurrentNode(a_volume)
    assert parameters.compareTissue is None
    parameters.compareLumen = roi
    assert ui.compareLumenSelector.currentNode() is roi


def test_compare_show_and_export(
    training_panel: Any, a_model: str, wait_until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One story, since the worker takes its time."""
    import qt
    import slicer

    ui, scene = training_panel.ui, slicer.mrmlScene
    _sequence, _browser, proxy = make_sequence(frames=4)
    choose(training_panel, proxy, a_model, "median", "tv")
    ui.compareFramesSpinBox.value = 2
    ui.compareButton.click()
    assert ui.compareStatusLabel.text == "Sending the frames to the worker..."
    assert ui.compareButton.text == "Cancel"
    assert not ui.compareFiltersGroupBox.enabled
    assert not ui.compareProgressBar.isHidden()
    assert ui.segmentButton.toolTip == "Another job is running."
    said: list[str] = []

    def ended() -> bool:
        said.append(ui.compareStatusLabel.text)
        return not training_panel.isRunning

    wait_until(ended, seconds=120)
    assert any("(method " in line and "of 3): frame " in line for line in said), set(said)
    begin = f"Done: {proxy.GetName()} comparison with filters. Speckle2Self: ENL in tissue "
    assert said[-1].startswith(begin), said[-1]
    assert "chosen automatically" in said[-1]
    assert said[-1].endswith("For research use only.")
    assert ui.compareButton.text == "Compare"
    assert [ui.comparedFrameComboBox.itemData(index) for index in range(2)] == [1, 3]

    tables = scene.GetNumberOfNodesByClass("vtkMRMLTableNode")
    volumes = scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")
    monkeypatch.setattr(slicer.util, "mainWindow", lambda: None, raising=False)
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName", lambda *_: str(tmp_path / "Größe"))
    ui.exportComparisonButton.click()
    ui.exportFigureButton.click()
    with (tmp_path / "Größe.csv").open(encoding="utf-8") as file:
        assert [row["method"] for row in csv.DictReader(file)] == ["input", "Speckle2Self", "TV", "Median"]
    assert (tmp_path / "Größe.png").read_bytes().startswith(b"\x89PNG")
    assert "Größe.png" in ui.compareStatusLabel.text
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == volumes

    layout = scene.AddNewNodeByClass("vtkMRMLLayoutNode")
    layout.SetViewArrangement(layout.SlicerLayoutFourUpView)
    ui.showComparisonButton.checked = True
    assert layout.GetViewArrangement() == 50723
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == volumes + 8
    ui.comparedFrameComboBox.currentIndex = 1
    ui.showComparisonButton.checked = False
    assert layout.GetViewArrangement() == layout.SlicerLayoutFourUpView
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == volumes
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    assert hierarchy.GetItemByName(f"{proxy.GetName()} compared frames") == hierarchy.GetInvalidItemID()

    ui.compareButton.click()
    wait_until(lambda: training_panel.job.method > 0 or not training_panel.isRunning, seconds=60)
    ui.compareButton.click()
    assert not training_panel.isRunning
    assert ui.compareStatusLabel.text == "The comparison was cancelled; nothing was changed."
    assert scene.GetNumberOfNodesByClass("vtkMRMLTableNode") == tables
    assert ui.exportComparisonButton.enabled  # what was compared before is still there


def test_what_cannot_be_compared_gives_one_sentence_and_a_working_panel(
    training_panel: Any, a_volume: Any, tmp_path: Path, wait_until: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    ui = training_panel.ui
    (tmp_path / "nothing.pth").write_bytes(b"\x80not a model")
    choose(training_panel, a_volume, str(tmp_path / "nothing.pth"), "median")
    ui.compareButton.click()
    wait_until(lambda: not training_panel.isRunning, seconds=120)
    assert "nothing" in ui.compareStatusLabel.text
    assert ui.compareStatusLabel.text in caplog.text  # the error dialog, which is logged while testing
    assert ui.compareButton.enabled


def test_closing_the_scene_ends_a_comparison(training_panel: Any, scene: Any, a_model: str) -> None:
    ui = training_panel.ui
    choose(training_panel, make_volume("Sweep"), a_model, "median")
    ui.compareButton.click()
    assert training_panel.isRunning
    scene.Clear(0)
    assert not training_panel.isRunning
    assert ui.compareProgressBar.isHidden()
    assert ui.compareStatusLabel.text == ""


def test_a_saved_scene_restores_the_choices(training_panel: Any, scene: Any) -> None:
    ui = training_panel.ui
    ui.compareInputSelector.setCurrentNode(make_volume("A"))
    make_volume("B")
    ui.compareTissueSelector.setCurrentNode(add_region("vtkMRMLMarkupsROINode", "Box"))
    ui.waveletFilterCheckBox.checked = True
    ui.sradFilterCheckBox.checked = False
    ui.compareStrengthsLineEdit.text = "0.5 1"
    scene.SetSaveToXMLString(1)
    scene.Commit()
    text = scene.GetSceneXMLString()
    scene.Clear(0)
    training_panel.initializeParameterNode()
    assert not ui.waveletFilterCheckBox.checked
    scene.SetLoadFromXMLString(1)
    scene.SetSceneXMLString(text)
    scene.Import()
    assert ui.compareInputSelector.currentNode().GetName() == "A"
    assert ui.compareTissueSelector.currentNode().GetName() == "Box"
    assert (ui.waveletFilterCheckBox.checked, ui.sradFilterCheckBox.checked) == (True, False)
    assert ui.compareStrengthsLineEdit.text == "0.5 1"


def test_the_section_can_be_photographed(training_panel: Any, a_volume: Any, application: Any, tmp_path: Path) -> None:
    ui = training_panel.ui
    ui.adaptCollapsibleButton.collapsed = True
    for name in ("compare", "compareAdvanced"):
        getattr(ui, f"{name}CollapsibleButton").collapsed = False
    training_panel.parent.resize(420, 1000)
    training_panel.parent.show()
    application.processEvents()
    picture = training_panel.parent.grab().toImage()
    assert picture.save(str(tmp_path / "panel.png"))
    colors = {picture.pixel(x, y) for x in range(0, picture.width(), 5) for y in range(0, picture.height(), 5)}
    assert len(colors) > 20
