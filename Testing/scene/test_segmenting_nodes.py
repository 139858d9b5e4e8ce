"""What a segmentation leaves in the scene: nodes, geometry, names, and nothing half done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import slicer
from scene_support import matrix_of, scene_text, speckled
from segmentation_support import BrightRunner, lumens, mask_in, segmenter, set_mask
from Speckle2SelfLib.errors import Cancelled, InputError, OutputError, SettingsError
from vtkmodules.vtkCommonMath import vtkMatrix4x4

SEGMENT = "Lumen"


def segment_of(node: Any) -> Any:
    return node.GetSegmentation().GetSegment(SEGMENT)


def test_a_volume_gets_one_segmentation_in_its_own_geometry(a_scene: Any, add_volume: Any) -> None:
    frames = lumens(5)
    volume = add_volume(frames, "Neck")
    node = segmenter().segment(volume)
    assert (node.GetClassName(), node.GetName()) == ("vtkMRMLSegmentationNode", "Neck segmentation")
    np.testing.assert_array_equal(mask_in(node, frames.shape), frames == 255)
    image = slicer.vtkOrientedImageData()
    node.GetBinaryLabelmapRepresentation(SEGMENT, image)
    placed = vtkMatrix4x4()
    image.GetImageToWorldMatrix(placed)
    np.testing.assert_allclose(slicer.util.arrayFromVTKMatrix(placed), matrix_of(volume), atol=1e-6)
    assert node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()) is volume
    assert node.GetDisplayNode().IsA("vtkMRMLSegmentationDisplayNode")


def test_the_segment_has_name_color_and_terms(add_volume: Any) -> None:
    segment = segment_of(segmenter().segment(add_volume(lumens(2))))
    assert segment.GetName() == "Common carotid artery lumen"
    assert segment.GetColor() == pytest.approx((216 / 255, 101 / 255, 79 / 255))
    entry = slicer.vtkSlicerTerminologyEntry()
    slicer.vtkSlicerTerminologiesModuleLogic().DeserializeTerminologyEntry(segment.GetTerminology(), entry)
    assert entry.GetTypeObject().GetCodeValue() == "32062004"
    assert entry.GetTypeObject().GetCodeMeaning() == "Common carotid artery"


def test_the_reference_geometry_is_that_of_the_volume(add_volume: Any) -> None:
    volume = add_volume(lumens(3))
    node = segmenter().segment(volume)
    expected = slicer.vtkMRMLSegmentationNode()
    expected.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    name = slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName()
    assert node.GetSegmentation().GetConversionParameter(name) == expected.GetSegmentation().GetConversionParameter(
        name
    )


def test_a_labelmap_is_no_larger_than_what_it_holds(add_volume: Any) -> None:
    frames = lumens(6, empty=(0, 5))
    node = segmenter().segment(add_volume(frames))
    extent = node.GetBinaryLabelmapInternalRepresentation(SEGMENT).GetExtent()
    found = np.argwhere(frames == 255)
    assert extent[0::2] == tuple(found.min(axis=0)[::-1])
    assert extent[1::2] == tuple(found.max(axis=0)[::-1])


@pytest.mark.parametrize(("axis", "moved"), [("I", (1, 2, 0)), ("J", (1, 0, 2))])
def test_frames_may_lie_along_any_axis(add_volume: Any, axis: str, moved: tuple[int, int, int]) -> None:
    frames = lumens(18, empty=(3, 4))
    pixels = np.ascontiguousarray(frames.transpose(moved))
    node = segmenter().segment(add_volume(pixels), frameAxis=axis)
    np.testing.assert_array_equal(mask_in(node, pixels.shape), pixels == 255)


def test_transform_and_place_in_the_hierarchy_are_those_of_the_volume(
    a_scene: Any, add_volume: Any, a_study: int
) -> None:
    volume = add_volume(lumens(2))
    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    volume.SetAndObserveTransformNodeID(transform.GetID())
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    hierarchy.CreateItem(a_study, volume)
    node = segmenter().segment(volume)
    assert node.GetTransformNodeID() == transform.GetID()
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) == a_study


def test_a_closed_surface_is_made_where_asked_for(add_volume: Any) -> None:
    volume = add_volume(lumens(6))
    plain, solid = segmenter().segment(volume), segmenter().segment(volume, closedSurface=True)
    assert not plain.GetSegmentation().ContainsRepresentation("Closed surface")
    assert solid.GetSegmentation().GetSourceRepresentationName() == "Binary labelmap"
    surface = solid.GetClosedSurfaceInternalRepresentation(SEGMENT)
    assert surface.GetNumberOfPoints() > 100


def test_what_ran_and_how_sure_it_was_is_kept_on_the_node(add_volume: Any) -> None:
    node = segmenter().segment(add_volume(lumens(4, empty=(2,))), frames=(1, 3))
    assert node.GetAttribute("Speckle2Self.Model") == "stand-in"
    assert node.GetAttribute("Speckle2Self.frames") == "3"
    assert node.GetAttribute("Speckle2Self.Confidence") == "- 0.900 0.100 0.900"
    assert len(node.GetAttribute("Speckle2Self.Checksum").split()) == 4


def test_frames_without_a_lumen_are_named(add_volume: Any) -> None:
    job = segmenter().start(add_volume(lumens(6, empty=(1, 3, 4))))
    while job.running:
        job.poll()
    assert job.notes == ["No lumen found on frames 2, 4, 5 (counted from 1)."]


def test_a_volume_without_a_vessel_gets_an_empty_segment_and_says_so(add_volume: Any) -> None:
    volume = add_volume(speckled((3, 40, 48)))
    job = segmenter().start(volume, closedSurface=True)
    while job.running:
        job.poll()
    assert job.notes == ["No lumen found on any of the 3 frames."]
    assert mask_in(job.outputNode, (3, 40, 48)).sum() == 0


def test_an_existing_segmentation_keeps_its_other_segments(a_scene: Any, add_volume: Any) -> None:
    frames = lumens(3)
    volume = add_volume(frames)
    mine = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Mine")
    plaque = np.zeros(frames.shape, np.uint8)
    plaque[1, 30:35, 5:9] = 1
    set_mask(mine, plaque, matrix_of(volume), "Plaque")
    set_mask(mine, 1 - plaque, matrix_of(volume), SEGMENT)
    assert segmenter().segment(volume, mine) is mine
    assert mine.GetSegmentation().GetSegmentIDs() == (SEGMENT, "Plaque")
    np.testing.assert_array_equal(mask_in(mine, frames.shape), frames == 255)
    np.testing.assert_array_equal(mask_in(mine, frames.shape, "Plaque"), plaque)


def test_a_sequence_gets_a_sequence_of_segmentations_in_the_same_browser(
    a_scene: Any, add_sequence: Any, a_study: int
) -> None:
    frames = lumens(4, empty=(2,))
    sequence, browser, proxy = add_sequence(frames, times=["0.1", "0.25", "0.3", "1.5"])
    slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene).CreateItem(a_study, proxy)
    browser.SetSelectedItemNumber(1)
    result = segmenter().segment(sequence)
    assert (result.GetClassName(), result.GetName()) == ("vtkMRMLSequenceNode", "Cine segmentation")
    assert [result.GetNthIndexValue(item) for item in range(4)] == ["0.1", "0.25", "0.3", "1.5"]
    assert (result.GetIndexName(), result.GetIndexUnit()) == (sequence.GetIndexName(), sequence.GetIndexUnit())
    assert browser.GetSelectedItemNumber() == 1
    for item in range(4):
        frame = result.GetNthDataNode(item)
        np.testing.assert_array_equal(mask_in(frame, (1, 40, 48))[0], frames[item] == 255)
        labelmap = frame.GetBinaryLabelmapInternalRepresentation(SEGMENT)
        source = matrix_of(sequence.GetNthDataNode(item))
        np.testing.assert_allclose(labelmap.GetOrigin(), source[:3, 3], atol=1e-6)
        assert frame.GetAttribute("Speckle2Self.Confidence") == ("0.100" if item == 2 else "0.900")
    shown = browser.GetProxyNode(result)
    assert shown.IsA("vtkMRMLSegmentationNode")
    assert shown.GetDisplayNode() is not None
    assert shown.GetNodeReference(shown.GetReferenceImageGeometryReferenceRole()) is proxy
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(shown)) == a_study


def test_the_browser_shows_the_segmentation_of_its_frame_and_takes_corrections(add_sequence: Any) -> None:
    frames = lumens(4)
    _sequence, browser, proxy = add_sequence(frames)
    shown = segmenter().segment(proxy)
    sequence = browser.GetSequenceNode(shown)
    for item in (2, 0, 3):
        browser.SetSelectedItemNumber(item)
        np.testing.assert_array_equal(mask_in(shown, (1, 40, 48))[0], frames[item] == 255)
    corrected = np.zeros((1, 40, 48), np.uint8)
    corrected[0, 10:20, 12:30] = 1
    set_mask(shown, corrected, matrix_of(proxy))
    browser.SetSelectedItemNumber(1)
    browser.SetSelectedItemNumber(3)
    np.testing.assert_array_equal(mask_in(sequence.GetNthDataNode(3), (1, 40, 48)), corrected)
    np.testing.assert_array_equal(mask_in(shown, (1, 40, 48)), corrected)


def test_a_part_of_a_sequence_keeps_corrections_and_adds_no_frames(add_sequence: Any) -> None:
    _sequence, browser, proxy = add_sequence(lumens(5))
    shown = segmenter().segment(proxy, frames=(1, 2))
    sequence = browser.GetSequenceNode(shown)
    browser.SetSelectedItemNumber(2)
    corrected = np.ones((1, 40, 48), np.uint8)
    set_mask(shown, corrected, matrix_of(proxy))
    for item in range(5):
        browser.SetSelectedItemNumber(item)
    assert sequence.GetNumberOfDataNodes() == 2
    np.testing.assert_array_equal(mask_in(sequence.GetNthDataNode(1), (1, 40, 48)), corrected)


def test_the_current_frame_alone_becomes_a_segmentation(add_sequence: Any) -> None:
    frames = lumens(4)
    _sequence, browser, proxy = add_sequence(frames)
    browser.SetSelectedItemNumber(2)
    node = segmenter().segment(proxy, frames="current")
    assert node.GetName() == "Cine segmentation frame 3"
    np.testing.assert_array_equal(mask_in(node, (1, 40, 48))[0], frames[2] == 255)
    assert len(node.GetAttribute("Speckle2Self.Confidence").split()) == 1


def test_an_existing_sequence_and_its_proxy_are_reused(add_sequence: Any) -> None:
    frames = lumens(4)
    sequence, browser, proxy = add_sequence(frames)
    shown = segmenter().segment(proxy)
    first = browser.GetSequenceNode(shown)
    nodes = proxy.GetScene().GetNumberOfNodes()
    assert segmenter().segment(proxy, shown, frames=(0, 2)) is shown
    assert first.GetNumberOfDataNodes() == 3
    assert segmenter().segment(sequence, first) is first
    assert first.GetNumberOfDataNodes() == 4
    assert proxy.GetScene().GetNumberOfNodes() == nodes


def test_an_empty_segmentation_becomes_the_proxy(a_scene: Any, add_sequence: Any) -> None:
    _sequence, browser, proxy = add_sequence(lumens(3))
    mine = a_scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Mine")
    assert segmenter().segment(proxy, mine) is mine
    assert browser.GetSequenceNode(mine).GetNumberOfDataNodes() == 3


@pytest.fixture(params=["volume", "sequence", "reused segmentation", "reused sequence"])
def a_task(request: Any, a_scene: Any, add_volume: Any, add_sequence: Any) -> tuple[Any, Any]:
    """Input and output nodes of every kind of job."""
    if request.param == "volume":
        return add_volume(lumens(5)), None
    if request.param == "reused segmentation":
        volume = add_volume(lumens(5))
        return volume, segmenter().segment(volume)
    sequence = add_sequence(lumens(5))[0]
    return sequence, segmenter().segment(sequence) if "reused" in request.param else None


def test_cancelling_leaves_the_scene_as_it_was(a_scene: Any, a_task: Any) -> None:
    before = scene_text(a_scene)
    with pytest.raises(Cancelled, match="The segmentation was cancelled"):
        segmenter().segment(*a_task, progressCallback=lambda done, total: done < 3)
    assert scene_text(a_scene) == before


def test_a_failure_leaves_the_scene_as_it_was(a_scene: Any, a_task: Any) -> None:
    before = scene_text(a_scene)
    with pytest.raises(RuntimeError, match="the stand-in fails here"):
        segmenter(BrightRunner(fail_at=3)).segment(*a_task)
    assert scene_text(a_scene) == before


def test_removing_the_input_ends_the_job(a_scene: Any, a_task: Any) -> None:
    job = segmenter().start(*a_task)
    job.poll()
    a_scene.RemoveNode(a_task[0])
    job.poll()
    assert isinstance(job.error, Cancelled) or job.outputNode is not None


def test_what_cannot_be_segmented_or_overwritten_is_refused_in_a_sentence(
    a_scene: Any, add_volume: Any, add_sequence: Any
) -> None:
    volume, (sequence, _browser, proxy) = add_volume(lumens(2)), add_sequence(lumens(2))
    shown = segmenter().segment(proxy)
    single = segmenter().segment(volume)
    model = a_scene.AddNewNodeByClass("vtkMRMLModelNode", "Surface")
    for output, reason in (
        (volume, "is a Volume node; choose a segmentation"),
        (shown, "would be overwritten"),
        ("mine", "must be a node of this scene"),
    ):
        with pytest.raises(OutputError, match=reason):
            segmenter().segment(volume, output)
    for output, reason in ((single, "is a single segmentation"), (sequence, "is a sequence of Volume nodes")):
        with pytest.raises(OutputError, match=reason):
            segmenter().segment(proxy, output)
    for node, reason in ((None, "No input"), (model, "is a Model node"), (single, "is a Segmentation node")):
        with pytest.raises(InputError, match=reason):
            segmenter().segment(node)
    with pytest.raises(SettingsError, match="threshold"):
        segmenter().segment(volume, settings={"threshold": 2})
    with pytest.raises(SettingsError, match="device"):
        segmenter().segment(volume, device="tpu")
    with pytest.raises(SettingsError, match="model must be"):
        segmenter().segment(volume, model=None)


def test_the_network_hears_of_the_size_of_pixels_as_far_as_it_is_known(a_scene: Any, add_volume: Any) -> None:
    known, unknown = add_volume(lumens(2)), add_volume(lumens(2))
    unknown.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(np.diag([-1.0, -1.0, 3.0, 1.0])))
    runner = BrightRunner()
    for volume in (known, unknown):
        segmenter(runner).segment(volume)
    expected = [float(np.linalg.norm(matrix_of(known)[:3, axis])) for axis in (1, 0)]
    assert runner.orders[0].spacing == pytest.approx(expected)
    assert runner.orders[1].spacing is None


def test_frames_with_pixels_of_different_size_are_refused(add_sequence: Any) -> None:
    sequence, _browser, _proxy = add_sequence(lumens(3))
    sequence.GetNthDataNode(2).SetSpacing(0.3, 0.3, 1.0)
    with pytest.raises(InputError, match=r"Frame 3 of sequence 'Cine' has pixels of 0\.3 x 0\.3 mm but frame 1"):
        segmenter().segment(sequence)
