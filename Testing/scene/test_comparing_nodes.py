"""Comparing despeckling with other filters on nodes of the scene: the table, the pictures, where it is measured."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scene_support import matrix_of, pixels_of, scene_text
from Speckle2SelfLib.errors import Cancelled, InputError, OutputError, SettingsError
from Speckle2SelfTrainingLib.evaluation import PEERS
from Speckle2SelfTrainingLib.scene.comparison_views import LAYOUT, TABLE_VIEW, ComparisonViews
from Speckle2SelfTrainingLib.scene.evaluator import SceneEvaluator, compared_frames
from Speckle2SelfTrainingLib.worker.evaluation_order import EvaluationOrder

ROWS, COLUMNS = 72, 88
LUMEN = (28, 30, 16, 24)  # row, column, height, width of what is dark
QUICK = {"filters": ["median", "tv"], "device": "cpu"}


def vessel(frames: int = 5, seed: int = 3) -> np.ndarray:
    """Speckle with a dark lumen in its middle, uint8 (N, H, W)."""
    speckle = np.random.default_rng(seed).rayleigh(70.0, (frames, ROWS, COLUMNS)).clip(0, 255)
    row, column, height, width = LUMEN
    speckle[:, row : row + height, column : column + width] *= 0.1
    return speckle.astype(np.uint8)


@pytest.fixture
def a_sweep(add_volume: Callable[..., Any]) -> Any:
    return add_volume(vessel(), "Neck")


@pytest.fixture
def evaluator(a_worker: Any) -> SceneEvaluator:
    return SceneEvaluator(client=a_worker)


def column(table: Any, name: str) -> list[Any]:
    values = table.GetTable().GetColumnByName(name)
    return [values.GetValue(row) for row in range(table.GetNumberOfRows())]


def test_every_method_gets_a_row_and_every_measure_a_column_with_its_direction(
    evaluator: SceneEvaluator, a_sweep: Any, a_model: str
) -> None:
    calls: list[tuple[int, int]] = []
    table = evaluator.evaluate(
        a_sweep,
        model=a_model,
        strengths=[0.5, 1.0],
        frames=2,
        progressCallback=lambda done, total: calls.append((done, total)),
        **QUICK,
    )
    assert table.GetName() == "Neck comparison with filters"
    assert column(table, "method") == ["input", "Speckle2Self 0.5", "Speckle2Self 1", "TV", "Median"]
    assert column(table, "frames") == [2] * 5
    titles = {table.GetColumnName(index): table.GetColumnTitle(table.GetColumnName(index)) for index in range(12)}
    assert titles["enl"] == "ENL \u2191"
    assert titles["black"] == "Black \u2193"
    assert titles["tone"] == "Tone \u2192 1"
    assert "Higher is better" in table.GetColumnDescription("cnr")
    assert table.GetColumnUnitLabel("seconds") == "s"
    assert all(round(value, 1) == value for value in column(table, "enl"))
    before, *after = column(table, "enl")
    assert all(value > before for value in after[2:])
    assert column(table, "seconds")[0] == 0
    assert "Frames 2, 4 of Neck, counted from 1" in table.GetDescription()
    assert "chosen automatically" in table.GetDescription()
    assert table.GetAttribute("Speckle2Self.Note") == "comparison, research use"
    assert calls[-1] == (10, 10)
    assert calls == sorted(calls)


def test_pictures_become_volumes_where_their_frames_lie_in_a_folder_if_asked(
    evaluator: SceneEvaluator, a_scene: Any, a_sweep: Any, a_study: int, a_model: str
) -> None:
    import slicer

    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    a_sweep.SetAndObserveTransformNodeID(transform.GetID())
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    hierarchy.CreateItem(a_study, a_sweep)
    evaluator.evaluate(a_sweep, model=a_model, frames=[4], keepImages=True, **QUICK)
    names = ["Neck frame 5 input", "Neck frame 5 Speckle2Self", "Neck frame 5 TV", "Neck frame 5 Median"]
    volumes = [a_scene.GetFirstNodeByName(name) for name in names]
    np.testing.assert_array_equal(pixels_of(volumes[0])[0], pixels_of(a_sweep)[4])
    place = matrix_of(a_sweep) @ [0, 0, 4, 1]
    folder = hierarchy.GetItemParent(hierarchy.GetItemByDataNode(volumes[0]))
    assert hierarchy.GetItemName(folder) == "Neck compared frames"
    assert hierarchy.GetItemParent(folder) == a_study
    for volume in volumes:
        np.testing.assert_allclose(matrix_of(volume) @ [0, 0, 0, 1], place)
        np.testing.assert_allclose(matrix_of(volume)[:3, :3], matrix_of(a_sweep)[:3, :3])
        assert volume.GetTransformNodeID() == transform.GetID()
        assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(volume)) == folder
        assert volume.GetDisplayNode().GetWindow() == 255
    assert volumes[2].GetAttribute("Speckle2Self.Method") == "TV"
    assert pixels_of(volumes[2]).std() < pixels_of(volumes[0]).std()


def test_without_being_asked_only_the_table_is_new_and_the_same_table_can_be_filled_again(
    evaluator: SceneEvaluator, a_scene: Any, a_sweep: Any, a_model: str
) -> None:
    import slicer

    slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)  # makes the node where there is none yet
    nodes = a_scene.GetNumberOfNodes()
    table = evaluator.evaluate(a_sweep, model=a_model, frames=1, **QUICK)
    assert a_scene.GetNumberOfNodes() == nodes + 1
    again = evaluator.evaluate(a_sweep, model=a_model, frames=1, filters=["median"], device="cpu", outputTable=table)
    assert again is table
    assert column(table, "method") == ["input", "Speckle2Self", "Median"]
    assert a_scene.GetNumberOfNodes() == nodes + 1


def test_a_job_keeps_what_files_and_views_need(evaluator: SceneEvaluator, a_sweep: Any, a_model: str) -> None:
    job = evaluator.start(a_sweep, model=a_model, frames=2, **QUICK)
    job.wait()
    rows = list(csv.DictReader(io.StringIO(job.csv)))
    assert [row["method"] for row in rows] == ["input", "Speckle2Self", "TV", "Median"]
    assert job.figure is not None
    assert job.figure.startswith(b"\x89PNG")
    assert job.methods == ["input", "Speckle2Self", "TV", "Median"]
    assert len(job.boxes) == len(job.frames) == 2
    volumes = job.add_images()
    assert len(volumes) == 8
    assert job.add_images() is volumes


def test_a_sequence_is_compared_frame_by_frame(evaluator: SceneEvaluator, a_scene: Any, a_model: str) -> None:
    import slicer

    sequence = a_scene.AddNewNodeByClass("vtkMRMLSequenceNode", "Cine")
    for index, frame in enumerate(vessel(4)):
        volume = slicer.util.addVolumeFromArray(frame[np.newaxis], name="frame")
        volume.SetOrigin(0, 0, index)
        sequence.SetDataNodeAtValue(volume, str(index))
        a_scene.RemoveNode(volume)
    job = evaluator.start(sequence, model=a_model, frames=[0, 3], **QUICK)
    job.wait()
    volume = job.add_images()["input", 3]
    np.testing.assert_array_equal(pixels_of(volume)[0], vessel(4)[3])
    assert volume.GetOrigin()[2] == 3


def test_color_is_compared_by_its_luminance(evaluator: SceneEvaluator, add_volume: Any, a_model: str) -> None:
    color = np.repeat(vessel(1)[..., np.newaxis], 3, axis=-1)
    sweep = add_volume(color, "Color", "vtkMRMLVectorVolumeNode")
    job = evaluator.start(sweep, model=a_model, frames=1, **QUICK)
    job.wait()
    volume = job.add_images()["input", 0]
    assert volume.GetClassName() == "vtkMRMLScalarVolumeNode"
    np.testing.assert_allclose(pixels_of(volume)[0], vessel(1)[0], atol=1)


def a_roi(scene: Any, sweep: Any, box: tuple[int, int, int, int], name: str = "Region") -> Any:
    """A markups ROI around the pixels of a box on all frames of a volume."""
    import slicer.util

    row, col, height, width = box
    roi = scene.AddNewNodeByClass("vtkMRMLMarkupsROINode", name)
    matrix = matrix_of(sweep)
    middle = matrix @ [col + (width - 1) / 2, row + (height - 1) / 2, 2, 1]
    lengths = np.linalg.norm(matrix[:3, :3], axis=0)
    placed = np.eye(4)
    placed[:3, :3], placed[:, 3] = matrix[:3, :3] / lengths, middle
    roi.SetAndObserveObjectToNodeMatrix(slicer.util.vtkMatrixFromArray(placed))
    roi.SetSize(width * lengths[0], height * lengths[1], 5 * lengths[2])
    return roi


def test_a_roi_says_where_the_lumen_is_measured(
    evaluator: SceneEvaluator, a_scene: Any, add_volume: Any, a_model: str
) -> None:
    import slicer.util

    sweep = add_volume(vessel(), "Neck")
    sweep.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(np.diag([-0.2, -0.3, 1.5, 1.0])))
    roi = a_roi(a_scene, sweep, (30, 34, 10, 12), "My lumen")
    job = evaluator.start(sweep, model=a_model, frames=1, lumen=roi, **QUICK)
    job.wait()
    assert job.boxes[0].lumen == (30, 34, 10, 12)
    assert job.boxes[0].tissue is not None
    assert "the lumen that My lumen marks" in job.where


def test_a_segment_says_where_tissue_is_measured(
    evaluator: SceneEvaluator, a_scene: Any, a_sweep: Any, a_model: str
) -> None:
    import slicer

    segmentation = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Drawn")
    mask = np.zeros((5, ROWS, COLUMNS), np.uint8)
    mask[:, 50:70, 10:40] = 1
    labelmap = slicer.vtkSlicerSegmentationsModuleLogic.CreateOrientedImageDataFromVolumeNode(a_sweep)
    from vtkmodules.util import numpy_support

    labelmap.GetPointData().SetScalars(numpy_support.numpy_to_vtk(mask.ravel(), deep=True))
    segmentation.AddSegmentFromBinaryLabelmapRepresentation(labelmap, "Tissue", [1.0, 0.0, 0.0])
    segmentation.GetSegmentation().AddEmptySegment("other", "Other")
    job = evaluator.start(a_sweep, model=a_model, frames=2, tissue=segmentation, **QUICK)
    job.wait()
    for boxes in job.boxes:
        assert boxes.tissue is not None
        row, col, height, width = boxes.tissue
        assert (row >= 50, col >= 10, row + height <= 70, col + width <= 40) == (True,) * 4
    with pytest.raises(InputError, match="let one of their names say 'lumen'"):
        evaluator.evaluate(a_sweep, model=a_model, lumen=segmentation)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"filters": ["sharpen"]}, SettingsError, "got 'sharpen'"),
        ({"filters": []}, SettingsError, "got none"),
        ({"strengths": [1.5]}, SettingsError, "from 0 to 1"),
        ({"strengths": []}, SettingsError, "1 to 4 different numbers"),
        ({"frames": 0}, SettingsError, "how many to compare"),
        ({"frames": [7]}, InputError, "frames 0 to 4"),
        ({"outputTable": "table"}, OutputError, "must be a table"),
        ({"tissue": "box"}, InputError, "must be a node of this scene"),
        ({"device": "abacus"}, SettingsError, "abacus"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_sentence(
    evaluator: SceneEvaluator, a_scene: Any, a_sweep: Any, options: dict[str, Any], error: type, words: str
) -> None:
    before = scene_text(a_scene)
    with pytest.raises(error, match=words):
        evaluator.evaluate(a_sweep, **options)
    assert scene_text(a_scene) == before


def test_a_roi_that_lies_elsewhere_and_other_nodes_are_refused(
    evaluator: SceneEvaluator, a_scene: Any, a_sweep: Any
) -> None:
    roi = a_roi(a_scene, a_sweep, (500, 500, 10, 10))
    with pytest.raises(InputError, match="covers 0 x 0 pixels of frame 2"):
        evaluator.evaluate(a_sweep, frames=1, tissue=roi)
    with pytest.raises(InputError, match="give a markups ROI or a segmentation"):
        evaluator.evaluate(a_sweep, frames=1, tissue=a_sweep)


def test_a_cancel_leaves_the_scene_as_it_was_and_the_next_comparison_works(
    evaluator: SceneEvaluator, a_scene: Any, a_sweep: Any, a_model: str
) -> None:
    before = scene_text(a_scene)
    with pytest.raises(Cancelled):
        evaluator.evaluate(
            a_sweep, model=a_model, keepImages=True, progressCallback=lambda done, total: done < 3, **QUICK
        )
    assert scene_text(a_scene) == before
    assert evaluator.evaluate(a_sweep, model=a_model, frames=1, filters=["median"], device="cpu") is not None


def test_a_sweep_that_leaves_the_scene_ends_the_comparison(
    evaluator: SceneEvaluator, a_scene: Any, a_sweep: Any, a_model: str
) -> None:
    job = evaluator.start(a_sweep, model=a_model, **QUICK)
    a_scene.RemoveNode(a_sweep)
    with pytest.raises(Cancelled, match="'Neck' was removed"):
        job.wait()


def test_frames_are_spread_over_the_sweep() -> None:
    assert compared_frames(3, 30) == [5, 15, 25]
    assert compared_frames(9, 2) == [0, 1]
    assert compared_frames(1, 1) == [0]
    assert compared_frames([4, 1, 4], 5) == [1, 4]


def test_an_order_travels_as_plain_values() -> None:
    import json

    from Speckle2SelfTrainingLib.evaluation import Boxes

    order = EvaluationOrder(
        "default", "cpu", (0.5, 1.0), ("patch", "tv"), (0, 2), ("frame 1", "frame 9"),
        (Boxes((1, 2, 3, 4)), Boxes(None, (5, 6, 7, 8))),
    )  # fmt: skip
    assert EvaluationOrder.from_dict(json.loads(json.dumps(order.to_dict()))) == order
    assert len(order.pictures) == 2 + 2 * 2 + PEERS["patch"].limit + 2


def test_the_layout_has_a_view_for_each_method_and_is_given_back(a_scene: Any, a_sweep: Any) -> None:
    from Speckle2SelfLib.scene.environment import SceneEnvironment

    environment = SceneEnvironment(a_scene)
    layout = a_scene.AddNewNodeByClass("vtkMRMLLayoutNode")
    layout.SetViewArrangement(layout.SlicerLayoutFourUpView)
    slices = [a_scene.AddNewNodeByClass("vtkMRMLSliceNode") for _ in range(3)]
    composites = [a_scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode") for _ in range(3)]
    for number, (one, other) in enumerate(zip(slices, composites, strict=True), 1):
        one.SetLayoutName(f"Speckle2SelfComparison{number}")
        other.SetLayoutName(f"Speckle2SelfComparison{number}")
    table_view = a_scene.AddNewNodeByClass("vtkMRMLTableViewNode")
    table_view.SetLayoutName(TABLE_VIEW)
    table = a_scene.AddNewNodeByClass("vtkMRMLTableNode")
    views = ComparisonViews(environment, 3)
    views.show({"input": a_sweep, "TV": a_sweep, "Median": a_sweep}, table)
    assert layout.GetViewArrangement() == LAYOUT + 2
    assert layout.GetLayoutDescription(LAYOUT + 2).count("vtkMRMLSliceNode") == 3
    assert [one.GetLayoutLabel() for one in slices] == ["input", "TV", "Median"]
    assert all(one.GetBackgroundVolumeID() == a_sweep.GetID() for one in composites)
    assert all(one.GetLinkedControl() for one in composites)
    assert table_view.GetTableNodeID() == table.GetID()
    views.hide()
    assert layout.GetViewArrangement() == layout.SlicerLayoutFourUpView
