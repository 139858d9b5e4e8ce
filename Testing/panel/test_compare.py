"""Compare: input and result side by side, faded, swiped and subtracted, and the views as they were afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from panel.conftest import choose_input, make_sequence, make_volume

Wait = Callable[..., None]


@pytest.fixture
def views(application: Any, scene: Any) -> dict[str, Any]:
    """Slice views, as a desktop has them."""
    from standins.slice_views import add_slice_views

    return add_slice_views(application, scene)


@pytest.fixture
def compared(views: dict[str, Any], panel: Any) -> Any:
    """The panel with an input and a result, not computed but marked as one."""
    source = make_volume("Sweep", frames=5)
    result = result_of(source)
    choose_input(panel, source)
    panel.logic.getParameterNode().outputVolume = result
    return panel


def result_of(source: Any, kind: str = "vtkMRMLScalarVolumeNode") -> Any:
    """Add a volume that lies where the input lies, 10 gray levels darker."""
    import slicer
    import vtk

    pixels = slicer.util.arrayFromVolume(source).copy()
    matrix = vtk.vtkMatrix4x4()
    source.GetIJKToRASMatrix(matrix)
    result = slicer.util.addVolumeFromArray(pixels.clip(10) - 10, name="Result", nodeClassName=kind)
    result.SetIJKToRASMatrix(matrix)
    result.SetAttribute("Speckle2Self.Gamma", "1.0")
    result.CreateDefaultDisplayNodes()
    return result


def state(views: dict[str, Any]) -> dict[str, Any]:
    """All that a comparison may change of layout and views."""
    import slicer

    found: dict[str, Any] = {
        "layout": slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode").GetViewArrangement(),
        "nodes": slicer.mrmlScene.GetNumberOfNodes(),
    }
    for name, logic in views.items():
        node, composite = logic.GetSliceNode(), logic.GetSliceCompositeNode()
        found[name] = [
            [node.GetSliceToRAS().GetElement(row, column) for row in range(4) for column in range(4)],
            tuple(node.GetFieldOfView()),
            tuple(node.GetXYZOrigin()),
            node.GetViewGroup(),
            *(getattr(composite, f"Get{layer}VolumeID")() for layer in ("Background", "Foreground", "Label")),
            composite.GetForegroundOpacity(),
            composite.GetLinkedControl(),
            composite.GetHotLinkedControl(),
            composite.GetCompositing(),
        ]
    return found


def shown(views: dict[str, Any], name: str) -> tuple[Any, Any]:
    """Background and foreground of a view."""
    import slicer

    composite = views[name].GetSliceCompositeNode()
    ids = composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID()
    found = [slicer.mrmlScene.GetNodeByID(one) if one else None for one in ids]
    return found[0], found[1]


def choose_style(panel: Any, name: str) -> None:
    getattr(panel.ui, f"compare{name}RadioButton").click()


def test_nothing_is_shown_unless_asked_for(views: dict[str, Any], panel: Any, a_volume: Any, wait_until: Wait) -> None:
    before = state(views)
    choose_input(panel, a_volume)
    assert not panel.ui.compareCheckBox.enabled
    assert "no result" in panel.ui.compareCheckBox.toolTip
    panel.ui.applyButton.click()
    wait_until(lambda: not panel.isRunning)
    assert panel.ui.compareCheckBox.enabled, panel.ui.compareCheckBox.toolTip
    assert not panel.ui.compareCheckBox.checked
    assert {**state(views), "nodes": 0} == {**before, "nodes": 0}


def test_input_and_result_lie_side_by_side_in_linked_views(compared: Any, views: dict[str, Any]) -> None:
    import slicer

    compared.ui.compareCheckBox.click()
    parameters = compared.logic.getParameterNode()
    assert shown(views, "Red") == (parameters.inputVolume, None)
    assert shown(views, "Yellow") == (parameters.outputVolume, None)
    layout = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    assert layout.GetViewArrangement() == layout.SlicerLayoutSideBySideView
    red, yellow, green = (views[name] for name in ("Red", "Yellow", "Green"))
    assert red.GetSliceCompositeNode().GetLinkedControl()
    assert yellow.GetSliceCompositeNode().GetLinkedControl()
    assert red.GetSliceNode().GetViewGroup() == yellow.GetSliceNode().GetViewGroup()
    assert green.GetSliceNode().GetViewGroup() != red.GetSliceNode().GetViewGroup()
    for row in range(4):
        for column in range(4):
            assert red.GetSliceNode().GetSliceToRAS().GetElement(row, column) == pytest.approx(
                yellow.GetSliceNode().GetSliceToRAS().GetElement(row, column)
            )
    assert "research use" in compared.ui.compareInfoLabel.text


@pytest.mark.parametrize("style", ["Result", "Fade", "Swipe", "Difference"])
@pytest.mark.parametrize("way", ["unchecked", "scene closes", "module is reloaded", "result is removed"])
def test_the_views_are_put_back_exactly(compared: Any, views: dict[str, Any], style: str, way: str) -> None:
    import slicer

    red, parameters = views["Red"], compared.logic.getParameterNode()
    red.GetSliceCompositeNode().SetForegroundVolumeID(parameters.inputVolume.GetID())
    red.GetSliceCompositeNode().SetForegroundOpacity(0.3)
    red.GetSliceNode().SetFieldOfView(120, 80, 1)
    red.GetSliceNode().SetXYZOrigin(3, 4, 0)
    before = state(views)
    choose_style(compared, style)
    assert compared.ui.compareCheckBox.checked
    assert state(views) != before
    after = dict(before)
    if way == "unchecked":
        compared.ui.compareCheckBox.click()
    elif way == "scene closes":
        compared.onSceneStartClose(slicer.mrmlScene, "StartCloseEvent")
    elif way == "module is reloaded":
        compared.cleanup()
    else:
        slicer.mrmlScene.RemoveNode(parameters.outputVolume)
        after["nodes"] -= 1
        assert not compared.ui.compareCheckBox.checked
    assert state(views) == after


def test_a_layout_that_the_user_has_chosen_meanwhile_stays(compared: Any, views: dict[str, Any]) -> None:
    import slicer

    layout = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLLayoutNode")
    compared.ui.compareCheckBox.click()
    layout.SetViewArrangement(layout.SlicerLayoutOneUpRedSliceView)
    compared.ui.compareCheckBox.click()
    assert layout.GetViewArrangement() == layout.SlicerLayoutOneUpRedSliceView


def test_the_comparison_stays_while_another_module_is_used(compared: Any, views: dict[str, Any]) -> None:
    compared.ui.compareCheckBox.click()
    compared.exit()
    assert shown(views, "Yellow")[0] is compared.logic.getParameterNode().outputVolume
    compared.enter()
    assert compared.ui.compareCheckBox.checked


def test_the_slider_fades_the_result_in(compared: Any, views: dict[str, Any]) -> None:
    parameters = compared.logic.getParameterNode()
    compared.ui.compareCheckBox.click()
    assert not compared.ui.compareSliderWidget.enabled
    choose_style(compared, "Fade")
    assert compared.ui.compareSliderWidget.enabled
    compared.ui.compareSliderWidget.value = 0.25
    assert shown(views, "Yellow") == (parameters.inputVolume, parameters.outputVolume)
    assert views["Yellow"].GetSliceCompositeNode().GetForegroundOpacity() == 0.25


@pytest.mark.parametrize("flipped", [False, True])
def test_the_slider_draws_the_result_over_the_input_from_the_left(
    compared: Any, views: dict[str, Any], flipped: bool
) -> None:
    """In the axial view left is the patient's right, so columns that run to the patient's right begin on the left."""
    import numpy as np
    import slicer
    import vtk

    parameters = compared.logic.getParameterNode()
    result = parameters.outputVolume
    for node in (parameters.inputVolume, result):
        matrix = vtk.vtkMatrix4x4()
        matrix.SetElement(0, 0, 1 if flipped else -1)
        node.SetIJKToRASMatrix(matrix)
    choose_style(compared, "Swipe")
    compared.ui.compareSliderWidget.value = 0.25
    _under, over = shown(views, "Yellow")
    whole, part = slicer.util.arrayFromVolume(result), slicer.util.arrayFromVolume(over)
    left = whole[..., 48:] if flipped else whole[..., :16]
    assert np.array_equal(part, left)
    assert over.GetDisplayNode() is result.GetDisplayNode()
    assert over.GetHideFromEditors()
    assert not over.GetSaveWithScene()
    over.GetIJKToRASMatrix(matrix)
    assert [matrix.GetElement(row, 3) for row in range(3)] == [48 if flipped else 0, 0, 0]
    compared.ui.compareSliderWidget.value = 1.0
    assert slicer.util.arrayFromVolume(over).shape == whole.shape
    compared.ui.compareSliderWidget.value = 0.0
    assert shown(views, "Yellow") == (parameters.inputVolume, None)


def test_the_difference_is_input_minus_result_and_signed(compared: Any, views: dict[str, Any]) -> None:
    import numpy as np
    import slicer

    parameters = compared.logic.getParameterNode()
    choose_style(compared, "Difference")
    node = shown(views, "Yellow")[0]
    nodes = parameters.inputVolume, parameters.outputVolume
    before, after = (slicer.util.arrayFromVolume(one).astype(int) for one in nodes)
    assert np.array_equal(slicer.util.arrayFromVolume(node), before - after)
    assert node.GetName() == "Sweep minus despeckled (research use)"
    display = node.GetDisplayNode()
    assert (display.GetLevel(), display.GetWindow()) == (0.0, 20.0)
    assert "10 gray levels" in compared.ui.compareInfoLabel.text
    assert node.GetHideFromEditors()


def test_the_difference_of_colors_is_that_of_their_luminance(views: dict[str, Any], panel: Any) -> None:
    import slicer

    source = make_volume("Color", frames=1, components=3)
    choose_input(panel, source)
    panel.logic.getParameterNode().outputVolume = result_of(source, "vtkMRMLVectorVolumeNode")
    choose_style(panel, "Difference")
    values = slicer.util.arrayFromVolume(shown(views, "Yellow")[0])
    assert values.shape == (1, 48, 64)
    assert 9 < values.mean() <= 10
    choose_style(panel, "Swipe")
    assert slicer.util.arrayFromVolume(shown(views, "Yellow")[1]).shape == (1, 48, 32, 3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("wrong", "limit"), [("one", 10.0), ("all", 1.0)])
def test_pixels_that_are_no_numbers_leave_the_colors_of_the_difference_alone(
    views: dict[str, Any], panel: Any, wrong: str, limit: float
) -> None:
    import numpy as np
    import slicer

    pixels = np.full((1, 48, 64), 50.0)
    if wrong == "all":
        pixels[:] = np.nan
    pixels[0, 3, 4] = np.inf
    source = slicer.util.addVolumeFromArray(pixels, name="Sweep")
    source.CreateDefaultDisplayNodes()
    choose_input(panel, source)
    panel.logic.getParameterNode().outputVolume = result_of(source)
    choose_style(panel, "Difference")
    display = shown(views, "Yellow")[0].GetDisplayNode()
    assert (display.GetLevel(), display.GetWindow()) == (0.0, 2 * limit)


def test_a_result_that_comes_while_another_module_is_shown_waits_for_the_user(
    views: dict[str, Any], panel: Any, a_volume: Any, wait_until: Wait
) -> None:
    choose_input(panel, a_volume)
    panel.ui.compareAfterApplyCheckBox.click()
    panel.ui.applyButton.click()
    panel.exit()
    before = {**state(views), "nodes": 0}
    wait_until(lambda: not panel.isRunning)
    assert {**state(views), "nodes": 0} == before
    assert not panel.ui.compareCheckBox.checked
    panel.enter()
    assert panel.ui.compareCheckBox.checked
    assert shown(views, "Yellow")[0] is panel.logic.getParameterNode().outputVolume
    panel.ui.compareCheckBox.click()
    panel.exit()
    panel.enter()
    assert not panel.ui.compareCheckBox.checked  # once


def test_swipe_and_difference_follow_the_browser(views: dict[str, Any], panel: Any, wait_until: Wait) -> None:
    import numpy as np
    import slicer

    _sequence, browser, proxy = make_sequence(frames=3)
    choose_input(panel, proxy)
    panel.ui.compareAfterApplyCheckBox.click()
    panel.ui.applyButton.click()
    wait_until(lambda: not panel.isRunning)
    assert panel.ui.compareCheckBox.checked
    result = panel.logic.getParameterNode().outputVolume
    assert shown(views, "Yellow")[0] is result
    choose_style(panel, "Difference")
    for item in (2, 0):
        browser.SetSelectedItemNumber(item)
        before, after = (slicer.util.arrayFromVolume(one).astype(int) for one in (proxy, result))
        assert np.array_equal(slicer.util.arrayFromVolume(shown(views, "Yellow")[0]), before - after)
    choose_style(panel, "Swipe")
    for item in (2, 0):
        browser.SetSelectedItemNumber(item)
        whole, part = (slicer.util.arrayFromVolume(one) for one in (result, shown(views, "Yellow")[1]))
        assert np.array_equal(part, whole[..., 32:]) or np.array_equal(part, whole[..., :32])


def test_a_difference_that_would_mean_nothing_is_refused_with_a_reason(compared: Any, views: dict[str, Any]) -> None:
    result = compared.logic.getParameterNode().outputVolume
    choose_style(compared, "Difference")
    result.SetAttribute("Speckle2Self.Gamma", "0.5")
    compared.updatePanel()
    assert not compared.ui.compareDifferenceRadioButton.enabled
    assert "Gamma" in compared.ui.compareDifferenceRadioButton.toolTip
    assert shown(views, "Yellow") == (result, None)
    assert compared.ui.compareCheckBox.checked


def test_without_views_nothing_can_be_compared(panel: Any, a_volume: Any) -> None:
    choose_input(panel, a_volume)
    panel.logic.getParameterNode().outputVolume = result_of(a_volume)
    assert not panel.ui.compareCheckBox.enabled
    assert "no slice views" in panel.ui.compareInfoLabel.text


def test_showing_new_results_at_once_is_remembered_on_this_computer(
    panel: Any, module: Any, settings_file: Any
) -> None:
    import qt

    panel.ui.compareAfterApplyCheckBox.click()
    qt.QSettings().sync()
    other = module.Speckle2SelfWidget()
    assert other.ui.compareAfterApplyCheckBox.checked
    other.cleanup()


def test_comparison_and_live_preview_give_the_views_to_each_other(compared: Any, views: dict[str, Any]) -> None:
    before = state(views)
    compared.ui.previewCheckBox.click()
    compared.ui.compareCheckBox.click()
    assert not compared.ui.previewCheckBox.checked
    assert shown(views, "Yellow") == (compared.logic.getParameterNode().outputVolume, None)
    compared.ui.previewCheckBox.click()
    assert not compared.ui.compareCheckBox.checked
    compared.ui.previewCheckBox.click()
    assert state(views) == before
