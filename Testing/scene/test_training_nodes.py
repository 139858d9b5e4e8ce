"""The nodes that show a training: curve, pictures and views, without a worker."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scene_support import matrix_of, pixels_of, scene_text, speckled
from Speckle2SelfLib.scene.despeckler import read_sweep
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfTrainingLib.scene.loss_curve import LossCurve
from Speckle2SelfTrainingLib.scene.preview import Preview
from Speckle2SelfTrainingLib.scene.views import LAYOUT, LAYOUT_WITHOUT_PICTURES, PLOT_VIEW, VIEWS, TrainingViews
from Speckle2SelfTrainingLib.training import TrainingProgress


@pytest.fixture
def environment(a_scene: Any) -> SceneEnvironment:
    return SceneEnvironment(a_scene)


def step(number: int, loss: float, validation_loss: float | None = None) -> TrainingProgress:
    return TrainingProgress(number, 10, loss, loss, 0.0, validation_loss)


def rows(node: Any) -> list[tuple[float, float]]:
    table = node.GetTable()
    return [(table.GetValue(i, 0).ToDouble(), table.GetValue(i, 1).ToDouble()) for i in range(table.GetNumberOfRows())]


def tables_of(curve: LossCurve) -> list[Any]:
    scene = curve.chart.GetScene()
    return [scene.GetFirstNodeByName(name) for name in ("mine loss", "mine validation loss")]


def test_a_line_is_drawn_as_soon_as_it_has_two_points(environment: SceneEnvironment) -> None:
    curve = LossCurve(environment, "mine")
    for number, lines in ((1, 0), (2, 1), (3, 2)):
        curve.add([step(number, 1.0, validation_loss=1.0 if number > 1 else None)])
        curve.refresh()
        assert curve.chart.GetNumberOfPlotSeriesNodes() == lines


def test_steps_that_come_together_are_one_row_with_their_mean(environment: SceneEnvironment) -> None:
    curve = LossCurve(environment, "mine")
    curve.add([step(1, 4.0), step(2, 2.0, 3.5)])
    training, validation = tables_of(curve)
    assert rows(training) == [(2, 3.0)]
    assert rows(validation) == [(2, 3.5)]


def test_the_chart_is_redrawn_a_few_times_a_second_and_loses_no_step(environment: SceneEnvironment) -> None:
    curve = LossCurve(environment, "mine")
    redrawn: list[str] = []
    tables_of(curve)[0].AddObserver("ModifiedEvent", lambda caller, event: redrawn.append(event))
    for number in range(1, 1001):
        curve.add([step(number, 1.0)])
    curve.keep()
    assert len(redrawn) < 20
    assert rows(tables_of(curve)[0])[-1] == (1000, 1.0)


def test_the_axes_span_the_steps_to_come_and_at_the_end_those_that_were_done(environment: SceneEnvironment) -> None:
    curve = LossCurve(environment, "mine")
    curve.add([step(1, 4.0), step(2, 2.0)])
    assert curve.chart.GetXAxisRange() == (0, 10)
    assert 4 < curve.chart.GetYAxisRange()[1] < 5
    curve.add([step(7, 1.0)])
    curve.keep()
    assert curve.chart.GetXAxisRange() == (0, 7)
    assert 4 < curve.chart.GetYAxisRange()[1] < 5


def test_a_removed_curve_leaves_the_scene_as_it_was(a_scene: Any, environment: SceneEnvironment) -> None:
    before = scene_text(a_scene)
    curve = LossCurve(environment, "mine")
    curve.add([step(1, 4.0)])
    curve.remove()
    assert scene_text(a_scene) == before


def test_what_is_not_kept_is_not_saved_with_the_scene(a_scene: Any, environment: SceneEnvironment) -> None:
    curve, preview = LossCurve(environment, "mine"), Preview(environment, "mine", [])
    preview.show((speckled((20, 24)), speckled((20, 24))))
    nodes = [curve.chart, *tables_of(curve), *preview.volumes, preview.volumes[0].GetDisplayNode()]
    assert not any(node.GetSaveWithScene() for node in nodes)
    curve.keep()
    preview.keep()
    assert all(node.GetSaveWithScene() for node in nodes)
    preview.remove()
    assert all(volume.GetScene() is a_scene for volume in preview.volumes)


def test_two_trainings_of_one_name_are_told_apart(a_scene: Any, environment: SceneEnvironment) -> None:
    charts = [LossCurve(environment, "mine").chart.GetName() for _ in range(2)]
    assert len(set(charts)) == 2


@pytest.mark.parametrize("axis", ["I", "J", "K"])
def test_a_picture_lies_where_the_frames_lie(environment: SceneEnvironment, add_volume: Any, axis: str) -> None:
    volume = add_volume(speckled((20, 24, 28)))
    sweep = read_sweep(environment, volume, axis)
    preview = Preview(environment, "mine", [sweep])
    picture = np.array(sweep[0])
    preview.show((picture, 255 - picture))
    before, after = preview.volumes
    where = "KJI".index(axis)
    np.testing.assert_array_equal(np.take(pixels_of(before), 0, where), picture)
    np.testing.assert_array_equal(np.take(pixels_of(after), 0, where), 255 - picture)
    np.testing.assert_allclose(matrix_of(before), matrix_of(volume))


def test_a_picture_of_another_size_is_shown_all_the_same(environment: SceneEnvironment, add_volume: Any) -> None:
    sweep = read_sweep(environment, add_volume(speckled((3, 20, 24))), None)
    preview = Preview(environment, "mine", [sweep])
    preview.show((speckled((16, 18)), speckled((16, 18))))
    assert preview.volumes[0].GetImageData().GetDimensions() == (18, 16, 1)
    np.testing.assert_allclose(matrix_of(preview.volumes[0]), np.eye(4))


def test_pictures_are_renewed_in_the_same_volumes_and_in_the_same_gray_levels(environment: SceneEnvironment) -> None:
    preview = Preview(environment, "mine", [])
    preview.show((speckled((20, 24)), speckled((20, 24))))
    volumes = preview.volumes
    preview.show((speckled((20, 24), seed=1), speckled((20, 24), seed=2)))
    assert preview.volumes == volumes
    np.testing.assert_array_equal(pixels_of(volumes[1])[0], speckled((20, 24), seed=2))
    displays = [volume.GetDisplayNode() for volume in volumes]
    assert [(display.GetWindow(), display.GetLevel()) for display in displays] == [(255, 127.5)] * 2


@pytest.fixture
def a_layout(a_scene: Any) -> Any:
    """The layout node, and the views that the desktop's layout manager makes of the description."""
    import slicer

    layout = a_scene.AddNewNodeByClass("vtkMRMLLayoutNode")
    layout.SetViewArrangement(layout.SlicerLayoutFourUpView)
    for name in VIEWS.values():
        for node_class in ("vtkMRMLSliceNode", "vtkMRMLSliceCompositeNode"):
            node = getattr(slicer, node_class)()
            node.SetLayoutName(name)
            node.SetSingletonTag(name)
            a_scene.AddNode(node)
    plot = slicer.vtkMRMLPlotViewNode()
    plot.SetLayoutName(PLOT_VIEW)
    a_scene.AddNode(plot)
    return layout


