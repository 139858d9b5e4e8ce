"""The training panel: what can be chosen, when it can start, what it does and says."""

from __future__ import annotations

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from panel.conftest import make_volume

Wait = Callable[..., None]

# parameter, widget, property, what the user sets, what the parameter becomes (an enum by its name)
CONTROLS = [
    ("steps", "stepsSpinBox", "value", 50, 50),
    ("minutes", "minutesSpinBox", "value", 3, 3),
    ("modelName", "modelNameLineEdit", "text", "my probe", "my probe"),
    ("zipped", "zippedCheckBox", "checked", True, True),
    ("crop", "cropSpinBox", "value", 96, 96),
    ("batchSize", "batchSizeSpinBox", "value", 8, 8),
    ("seed", "seedSpinBox", "value", 5, 5),
    ("frameAxis", "frameAxisComboBox", "currentIndex", 2, "J"),
    ("keepPreview", "keepPreviewCheckBox", "checked", True, True),
    ("model", "modelComboBox", "currentIndex", -1, "file"),
    ("segmentModel", "segmentModelComboBox", "currentIndex", -1, "file"),
    ("despeckleFirst", "despeckleFirstCheckBox", "checked", True, True),
    ("temporal", "temporalCheckBox", "checked", False, False),
    ("largest", "largestCheckBox", "checked", False, False),
    ("smooth", "smoothCheckBox", "checked", False, False),
    ("minimumConfidence", "minimumConfidenceSliderWidget", "value", 0.25, 0.25),
    ("closedSurface", "closedSurfaceCheckBox", "checked", True, True),
    ("segmentFrameAxis", "segmentFrameAxisComboBox", "currentIndex", 3, "K"),
    ("learnFrames", "learnFramesComboBox", "currentIndex", 2, "ALL"),
    ("learnMinutes", "learnMinutesSpinBox", "value", 7, 7),
    ("learnName", "learnNameLineEdit", "text", "my probe", "my probe"),
    ("compareFrames", "compareFramesSpinBox", "value", 7, 7),
    ("compareModel", "compareModelComboBox", "currentIndex", -1, "file"),
    ("compareStrengths", "compareStrengthsLineEdit", "text", "0.5 1", "0.5 1"),
    ("compareFilters", "waveletFilterCheckBox", "checked", True, "nlm,srad,tv,wavelet,curvature,median"),
    ("compareFrameAxis", "compareFrameAxisComboBox", "currentIndex", 1, "I"),
    ("compareKeepImages", "compareKeepCheckBox", "checked", True, True),
]
# what the tests of nodes and segments try
NODES = {"sweeps", "validationSweep", "segmentInput", "segmentation", "lumenSegment"}
NODES |= {"compareInput", "compareTissue", "compareLumen"}


def value_of(parameter_node: Any, name: str) -> Any:
    value = getattr(parameter_node, name)
    return getattr(value, "name", value)


def check(panel: Any, *nodes: Any) -> None:
    """Check sweeps as a user would."""
    import qt

    for node in nodes:
        panel.ui.sweepsSelector.setCheckState(node, qt.Qt.Checked)


def start_and_wait(panel: Any, wait_until: Wait) -> None:
    assert panel.ui.startButton.enabled, panel.ui.startButton.toolTip
    panel.ui.startButton.click()
    wait_until(lambda: not panel.isRunning, seconds=300)


@pytest.mark.parametrize(("parameter", "widget", "attribute", "given", "stored"), CONTROLS)
def test_control_and_parameter_follow_each_other(
    training_panel: Any, parameter: str, widget: str, attribute: str, given: Any, stored: Any
) -> None:
    parameters, control = training_panel.logic.getParameterNode(), getattr(training_panel.ui, widget)
    chosen = control.count - 1 if given == -1 else given
    before, shown = getattr(parameters, parameter), getattr(control, attribute)
    assert value_of(parameters, parameter) != stored
    setattr(control, attribute, chosen)
    assert value_of(parameters, parameter) == stored
    setattr(parameters, parameter, before)
    assert getattr(control, attribute) == shown


