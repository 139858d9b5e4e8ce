"""Scenes that were saved while our layouts were shown, opened in a session that does not know them."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def layout(training_module: Any, application: Any, scene: Any) -> Any:
    """The layout node of a desktop that has just started up."""
    from Speckle2SelfTrainingLib.desktop.imported_layouts import ImportedLayouts
    from standins.slice_views import add_slice_views

    add_slice_views(application, scene)
    ImportedLayouts(scene)
    return scene.GetFirstNodeByClass("vtkMRMLLayoutNode")


def saved_with(scene: Any, layout: Any, number: int) -> str:
    """Return a scene as text that asks for a layout."""
    scene.SetSaveToXMLString(1)
    scene.Commit("")
    here = f'currentViewArrangement="{layout.GetViewArrangement()}"'
    text = str(scene.GetSceneXMLString())
    assert here in text
    return text.replace(here, f'currentViewArrangement="{number}"')


def load(scene: Any, text: str) -> None:
    scene.SetLoadFromXMLString(1)
    scene.SetSceneXMLString(text)
    scene.Import()


def test_a_scene_that_asks_for_one_of_our_layouts_does_not_empty_the_views(scene: Any, layout: Any) -> None:
    from Speckle2SelfTrainingLib.scene import comparison_views, views

    for number in (views.LAYOUT, views.LAYOUT_WITHOUT_PICTURES, comparison_views.LAYOUT + 13):
        load(scene, saved_with(scene, layout, number))
        assert layout.GetViewArrangement() == layout.SlicerLayoutFourUpView, number
        assert layout.GetCurrentLayoutDescription() == layout.GetLayoutDescription(layout.SlicerLayoutFourUpView)


def test_other_layouts_of_a_scene_are_shown(scene: Any, layout: Any) -> None:
    load(scene, saved_with(scene, layout, layout.SlicerLayoutOneUpRedSliceView))
    assert layout.GetViewArrangement() == layout.SlicerLayoutOneUpRedSliceView


def test_a_scene_that_is_added_leaves_the_layout_of_a_training_alone(scene: Any, layout: Any) -> None:
    from Speckle2SelfLib.scene.environment import SceneEnvironment
    from Speckle2SelfTrainingLib.scene.views import TrainingViews

    views = TrainingViews(SceneEnvironment(scene))
    views.show(None, None)
    load(scene, saved_with(scene, layout, layout.GetViewArrangement()))
    assert views.shown