def shown_volumes(scene: Any) -> list[str | None]:
    composites = [scene.GetNthNodeByClass(i, "vtkMRMLSliceCompositeNode") for i in range(2)]
    return [composite.GetBackgroundVolumeID() for composite in composites]


def test_the_views_show_curve_and_pictures_and_are_given_back(
    a_scene: Any, a_layout: Any, environment: SceneEnvironment
) -> None:
    views, curve, preview = TrainingViews(environment), LossCurve(environment, "mine"), Preview(environment, "mine", [])
    views.show(curve, preview)
    assert a_layout.GetViewArrangement() == LAYOUT
    assert a_scene.GetFirstNodeByClass("vtkMRMLPlotViewNode").GetPlotChartNodeID() == curve.chart.GetID()
    preview.show((speckled((20, 24)), speckled((20, 24))))
    views.update(curve, preview)
    assert shown_volumes(a_scene) == [volume.GetID() for volume in preview.volumes]
    views.hide()
    assert a_layout.GetViewArrangement() == a_layout.SlicerLayoutFourUpView


def test_a_layout_that_the_user_chose_meanwhile_stays(a_layout: Any, environment: SceneEnvironment) -> None:
    views, curve = TrainingViews(environment), LossCurve(environment, "mine")
    views.show(curve, None)
    a_layout.SetViewArrangement(a_layout.SlicerLayoutOneUpRedSliceView)
    views.update(curve, None)
    views.hide()
    assert a_layout.GetViewArrangement() == a_layout.SlicerLayoutOneUpRedSliceView


def test_without_being_asked_the_views_stay(a_scene: Any, a_layout: Any, environment: SceneEnvironment) -> None:
    views, curve = TrainingViews(environment), LossCurve(environment, "mine")
    views.update(curve, None)
    assert a_layout.GetViewArrangement() == a_layout.SlicerLayoutFourUpView
    assert a_scene.GetFirstNodeByClass("vtkMRMLPlotViewNode").GetPlotChartNodeID() is None


def test_where_there_are_no_views_nothing_happens(environment: SceneEnvironment) -> None:
    views = TrainingViews(environment)
    views.show(LossCurve(environment, "mine"), None)
    assert not views.shown
    views.hide()


def test_the_layout_is_xml_with_two_slices_and_a_plot(a_layout: Any, environment: SceneEnvironment) -> None:
    import xml.etree.ElementTree as ElementTree

    TrainingViews(environment).show(None, None)
    tree = ElementTree.fromstring(a_layout.GetLayoutDescription(LAYOUT))
    found = [(view.get("class"), view.get("singletontag")) for view in tree.iter("view")]
    assert found == [*(("vtkMRMLSliceNode", name) for name in VIEWS.values()), ("vtkMRMLPlotViewNode", PLOT_VIEW)]


def test_without_held_out_frames_the_layout_shows_the_sweep_itself(
    a_layout: Any, environment: SceneEnvironment
) -> None:
    import xml.etree.ElementTree as ElementTree

    views = TrainingViews(environment, pictures=False)
    views.show(LossCurve(environment, "mine"), None)
    assert a_layout.GetViewArrangement() == LAYOUT_WITHOUT_PICTURES
    tree = ElementTree.fromstring(a_layout.GetLayoutDescription(LAYOUT_WITHOUT_PICTURES))
    found = [(view.get("class"), view.get("singletontag")) for view in tree.iter("view")]
    assert found == [("vtkMRMLSliceNode", "Red"), ("vtkMRMLPlotViewNode", PLOT_VIEW)]
    views.hide()
    assert a_layout.GetViewArrangement() == a_layout.SlicerLayoutFourUpView