def test_every_parameter_is_bound_and_tried(training_module: Any, repository: Path) -> None:
    folder = repository / "Speckle2SelfTraining" / "Resources" / "UI"
    trees = [ElementTree.parse(folder / name) for name in ("Speckle2SelfTraining.ui", "CompareFilters.ui")]
    properties = [item for tree in trees for item in tree.getroot().iter("property")]
    bound = [item.findtext("string") for item in properties if item.get("name") == "SlicerParameterName"]
    all_parameters = set(training_module.Speckle2SelfTrainingParameterNode.allParameters)
    in_code = ["sweeps", "model", "segmentModel", "lumenSegment"]
    in_code += ["compareModel", "compareFilters", "compareTissue", "compareLumen"]
    assert sorted([*filter(None, bound), *in_code]) == sorted(all_parameters)
    assert {control[0] for control in CONTROLS} | NODES == all_parameters


def test_every_control_has_a_tooltip(training_panel: Any) -> None:
    others = ["sweepsSelector", "validationSelector", "deviceComboBox", "folderPathLineEdit", "modelPathLineEdit"]
    others += ["segmentInputSelector", "segmentationSelector", "lumenSegmentComboBox", "segmentModelPathLineEdit"]
    others += ["compareInputSelector", "compareModelPathLineEdit", "compareTissueSelector", "compareLumenSelector"]
    others += ["compareButton", "showComparisonButton", "comparedFrameComboBox", "exportFigureButton"]
    others += ["exportComparisonButton", "editButton", "learnShowCheckBox", "showMeasuresButton", "exportButton"]
    for name in [*others, "showCheckBox", "useModelButton", *(widget for _parameter, widget, *_rest in CONTROLS)]:
        assert len(getattr(training_panel.ui, name).toolTip) > 20, name


def test_the_panel_starts_with_the_recipe_of_the_library(training_module: Any, scene: Any, settings_file: Any) -> None:
    from Speckle2SelfTrainingLib.desktop.job_settings import recipeChanges
    from Speckle2SelfTrainingLib.training import adaptation_settings

    panel = training_module.Speckle2SelfTrainingWidget()
    chosen = recipeChanges(panel.logic.getParameterNode())
    panel.cleanup()
    library = adaptation_settings()
    assert chosen.pop("minutes") == 10
    assert chosen.pop("validate_every") == 25
    assert chosen == {name: getattr(library, name) for name in chosen}


def test_without_sweeps_it_cannot_start_and_says_why(training_panel: Any) -> None:
    assert not training_panel.ui.startButton.enabled
    assert "Choose at least one sweep" in training_panel.ui.startButton.toolTip


def test_checked_sweeps_are_stored_counted_and_restored(training_panel: Any, scene: Any) -> None:
    first, second = make_volume("A", frames=6), make_volume("B", frames=4)
    check(training_panel, first)
    assert training_panel.ui.sweepsInfoLabel.text == "Volume: 6 frames of 64 x 48 pixels"
    assert "last fifth" in training_panel.ui.heldOutLabel.text
    check(training_panel, second)
    assert list(training_panel.logic.getParameterNode().sweeps) == [first, second]
    assert training_panel.ui.sweepsInfoLabel.text == "2 sweeps, 10 frames"
    assert "One of the sweeps" in training_panel.ui.heldOutLabel.text
    training_panel.logic.getParameterNode().sweeps = [second]
    assert training_panel.ui.sweepsSelector.checkedNodes() == (second,)


def test_a_saved_scene_restores_the_sweeps(training_panel: Any, scene: Any) -> None:
    check(training_panel, make_volume("A"), make_volume("B"))
    training_panel.ui.stepsSpinBox.value = 77
    scene.SetSaveToXMLString(1)
    scene.Commit()
    text = scene.GetSceneXMLString()
    scene.Clear(0)
    training_panel.initializeParameterNode()
    scene.SetLoadFromXMLString(1)
    scene.SetSceneXMLString(text)
    scene.Import()
    assert [node.GetName() for node in training_panel.ui.sweepsSelector.checkedNodes()] == ["A", "B"]
    assert training_panel.ui.stepsSpinBox.value == 77


