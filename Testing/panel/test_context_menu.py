""" "Despeckle..." in the context menus of the subject hierarchy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from panel.conftest import choose_input, make_sequence, make_volume


@pytest.fixture
def handler(module: Any, scene: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What the desktop's subject hierarchy knows after the module was set up."""
    import slicer
    from standins import subject_hierarchy

    for name in ("qSlicerSubjectHierarchyPluginHandler", "qSlicerSubjectHierarchyScriptedPlugin"):
        monkeypatch.setattr(slicer, name, getattr(subject_hierarchy, name), raising=False)
    for name, found in subject_hierarchy.modules().items():
        monkeypatch.setitem(sys.modules, name, found)
    handler_class = subject_hierarchy.qSlicerSubjectHierarchyPluginHandler
    monkeypatch.setattr(handler_class, "_instance", handler_class())
    set_up_module(module)
    return handler_class.instance()


def set_up_module(module: Any) -> Any:
    described = module.Speckle2Self(SimpleNamespace(path=module.__file__))
    described.setup()
    return described


def item_of(node: Any) -> int:
    """The node's item, which the desktop's plugins make by themselves."""
    import slicer

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    return int(hierarchy.CreateItem(hierarchy.GetSceneItemID(), node))


def offered(handler: Any, item: int) -> bool:
    plugin = handler.pluginByName("Speckle2Self").self()
    (action,) = plugin.itemContextMenuActions()
    action.visible = False
    plugin.showContextMenuActionsForItem(item)
    return bool(action.visible)


def test_images_and_proxies_of_sequences_are_offered_the_action(handler: Any) -> None:
    assert offered(handler, item_of(make_volume("Gray")))
    assert offered(handler, item_of(make_volume("Color", components=3)))
    assert offered(handler, item_of(make_sequence()[2]))


def test_what_is_no_image_is_not_offered_the_action(handler: Any) -> None:
    import slicer

    for name in ("vtkMRMLLabelMapVolumeNode", "vtkMRMLSegmentationNode", "vtkMRMLLinearTransformNode"):
        assert not offered(handler, item_of(slicer.mrmlScene.AddNewNodeByClass(name))), name
    assert not offered(handler, 0)


def test_the_action_opens_the_module_with_the_image_as_input(handler: Any, panel: Any) -> None:
    import slicer

    earlier, earlier_result, wanted = make_volume("Earlier"), make_volume("Earlier despeckled"), make_volume("Wanted")
    panel.parameters.inputVolume, panel.parameters.outputVolume = earlier, earlier_result
    slicer.modules.speckle2self.widgetRepresentation = lambda: SimpleNamespace(self=lambda: panel)
    handler.setCurrentItem(item_of(wanted))
    handler.pluginByName("Speckle2Self").self().despeckleAction.trigger()
    assert handler.standin_opened == ["Speckle2Self"]
    assert panel.ui.inputSelector.currentNode() is wanted
    assert panel.ui.outputSelector.currentNode() is None, "the result of another input would be replaced"


def test_a_module_that_is_set_up_twice_offers_the_action_once(handler: Any, module: Any) -> None:
    first = handler.pluginByName("Speckle2Self")
    set_up_module(module)
    assert handler.pluginByName("Speckle2Self") is first


def test_without_the_api_nothing_happens(module: Any, scene: Any) -> None:
    import slicer

    assert not hasattr(slicer, "qSlicerSubjectHierarchyScriptedPlugin")
    set_up_module(module)


def test_a_job_that_runs_keeps_its_input_when_another_one_is_chosen(
    handler: Any, panel: Any, wait_until: Callable[..., None]
) -> None:
    import slicer

    first, other = make_volume("First", frames=1), make_volume("Other", frames=1)
    choose_input(panel, first)
    panel.ui.applyButton.click()
    slicer.modules.speckle2self.widgetRepresentation = lambda: SimpleNamespace(self=lambda: panel)
    handler.setCurrentItem(item_of(other))
    handler.pluginByName("Speckle2Self").self().despeckleAction.trigger()
    wait_until(lambda: not panel.isRunning)
    assert "First despeckled" in panel.ui.statusLabel.text
    assert panel.ui.inputSelector.currentNode() is other
    assert panel.ui.outputSelector.currentNode() is None, "the next job would replace the result of the first"
    assert not panel.ui.compareCheckBox.enabled, "one image would be compared with the result of another"
