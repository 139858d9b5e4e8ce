"""Every control of the panel is bound to a parameter of the scene, both ways."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

# parameter, widget, property, what the user sets, what the parameter becomes (an enum by its name)
CONTROLS = [
    ("frames", "framesComboBox", "currentIndex", 2, "RANGE"),
    ("firstFrame", "firstFrameSpinBox", "value", 3, 3),
    ("lastFrame", "lastFrameSpinBox", "value", 4, 4),
    ("strength", "strengthSliderWidget", "value", 0.25, 0.25),
    ("published", "publishedCheckBox", "checked", True, True),
    ("tone", "toneCheckBox", "checked", False, False),
    ("mask", "maskCheckBox", "checked", False, False),
    ("normalize", "normalizeComboBox", "currentIndex", 1, "FRAME"),
    ("autoScale", "autoScaleCheckBox", "checked", False, False),
    ("rowScale", "rowScaleSpinBox", "value", 0.5, 0.5),
    ("columnScale", "columnScaleSpinBox", "value", 2.0, 2.0),
    ("gamma", "gammaSliderWidget", "value", 0.5, 0.5),
    ("frameAxis", "frameAxisComboBox", "currentIndex", 2, "J"),
    ("signal", "signalComboBox", "currentIndex", 1, "ENVELOPE"),
    ("dynamicRange", "dynamicRangeSliderWidget", "value", 45.0, 45.0),
    ("model", "modelComboBox", "currentIndex", -1, "file"),
]


def value_of(parameter_node: Any, name: str) -> Any:
    value = getattr(parameter_node, name)
    return getattr(value, "name", value)


def choose(widget: Any, attribute: str, value: Any) -> None:
    """Set a property as a user would; -1 is the last entry of a list."""
    setattr(widget, attribute, widget.count - 1 if (attribute, value) == ("currentIndex", -1) else value)


@pytest.mark.parametrize(("parameter", "widget", "attribute", "given", "stored"), CONTROLS)
def test_a_control_changes_its_parameter(
    panel: Any, parameter: str, widget: str, attribute: str, given: Any, stored: Any
) -> None:
    parameter_node = panel.logic.getParameterNode()
    assert value_of(parameter_node, parameter) != stored
    choose(getattr(panel.ui, widget), attribute, given)
    assert value_of(parameter_node, parameter) == stored


@pytest.mark.parametrize(("parameter", "widget", "attribute", "given", "stored"), CONTROLS)
def test_a_parameter_changes_its_control(
    panel: Any, parameter: str, widget: str, attribute: str, given: Any, stored: Any
) -> None:
    parameter_node = panel.logic.getParameterNode()
    kind = type(getattr(parameter_node, parameter))
    setattr(parameter_node, parameter, kind[stored] if hasattr(kind, "__members__") else stored)
    control = getattr(panel.ui, widget)
    expected = control.count - 1 if given == -1 else given
    assert getattr(control, attribute) == expected


def test_the_ui_file_binds_every_parameter_once(module: Any, repository: Path) -> None:
    tree = ElementTree.parse(repository / "Speckle2Self" / "Resources" / "UI" / "Speckle2Self.ui")
    properties = tree.getroot().iter("property")
    bound = [item.findtext("string") for item in properties if item.get("name") == "SlicerParameterName"]
    bound_in_code = ["model"]  # its choices are found when the panel is made
    assert sorted([*filter(None, bound), *bound_in_code]) == sorted(module.Speckle2SelfParameterNode.allParameters)


def test_every_control_is_tried(module: Any) -> None:
    tried = {control[0] for control in CONTROLS} | {"inputVolume", "outputVolume"}
    assert tried == set(module.Speckle2SelfParameterNode.allParameters)


def test_input_and_output_selectors_change_their_parameters(panel: Any, a_volume: Any) -> None:
    import slicer

    target = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Target")
    panel.ui.inputSelector.setCurrentNode(a_volume)
    panel.ui.outputSelector.setCurrentNode(target)
    parameter_node = panel.logic.getParameterNode()
    assert parameter_node.inputVolume is a_volume
    assert parameter_node.outputVolume is target


def test_every_control_has_a_tooltip(panel: Any) -> None:
    names = [widget for _parameter, widget, *_rest in CONTROLS]
    for name in [*names, "inputSelector", "outputSelector", "deviceComboBox", "modelPathLineEdit"]:
        assert len(getattr(panel.ui, name).toolTip) > 20, name


def test_label_maps_cannot_be_chosen(panel: Any) -> None:
    import slicer

    labels = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "Labels")
    for selector in (panel.ui.inputSelector, panel.ui.outputSelector):
        selector.setCurrentNode(labels)
        assert selector.currentNode() is None
        assert selector.nodeCount() == 0


def test_controls_that_do_not_apply_are_hidden_or_disabled(panel: Any) -> None:
    ui = panel.ui
    parameter_node = panel.logic.getParameterNode()
    assert ui.frameRangeWidget.isHidden()
    assert ui.modelPathLineEdit.isHidden()
    assert not ui.scaleWidget.enabled
    ui.framesComboBox.currentIndex = 2
    ui.autoScaleCheckBox.checked = False
    ui.modelComboBox.currentIndex = ui.modelComboBox.findData("file")
    assert not ui.frameRangeWidget.isHidden()
    assert not ui.modelPathLineEdit.isHidden()
    assert ui.scaleWidget.enabled
    parameter_node.published = True
    assert not ui.strengthSliderWidget.enabled
    assert not ui.scaleWidget.enabled


def test_the_panel_starts_with_the_defaults_of_the_library(panel: Any) -> None:
    from Speckle2SelfLib.desktop.job_settings import settingsFields
    from Speckle2SelfLib.desktop.machine import MachineSettings
    from Speckle2SelfLib.settings import DespeckleSettings

    fields = settingsFields(panel.logic.getParameterNode(), MachineSettings()) | {"device": "auto"}
    assert DespeckleSettings(**fields) == DespeckleSettings()