def test_a_single_volume_is_checked_when_the_panel_opens(
    training_module: Any, scene: Any, settings_file: Any, a_volume: Any
) -> None:
    panel = training_module.Speckle2SelfTrainingWidget()
    assert panel.ui.sweepsSelector.checkedNodes() == (a_volume,)
    assert panel.ui.segmentInputSelector.currentNode() is a_volume
    assert panel.ui.compareInputSelector.currentNode() is a_volume
    panel.cleanup()


def test_a_sweep_that_leaves_the_scene_is_forgotten(training_panel: Any, scene: Any) -> None:
    volume = make_volume("A")
    check(training_panel, volume)
    assert training_panel.ui.startButton.enabled
    scene.RemoveNode(volume)
    assert not training_panel.ui.startButton.enabled
    assert "Choose at least one sweep" in training_panel.ui.startButton.toolTip


@pytest.mark.parametrize(
    ("name", "reason"),
    [("a/b", "must not begin"), (".x", "must not begin"), ("default", "came with"), ("taken", "already")],
)
def test_names_that_cannot_be_used_are_said_before_the_start(
    training_panel: Any, a_volume: Any, tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "models" / "taken").mkdir(parents=True)
    check(training_panel, a_volume)
    training_panel.ui.modelNameLineEdit.text = name
    assert not training_panel.ui.startButton.enabled
    assert reason in training_panel.ui.startButton.toolTip


def test_a_crop_that_does_not_fit_is_said_before_the_start(training_panel: Any, a_volume: Any) -> None:
    check(training_panel, a_volume)
    training_panel.ui.cropSpinBox.value = 100
    assert "multiple of 16" in training_panel.ui.startButton.toolTip


def test_the_sweep_that_is_trained_on_cannot_check_the_training(training_panel: Any, a_volume: Any) -> None:
    check(training_panel, a_volume)
    training_panel.ui.validationSelector.setCurrentNode(a_volume)
    assert "only once" in training_panel.ui.startButton.toolTip
    training_panel.ui.validationSelector.setCurrentNode(make_volume("Other"))
    assert training_panel.ui.startButton.enabled
    assert "never sees them" in training_panel.ui.heldOutLabel.text


def test_one_frame_is_too_few(training_panel: Any) -> None:
    check(training_panel, make_volume("A", frames=1))
    assert "One frame is too few" in training_panel.ui.startButton.toolTip


def test_a_base_model_from_file_needs_a_file_which_stays_out_of_the_scene(
    training_panel: Any, a_volume: Any, a_model: str, tmp_path: Path
) -> None:
    import qt

    ui = training_panel.ui
    check(training_panel, a_volume)
    assert ui.modelPathLineEdit.isHidden()
    ui.modelComboBox.currentIndex = ui.modelComboBox.findData("file")
    assert not ui.modelPathLineEdit.isHidden()
    assert "Choose a model file" in ui.startButton.toolTip
    assert ui.startHintLabel.text == ui.startButton.toolTip
    place = tmp_path / "zoë" / "base.pth"
    place.parent.mkdir()
    shutil.copy(a_model, place)
    ui.modelPathLineEdit.currentPath = str(place)
    assert ui.startButton.enabled
    assert ui.startHintLabel.isHidden()
    ui.folderPathLineEdit.currentPath = "/home/zoë/models"
    assert qt.QSettings().value("Speckle2SelfTraining/ModelsFolder") == "/home/zoë/models"
    node = training_panel.logic.getParameterNode().parameterNode
    assert not any("zoë" in node.GetParameter(name) for name in node.GetParameterNames())
    ui.folderPathLineEdit.currentPath = ""
    assert training_panel._machine.modelsFolder.name == "models"


