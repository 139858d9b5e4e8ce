"""Measuring segmentations of the scene: which pixels count, the table, the chart, and what is refused."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer
from scene_support import matrix_of, scene_text
from segmentation_support import lumens, segmenter, set_mask
from Speckle2SelfLib.errors import Cancelled, InputError, OutputError
from Speckle2SelfTrainingLib.scene import SceneMeasurer
from Speckle2SelfTrainingLib.scene.measurement_table import chart_of
from Speckle2SelfTrainingLib.scene.measurer import write_csv

ROUNDED = 5.1e-4  # tables of the scene have three decimals


def column(table: Any, name: str) -> list[float]:
    values = table.GetTable().GetColumnByName(name)
    return [values.GetValue(row) for row in range(table.GetNumberOfRows())]


def straight(volume: Any, row: float = 0.1, across: float = 0.2, slices: float = 1.5) -> Any:
    """Give a volume a simple geometry."""
    volume.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(np.diag([-across, -row, slices, 1.0])))
    return volume


def environment_of(scene: Any) -> Any:
    from Speckle2SelfLib.scene.environment import SceneEnvironment

    return SceneEnvironment(scene)


@pytest.fixture
def a_volume(add_volume: Any) -> Any:
    return straight(add_volume(lumens(6, empty=(4,)), "Neck"))


def test_a_volume_is_measured_in_millimeters_along_its_slices(a_scene: Any, a_volume: Any) -> None:
    table = SceneMeasurer().measure(segmenter().segment(a_volume))
    assert table.GetName() == "Neck segmentation measurements"
    area = [(frame == 255).sum() * 0.1 * 0.2 for frame in slicer.util.arrayFromVolume(a_volume)]
    assert column(table, "area_mm2")[:4] == pytest.approx(area[:4], abs=ROUNDED)
    expected = [math.sqrt(4 * value / math.pi) for value in area]
    assert column(table, "equivalent_diameter_mm")[5] == pytest.approx(expected[5], abs=ROUNDED)
    assert column(table, "position_mm") == pytest.approx([0, 1.5, 3, 4.5, 6, 7.5])
    assert column(table, "found") == [1, 1, 1, 1, 0, 1]
    assert math.isnan(column(table, "area_mm2")[4])
    assert column(table, "confidence")[:2] == [0.9, 0.9]


def test_columns_are_typed_and_have_units(a_volume: Any) -> None:
    table = SceneMeasurer().measure(segmenter().segment(a_volume))
    types = {
        name: table.GetTable().GetColumnByName(name).GetDataTypeAsString() for name in ("frame", "found", "doubts")
    }
    assert types == {"frame": "int", "found": "bit", "doubts": "string"}
    assert next(iter(column(table, "frame"))) == 1
    units = {
        name: table.GetColumnProperty(table.GetColumnIndex(name), "unitLabel")
        for name in ("area_mm2", "equivalent_diameter_mm", "center_row_px", "position_mm", "confidence")
    }
    assert list(units.values()) == ["mm2", "mm", "px", "mm", ""]


def test_frames_without_a_lumen_are_stated(a_volume: Any) -> None:
    job = SceneMeasurer().start(segmenter().segment(a_volume))
    while job.running:
        job.poll()
    assert "No lumen found on frame 5 (counted from 1)." in job.notes
    assert "No lumen found on frame 5 (counted from 1)." in job.table.GetAttribute("Speckle2Self.Notices")
    summary = json.loads(job.table.GetAttribute("Speckle2Self.Summary"))
    assert (summary["frames"], summary["frames_with_lumen"]) == (6, 5)


def test_pixels_of_unknown_size_give_pixels(add_volume: Any) -> None:
    volume = straight(add_volume(lumens(3)), 1.0, 1.0, 1.0)
    job = SceneMeasurer().start(segmenter().segment(volume))
    while job.running:
        job.poll()
    assert column(job.table, "area_px")[0] == (lumens(3)[0] == 255).sum()
    assert any("size of pixels is not known" in note for note in job.notes)
    assert job.table.GetTable().GetColumnByName("position_mm") is None


def test_the_chart_shows_the_profile(a_scene: Any, a_volume: Any) -> None:
    table = SceneMeasurer().measure(segmenter().segment(a_volume))
    chart = chart_of(environment_of(a_scene), table)
    series = [chart.GetNthPlotSeriesNode(number) for number in range(chart.GetNumberOfPlotSeriesNodes())]
    assert [(one.GetXColumnName(), one.GetYColumnName()) for one in series] == [
        ("position_mm", "equivalent_diameter_mm"),
        ("position_mm", "smoothed_diameter_mm"),
    ]
    assert all(one.GetTableNode() is table for one in series)
    assert (chart.GetXAxisTitle(), chart.GetYAxisTitle()) == ("Position along the sweep (mm)", "Diameter (mm)")


def test_measuring_again_into_the_same_table_adds_no_nodes(a_scene: Any, a_volume: Any) -> None:
    segmentation = segmenter().segment(a_volume)
    table = SceneMeasurer().measure(segmentation)
    nodes = a_scene.GetNumberOfNodes()
    frames = slicer.util.arrayFromVolume(a_volume)
    set_mask(segmentation, (frames == 255).astype(np.uint8)[:, ::-1], matrix_of(a_volume))
    before = column(table, "center_row_px")
    assert SceneMeasurer().measure(segmentation, outputTable=table) is table
    assert column(table, "center_row_px")[0] == pytest.approx(39 - before[0])
    assert a_scene.GetNumberOfNodes() == nodes


def test_a_corrected_frame_has_no_confidence_any_more(a_volume: Any) -> None:
    segmentation = segmenter().segment(a_volume)
    masks = (slicer.util.arrayFromVolume(a_volume) == 255).astype(np.uint8)
    masks[2, 20:24, 20:24] ^= 1
    set_mask(segmentation, masks, matrix_of(a_volume))
    confidences = column(SceneMeasurer().measure(segmentation), "confidence")
    assert [math.isnan(value) for value in confidences] == [False, False, True, False, False, False]


def test_a_sequence_is_measured_along_time(add_sequence: Any) -> None:
    sequence, browser, proxy = add_sequence(lumens(6), times=[f"{40 * number}" for number in range(6)], drift=0.0)
    sequence.SetIndexName("time")
    sequence.SetIndexUnit("ms")
    shown = segmenter().segment(proxy)
    for segmentation in (shown, browser.GetSequenceNode(shown)):
        table = SceneMeasurer().measure(segmentation)
        assert column(table, "time_s") == pytest.approx([0, 0.04, 0.08, 0.12, 0.16, 0.2])
        assert column(table, "found") == [1] * 6
        assert column(table, "confidence") == [0.9] * 6
    assert SceneMeasurer().measure(shown, sequence).GetNumberOfRows() == 6


def test_a_tracked_sweep_has_its_places_in_a_sequence_of_transforms(a_scene: Any, add_sequence: Any) -> None:
    sequence, browser, proxy = add_sequence(lumens(5), drift=0.0)
    transforms = slicer.vtkMRMLSequenceNode()
    for item in range(5):
        transform = slicer.vtkMRMLLinearTransformNode()
        matrix = slicer.util.vtkMatrixFromArray(np.diag([0.5, 0.5, 1.0, 1.0]))
        matrix.SetElement(2, 3, 2.0 * item)
        transform.SetMatrixTransformToParent(matrix)
        transforms.SetDataNodeAtValue(transform, sequence.GetNthIndexValue(item))
        straight(sequence.GetNthDataNode(item), 0.1, 0.1, 1.0)
    a_scene.AddNode(transforms)
    browser.AddSynchronizedSequenceNode(transforms)
    proxy.SetAndObserveTransformNodeID(browser.GetProxyNode(transforms).GetID())
    table = SceneMeasurer().measure(segmenter().segment(proxy))
    assert column(table, "position_mm") == pytest.approx([0, 2, 4, 6, 8])
    assert column(table, "area_mm2")[0] == pytest.approx((lumens(5)[0] == 255).sum() * 0.05 * 0.05, abs=ROUNDED)


def test_a_segmentation_on_another_grid_is_resampled_and_it_is_said(a_scene: Any, add_volume: Any) -> None:
    volume = straight(add_volume(np.zeros((3, 40, 48), np.uint8)), 0.2, 0.2, 1.0)
    fine = np.zeros((3, 80, 96), np.uint8)
    fine[:, 20:40, 30:60] = 1
    segmentation = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Fine")
    set_mask(segmentation, fine, np.diag([-0.1, -0.1, 1.0, 1.0]), "Mine")
    job = SceneMeasurer().start(segmentation, volume)
    while job.running:
        job.poll()
    assert column(job.table, "area_mm2") == pytest.approx([2.0 * 3.0] * 3, rel=0.1)
    assert "Segmentation 'Fine' has another grid than 'Sweep' and was resampled to it." in job.notes


def test_a_segmentation_under_another_transform_is_brought_onto_the_image(a_scene: Any, a_volume: Any) -> None:
    segmentation = segmenter().segment(a_volume)
    before = column(SceneMeasurer().measure(segmentation), "center_column_px")
    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[0, 3] = -0.2 * 5
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    segmentation.SetAndObserveTransformNodeID(transform.GetID())
    after = column(SceneMeasurer().measure(segmentation), "center_column_px")
    assert after[0] == pytest.approx(before[0] + 5)


def test_a_surface_is_measured_and_stays_the_only_representation(a_scene: Any, a_volume: Any) -> None:
    segmentation = segmenter().segment(a_volume, closedSurface=True)
    expected = column(SceneMeasurer().measure(segmentation), "area_mm2")
    segmentation.SetSourceRepresentationToClosedSurface()
    segmentation.RemoveBinaryLabelmapRepresentation()
    measured = column(SceneMeasurer().measure(segmentation, a_volume), "area_mm2")
    assert measured[1:3] == pytest.approx(expected[1:3], rel=0.15)
    assert not segmentation.GetSegmentation().ContainsRepresentation("Binary labelmap")


def test_two_vessels_in_the_segment_are_said_and_the_largest_is_measured(a_volume: Any) -> None:
    segmentation = segmenter().segment(a_volume)
    masks = (slicer.util.arrayFromVolume(a_volume) == 255).astype(np.uint8)
    alone = masks[1].sum()
    masks[1, 2:8, 36:46] = 1
    set_mask(segmentation, masks, matrix_of(a_volume))
    job = SceneMeasurer().start(segmentation)
    while job.running:
        job.poll()
    assert column(job.table, "area_mm2")[1] == pytest.approx(alone * 0.1 * 0.2)
    assert any("the largest is measured" in note and "frame 2" in note for note in job.notes)


def test_the_segment_is_chosen_by_name_and_an_unknown_one_is_refused(a_scene: Any, a_volume: Any) -> None:
    mine = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Mine")
    for name, size in (("Artery", 4), ("Vein", 8)):
        mask = np.zeros((6, 40, 48), np.uint8)
        mask[:, 5 : 5 + size, 5:15] = 1
        set_mask(mine, mask, matrix_of(a_volume), name)
    assert column(SceneMeasurer().measure(mine, a_volume, segment="Vein"), "area_mm2")[0] == pytest.approx(1.6)
    with pytest.raises(InputError, match="has the segments 'Artery', 'Vein'; say which of them is the lumen"):
        SceneMeasurer().measure(mine, a_volume)
    with pytest.raises(InputError, match="has no segment 'Nerve'; it has 'Artery', 'Vein'"):
        SceneMeasurer().measure(mine, a_volume, segment="Nerve")
    segmenter().segment(a_volume, mine)
    assert column(SceneMeasurer().measure(mine), "area_mm2")[0] != pytest.approx(1.6)


def test_a_sequence_of_another_length_is_refused_in_a_sentence(add_sequence: Any) -> None:
    first, _browser, _proxy = add_sequence(lumens(5), "Long")
    second, _browser, _proxy = add_sequence(lumens(3), "Short")
    segmented = segmenter().segment(first)
    with pytest.raises(InputError, match=r"holds 5 segmentations, one at '0\.120' .* of 'Short', which has 3 frames"):
        SceneMeasurer().measure(segmented, second)


def test_a_part_of_a_sequence_is_measured_and_the_rest_named(add_sequence: Any) -> None:
    _sequence, _browser, proxy = add_sequence(lumens(5))
    job = SceneMeasurer().start(segmenter().segment(proxy, frames=(1, 3)))
    while job.running:
        job.poll()
    assert column(job.table, "found") == [0, 1, 1, 1, 0]
    assert "Not segmented: frames 1, 5 (counted from 1)." in job.notes


def test_what_cannot_be_measured_is_refused_in_a_sentence_and_leaves_no_node(
    a_scene: Any, a_volume: Any, add_volume: Any, add_sequence: Any
) -> None:
    segmentation = segmenter().segment(a_volume)
    sequence, _browser, proxy = add_sequence(lumens(3))
    frames = segmenter().segment(proxy)
    empty = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Empty")
    elsewhere = straight(add_volume(lumens(2), "Elsewhere"))
    elsewhere.SetOrigin(500.0, 500.0, 500.0)
    before = scene_text(a_scene)
    for given, reason in (
        ((None,), "No segmentation was given"),
        ((empty,), "does not say which volume"),
        ((empty, a_volume), "has no segment"),
        ((a_volume, a_volume), "is a Volume node; give a segmentation"),
        ((segmentation, elsewhere), "does not lie on 'Elsewhere'"),
        ((segmentation, sequence), "belongs to no sequence but 'Cine' is one"),
        ((frames, a_volume), "belongs to a sequence but 'Neck' is a volume"),
    ):
        with pytest.raises(InputError, match=reason):
            SceneMeasurer().measure(*given)
    with pytest.raises(OutputError, match="must be a table"):
        SceneMeasurer().measure(segmentation, outputTable=a_volume)
    assert scene_text(a_scene) == before


def test_cancelling_leaves_the_scene_as_it_was(a_scene: Any, a_volume: Any) -> None:
    segmentation = segmenter().segment(a_volume)
    before = scene_text(a_scene)
    with pytest.raises(Cancelled, match="Measuring was cancelled"):
        SceneMeasurer().measure(segmentation, progressCallback=lambda done, total: done < 3)
    assert scene_text(a_scene) == before


def test_an_empty_segmentation_gives_a_table_that_says_so(a_scene: Any, add_volume: Any) -> None:
    volume = straight(add_volume(lumens(3, empty=(0, 1, 2))))
    job = SceneMeasurer().start(segmenter().segment(volume))
    while job.running:
        job.poll()
    assert job.notes[0].startswith("No lumen found on any")
    assert column(job.table, "found") == [0, 0, 0]


def test_the_table_can_be_written_as_csv(a_volume: Any, tmp_path: Path) -> None:
    job = SceneMeasurer().start(segmenter().segment(a_volume))
    while job.running:
        job.poll()
    write_csv(job.measures, tmp_path / "Größe.csv")
    with (tmp_path / "Größe.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert float(rows[0]["area_mm2"]) == pytest.approx(column(job.table, "area_mm2")[0])
    with pytest.raises(OutputError):
        write_csv(job.measures, tmp_path / "no folder" / "x.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["Größe.csv"]
