"""Scenes that were saved while a comparison or a live preview was shown: opened again, the views are as before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from panel.conftest import choose_input, make_volume
from panel.test_compare import choose_style, result_of, shown, state
from panel.test_imported_layouts import load

Wait = Callable[..., None]


@pytest.fixture
def views(application: Any, scene: Any, module: Any) -> dict[str, Any]:
    """Slice views of a desktop whose views one looks after."""
    from Speckle2SelfLib.desktop.imported_views import watchImportedViews
    from standins.slice_views import add_slice_views

    watchImportedViews(scene)
    return add_slice_views(application, scene)


def saved(scene: Any) -> str:
    scene.SetSaveToXMLString(1)
    scene.Commit("")
    return str(scene.GetSceneXMLString())


def in_red(views: dict[str, Any]) -> tuple[Any, ...]:
    names = [one.GetName() if one is not None else None for one in shown(views, "Red")]
    return (*names, views["Red"].GetSliceCompositeNode().GetForegroundOpacity())


def arrangement(views: dict[str, Any]) -> list[Any]:
    """Layout, volumes and places of the views; the field of view follows the size of a window, which these lack."""
    found = state(views)
    places = [[found[name][0], found[name][3:4], found[name][7:]] for name in views]
    volumes = [[one.GetName() if one is not None else None for one in shown(views, name)] for name in views]
    return [found["layout"], places, volumes]


@pytest.fixture
def compared(views: dict[str, Any], panel: Any) -> Any:
    """The panel with an input, which a view shows from a place of its own, and a result."""
    source = make_volume("Sweep", frames=5)
    result = result_of(source)
    choose_input(panel, source)
    panel.logic.getParameterNode().outputVolume = result
    for logic in views.values():
        logic.GetSliceCompositeNode().SetBackgroundVolumeID(source.GetID())
    views["Red"].GetSliceNode().SetSliceOffset(1.5)
    views["Red"].GetSliceCompositeNode().SetForegroundVolumeID(result.GetID())
    views["Red"].GetSliceCompositeNode().SetForegroundOpacity(0.25)
    return panel


def test_a_scene_saved_while_comparing_opens_with_the_views_before(
    compared: Any, views: dict[str, Any], scene: Any
) -> None:
    before = arrangement(views)
    compared.ui.compareCheckBox.click()
    choose_style(compared, "Swipe")
    text = saved(scene)
    assert arrangement(views) != before  # the comparison goes on
    compared.ui.compareCheckBox.click()
    assert arrangement(views) == before
    assert "ViewBefore" not in saved(scene)
    scene.Clear(0)
    load(scene, text)
    assert arrangement(views) == before
    assert "ViewBefore" not in saved(scene)


def test_a_scene_saved_while_a_preview_is_on_opens_with_the_views_before(
    compared: Any, views: dict[str, Any], scene: Any, a_model: str, wait_until: Wait
) -> None:
    compared.enter()
    compared.ui.modelPathLineEdit.currentPath = a_model
    compared.logic.getParameterNode().model = "file"
    before = in_red(views)
    compared.ui.previewCheckBox.checked = True
    wait_until(lambda: in_red(views) != before)
    text = saved(scene)
    scene.Clear(0)
    load(scene, text)
    assert not compared.ui.previewCheckBox.checked
    assert in_red(views) == before
    assert "ViewBefore" not in saved(scene)


def test_a_scene_that_is_added_ends_a_comparison(compared: Any, views: dict[str, Any], scene: Any) -> None:
    text = saved(scene)
    compared.ui.compareCheckBox.click()
    load(scene, text)
    assert not compared.ui.compareCheckBox.checked
    assert shown(views, "Red")[0].GetName() == "Sweep"


def test_notes_that_somebody_else_wrote_do_no_harm(compared: Any, views: dict[str, Any], scene: Any) -> None:
    composite = views["Red"].GetSliceCompositeNode()
    for note in (
        "no note",
        "[]",
        '{"values": {"Scene": null, "ID": "x"}, "layers": ["Name"]}',
        '{"values": {"Compositing": "x"}, "layers": []}',
    ):
        composite.SetAttribute("Speckle2Self.ViewBefore", note)
        before = composite.GetID(), composite.GetName()
        load(scene, saved(scene))
        assert (composite.GetID(), composite.GetName()) == before
        assert composite.GetAttribute("Speckle2Self.ViewBefore") is None