def test_start_trains_a_model_that_both_modules_list_and_cancel_gives_up(
    training_panel: Any, module: Any, wait_until: Wait, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One story, since every training takes its time."""
    import slicer

    ui = training_panel.ui
    check(training_panel, make_volume("Cine", frames=6))
    assert ui.modelNameLineEdit.placeholderText == "adapted-1"
    ui.startButton.click()
    said = [ui.statusLabel.text]
    assert said == ["Sending the frames to the worker..."]
    assert ui.startButton.text == "Cancel"
    assert not ui.stepsSpinBox.enabled
    assert not ui.progressBar.isHidden()

    def ended() -> bool:
        if ui.statusLabel.text != said[-1]:
            said.append(ui.statusLabel.text)
        return not training_panel.isRunning

    wait_until(ended, seconds=300)
    assert any(line.startswith("Step 3 of 3, loss ") for line in said), said
    assert said[-1].startswith("Done: model adapted-1 (all 3 steps done, best at step "), said[-1]
    assert said[-1].endswith("For research use only.")
    assert ui.startButton.text == "Start training"
    assert ui.modelComboBox.findData("adapted-1") >= 0
    assert ui.modelNameLineEdit.placeholderText == "adapted-2"
    assert not ui.useModelButton.isHidden()

    despeckling = module.Speckle2SelfWidget()
    monkeypatch.setattr(slicer.util, "getModuleLogic", lambda name: despeckling.logic, raising=False)
    monkeypatch.setattr(slicer.util, "getModuleWidget", lambda name: despeckling, raising=False)
    opened: list[str] = []
    monkeypatch.setattr(slicer.util, "selectModule", opened.append, raising=False)
    ui.useModelButton.click()
    assert opened == ["Speckle2Self"]
    assert despeckling.ui.modelComboBox.currentText == "adapted-1 (trained here)"
    despeckling.cleanup()

    nodes = slicer.mrmlScene.GetNumberOfNodes()
    ui.stepsSpinBox.value = 10000
    ui.startButton.click()
    wait_until(lambda: ui.statusLabel.text.startswith("Step "), seconds=120)
    ui.startButton.click()
    assert not training_panel.isRunning
    assert "cancelled" in ui.statusLabel.text
    assert ui.useModelButton.isHidden()
    assert slicer.mrmlScene.GetNumberOfNodes() == nodes
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["adapted-1"]


def test_a_models_folder_that_is_a_file_is_named_before_the_training(
    training_panel: Any, a_volume: Any, tmp_path: Path
) -> None:
    check(training_panel, a_volume)
    (tmp_path / "notes.txt").touch()
    training_panel.ui.folderPathLineEdit.currentPath = str(tmp_path / "notes.txt")
    assert not training_panel.ui.startButton.enabled
    assert "notes.txt is a file; choose a folder" in training_panel.ui.startHintLabel.text
    training_panel.ui.folderPathLineEdit.currentPath = str(tmp_path / "new")
    assert training_panel.ui.startButton.enabled


def test_a_broken_base_model_gives_one_sentence_and_a_working_panel(
    training_panel: Any, a_volume: Any, wait_until: Wait, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "broken.pth").write_bytes(b"\x80not a model")
    check(training_panel, a_volume)
    training_panel.ui.modelComboBox.currentIndex = training_panel.ui.modelComboBox.findData("file")
    training_panel.ui.modelPathLineEdit.currentPath = str(tmp_path / "broken.pth")
    start_and_wait(training_panel, wait_until)
    assert "broken.pth" in training_panel.ui.statusLabel.text
    assert training_panel.ui.statusLabel.text in caplog.text  # the error dialog, which is logged while testing
    assert training_panel.ui.startButton.enabled


def test_a_result_outside_the_known_folder_is_opened_as_a_file(
    training_module: Any, module: Any, scene: Any, settings_file: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer
    from Speckle2SelfTrainingLib.desktop.use_model import useModel

    panel = module.Speckle2SelfWidget()
    monkeypatch.setattr(slicer.util, "getModuleLogic", lambda name: panel.logic, raising=False)
    monkeypatch.setattr(slicer.util, "getModuleWidget", lambda name: panel, raising=False)
    monkeypatch.setattr(slicer.util, "selectModule", lambda name: None, raising=False)
    useModel(tmp_path / "elsewhere" / "mine")
    assert panel.logic.getParameterNode().model == "file"
    assert panel.ui.modelPathLineEdit.currentPath == str(tmp_path / "elsewhere" / "mine")
    panel.cleanup()


def test_without_the_packages_nothing_starts_and_the_user_may_decline(
    training_panel: Any, a_volume: Any, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer
    from Speckle2SelfLib.desktop import dependencies

    asked: list[str] = []
    monkeypatch.setattr(dependencies, "_installed", lambda name: name != "monai")
    monkeypatch.setattr(application, "testing", False)
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text, title: bool(asked.append(text)))
    check(training_panel, a_volume)
    training_panel.ui.startButton.click()
    assert "monai" in asked[0]
    assert training_panel.ui.statusLabel.text.startswith("Nothing was installed")
    assert training_panel.ui.startButton.text == "Start training"


def test_the_requirements_replace_nothing_that_slicer_brings(training_module: Any, repository: Path) -> None:
    from Speckle2SelfLib.desktop.dependencies import requiredNames

    names = requiredNames(repository / "Speckle2SelfTraining" / "Resources" / "requirements-training.txt")
    assert {"monai", "matplotlib"} <= set(names)
    assert not {"numpy", "scipy", "torch", "simpleitk", "vtk"} & {name.lower() for name in names}


SETTINGS = ("segmentation", "segmentation.settings", "training", "training.plain_settings")
SELF_TEST = ("desktop", "desktop.self_test")


def test_loading_the_module_imports_nothing_heavy(repository: Path, tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
sys.path[:0] = [{str(repository / "Testing")!r}]
sys.path[:0] = [{str(repository / "Speckle2Self")!r}, {str(repository / "Speckle2SelfTraining")!r}]
from standins import desktop
desktop.install(Path({str(tmp_path)!r}))
before = set(sys.modules)
import Speckle2SelfTraining
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}}
print(sorted(loaded & {{"numpy", "torch", "monai", "scipy", "SimpleITK", "pydicom", "matplotlib", "skimage"}}))
ours = {{name for name in sys.modules if name.startswith("Speckle2SelfTrainingLib.")}}
print(sorted(ours - {{"Speckle2SelfTrainingLib." + name for name in {SETTINGS + SELF_TEST!r}}}))
"""
    environment = {"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]


def test_the_panel_opens_without_torch_in_the_application(repository: Path, tmp_path: Path) -> None:
    """Opening the panel and choosing a sweep loads neither torch nor monai into the process that shows it."""
    code = f"""
import sys
from pathlib import Path
sys.path[:0] = [{str(repository / "Testing")!r}]
sys.path[:0] = [{str(repository / "Speckle2Self")!r}, {str(repository / "Speckle2SelfTraining")!r}]
from standins import desktop
desktop.install(Path({str(tmp_path)!r}))
import Speckle2SelfTraining
from panel.conftest import make_volume
sweep = make_volume("Sweep", frames=4)
panel = Speckle2SelfTraining.Speckle2SelfTrainingWidget()
print(panel.ui.startButton.enabled, panel.ui.startButton.toolTip)
panel.ui.startButton.click()
panel.ui.startButton.click()
panel.ui.segmentInputSelector.setCurrentNode(sweep)
panel.ui.segmentButton.click()
print(panel.ui.segmentButton.text)
panel.ui.segmentButton.click()
panel.cleanup()
print(sorted({{"torch", "monai", "matplotlib", "SimpleITK"}} & set(sys.modules)))
"""
    environment = {"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("True"), done.stdout
    assert done.stdout.splitlines()[1] == "Cancel", done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_panel_can_be_photographed(training_panel: Any, a_volume: Any, application: Any, tmp_path: Path) -> None:
    check(training_panel, a_volume)
    training_panel.ui.adaptAdvancedCollapsibleButton.collapsed = False
    training_panel.parent.resize(420, 900)
    training_panel.parent.show()
    application.processEvents()
    picture = training_panel.parent.grab().toImage()
    assert picture.save(str(tmp_path / "panel.png"))
    colors = {picture.pixel(x, y) for x in range(0, picture.width(), 5) for y in range(0, picture.height(), 5)}
    assert len(colors) > 20
