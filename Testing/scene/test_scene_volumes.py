"""Volumes in, volumes out: pixels, geometry, display, hierarchy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scene_support import InvertingRunner, despeckler, inverted, matrix_of, pixels_of, speckled
from Speckle2SelfLib.settings import DespeckleSettings


def test_a_new_volume_has_the_pixels_type_and_place_of_the_result(a_scene: Any, add_volume: Any) -> None:
    pixels = speckled((5, 40, 33), np.int16)
    volume = add_volume(pixels)
    result = despeckler().process(volume)
    assert result.GetName() == "Sweep despeckled (research use)"
    assert result.GetClassName() == "vtkMRMLScalarVolumeNode"
    assert pixels_of(result).dtype == np.int16
    np.testing.assert_array_equal(pixels_of(result), inverted(pixels))
    np.testing.assert_array_equal(matrix_of(result), matrix_of(volume))
    np.testing.assert_array_equal(pixels_of(volume), pixels)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64])
def test_every_scalar_type_is_kept(add_volume: Any, dtype: Any) -> None:
    volume = add_volume(speckled((2, 20, 20), dtype))
    result = despeckler().process(volume)
    assert result.GetImageData().GetScalarType() == volume.GetImageData().GetScalarType()


@pytest.mark.parametrize(("axis", "numpy_axis"), [("I", 2), ("J", 1), ("K", 0), (0, 2), (2, 0)])
def test_frames_lie_along_the_axis_that_is_asked_for(add_volume: Any, axis: Any, numpy_axis: int) -> None:
    volume = add_volume(speckled((18, 20, 22)))
    seen = []

    class Watching(InvertingRunner):
        def run(self, sweep: Any, settings: Any, indices: list[int]) -> Any:
            seen.append((len(sweep), sweep.frame_shape))
            return super().run(sweep, settings, indices)

    result = despeckler(Watching()).process(volume, frameAxis=axis)
    shape = pixels_of(volume).shape
    assert seen == [(shape[numpy_axis], shape[:numpy_axis] + shape[numpy_axis + 1 :])]
    np.testing.assert_array_equal(pixels_of(result), inverted(pixels_of(volume)))


def test_a_single_frame_is_found_along_its_thin_axis(add_volume: Any) -> None:
    volume = add_volume(speckled((30, 1, 40)))
    np.testing.assert_array_equal(pixels_of(despeckler().process(volume)), inverted(pixels_of(volume)))


def test_a_range_gives_only_these_slices_at_their_place(add_volume: Any) -> None:
    volume = add_volume(speckled((9, 20, 24)))
    result = despeckler().process(volume, frames=(2, 5))
    np.testing.assert_array_equal(pixels_of(result), inverted(pixels_of(volume)[2:6]))
    for corner in [(0, 0, 0), (7, 3, 2)]:
        moved = np.array([corner[0], corner[1], corner[2] + 2, 1])
        np.testing.assert_allclose(matrix_of(result) @ [*corner, 1], matrix_of(volume) @ moved)


def test_a_range_along_another_axis_moves_the_origin_along_it(add_volume: Any) -> None:
    volume = add_volume(speckled((18, 20, 24)))
    result = despeckler().process(volume, frames=(3, 4), frameAxis="I")
    np.testing.assert_array_equal(pixels_of(result), inverted(pixels_of(volume)[:, :, 3:5]))
    np.testing.assert_allclose(matrix_of(result)[:, 3], matrix_of(volume) @ [3, 0, 0, 1])


def test_the_current_frame_is_the_slice_that_a_view_shows(a_scene: Any, add_volume: Any) -> None:
    volume = add_volume(speckled((9, 20, 24)))
    view = a_scene.AddNewNodeByClass("vtkMRMLSliceNode")
    to_world = view.GetSliceToRAS()
    for row in range(3):
        to_world.SetElement(row, 2, OBLIQUE_K[row])
        to_world.SetElement(row, 3, (matrix_of(volume) @ [4, 5, 6, 1])[row])
    view.UpdateMatrices()
    result = despeckler().process(volume, frames="current")
    np.testing.assert_array_equal(pixels_of(result), inverted(pixels_of(volume)[6:7]))
    assert result.GetName() == "Sweep frame 7 despeckled (research use)"


OBLIQUE_K = (0.0, 0.07124704998790965, 0.9974586998307351)


def test_without_a_view_the_current_frame_is_the_middle_one(add_volume: Any) -> None:
    volume = add_volume(speckled((9, 20, 24)))
    result = despeckler().process(volume, frames="current")
    np.testing.assert_array_equal(pixels_of(result), inverted(pixels_of(volume)[4:5]))


@pytest.mark.parametrize("components", [3, 4])
def test_a_color_volume_stays_a_color_volume(add_volume: Any, components: int) -> None:
    volume = add_volume(speckled((3, 20, 24, components)), node_class="vtkMRMLVectorVolumeNode")
    volume.SetVoxelVectorType(volume.VoxelVectorTypeColorRGB)
    result = despeckler().process(volume)
    assert result.GetClassName() == "vtkMRMLVectorVolumeNode"
    assert result.GetVoxelVectorType() == volume.VoxelVectorTypeColorRGB
    np.testing.assert_array_equal(pixels_of(result), inverted(pixels_of(volume)))


def test_a_gray_volume_of_the_vector_class_is_accepted(add_volume: Any) -> None:
    volume = add_volume(speckled((3, 20, 24)), node_class="vtkMRMLVectorVolumeNode")
    np.testing.assert_array_equal(pixels_of(despeckler().process(volume)), inverted(pixels_of(volume)))


def test_the_parent_transform_is_shared_and_not_hardened(a_scene: Any, add_volume: Any) -> None:
    volume = add_volume(speckled((3, 20, 24)))
    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    volume.SetAndObserveTransformNodeID(transform.GetID())
    assert despeckler().process(volume).GetTransformNodeID() == transform.GetID()


def test_window_level_and_colors_are_those_of_the_input(a_scene: Any, add_volume: Any) -> None:
    volume = add_volume(speckled((3, 20, 24)))
    volume.GetDisplayNode().SetAndObserveColorNodeID("vtkMRMLColorTableNodeRed")
    volume.GetDisplayNode().SetAutoWindowLevel(False)
    volume.GetDisplayNode().SetWindowLevel(77, 33)
    display = despeckler().process(volume).GetDisplayNode()
    assert display is not volume.GetDisplayNode()
    assert (display.GetWindow(), display.GetLevel(), display.GetAutoWindowLevel()) == (77, 33, 0)
    assert display.GetColorNodeID() == "vtkMRMLColorTableNodeRed"


def test_an_automatic_window_is_fixed_so_that_both_sides_show_the_same_grays(add_volume: Any) -> None:
    volume = add_volume(speckled((3, 20, 24)))
    source = volume.GetDisplayNode()
    assert source.GetAutoWindowLevel() == 1
    display = despeckler().process(volume).GetDisplayNode()
    assert (display.GetWindow(), display.GetLevel(), display.GetAutoWindowLevel()) == (
        source.GetWindow(),
        source.GetLevel(),
        0,
    )


def test_a_result_with_another_range_gets_its_own_window(add_volume: Any) -> None:
    volume = add_volume(speckled((3, 32, 32)))
    volume.GetDisplayNode().SetAutoWindowLevel(False)
    volume.GetDisplayNode().SetWindowLevel(77, 33)
    settings = DespeckleSettings(preset="published")
    display = despeckler(InvertingRunner(np.float32)).process(volume, settings=settings).GetDisplayNode()
    assert display.GetAutoWindowLevel() == 1


def test_a_float_result_of_an_8_bit_input_is_a_float_volume(add_volume: Any) -> None:
    volume = add_volume(speckled((3, 32, 32)))
    result = despeckler(InvertingRunner(np.float32)).process(volume, settings={"preset": "published"})
    assert pixels_of(result).dtype == np.float32


def test_the_result_lies_beside_its_input_in_the_subject_hierarchy(a_scene: Any, add_volume: Any, a_study: int) -> None:
    import slicer

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    volume = add_volume(speckled((3, 20, 24)))
    hierarchy.CreateItem(a_study, volume)
    result = despeckler().process(volume)
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(result)) == a_study


def test_an_existing_output_is_reused_with_the_inputs_place(a_scene: Any, add_volume: Any) -> None:
    volume = add_volume(speckled((3, 20, 24)))
    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    volume.SetAndObserveTransformNodeID(transform.GetID())
    output = a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Mine")
    before = a_scene.GetNumberOfNodes()
    assert despeckler().process(volume, output) is output
    np.testing.assert_array_equal(pixels_of(output), inverted(pixels_of(volume)))
    np.testing.assert_array_equal(matrix_of(output), matrix_of(volume))
    assert output.GetName() == "Mine"
    assert output.GetTransformNodeID() == transform.GetID()
    assert a_scene.GetNumberOfNodes() == before + 1  # its display node


def test_an_output_that_showed_something_keeps_its_window_and_colors(a_scene: Any, add_volume: Any) -> None:
    volume, output = add_volume(speckled((3, 20, 24))), add_volume(speckled((2, 30, 30)), "Mine")
    output.GetDisplayNode().SetAutoWindowLevel(False)
    output.GetDisplayNode().SetWindowLevel(11, 22)
    before = a_scene.GetNumberOfNodes()
    despeckler().process(volume, output)
    assert (output.GetDisplayNode().GetWindow(), output.GetDisplayNode().GetLevel()) == (11, 22)
    assert pixels_of(output).shape == (3, 20, 24)
    assert a_scene.GetNumberOfNodes() == before


def test_a_second_result_gets_a_name_of_its_own(add_volume: Any) -> None:
    volume = add_volume(speckled((3, 20, 24)))
    first, second = despeckler().process(volume), despeckler().process(volume)
    assert first.GetName() != second.GetName()


def test_the_result_says_what_ran_and_nothing_about_files_or_patients(add_volume: Any) -> None:
    volume = add_volume(speckled((3, 20, 24)))
    volume.SetAttribute("DICOM.instanceUIDs", "1.2.3.4")
    result = despeckler().process(volume)
    attributes = {name: result.GetAttribute(name) for name in result.GetAttributeNames()}
    assert attributes == {
        "Speckle2Self.model": "stand-in",
        "Speckle2Self.model_sha256": "0" * 64,
        "Speckle2Self.frames": "3",
        "Speckle2Self.Notes": "a note",
    }


def test_an_image_whose_extent_does_not_start_at_zero_keeps_it(a_scene: Any, add_volume: Any) -> None:
    volume = add_volume(speckled((4, 20, 24)))
    volume.GetImageData().SetExtent(5, 28, 7, 26, 2, 5)
    result = despeckler().process(volume)
    assert result.GetImageData().GetExtent() == (5, 28, 7, 26, 2, 5)
    part = despeckler().process(volume, frames=(1, 2))
    np.testing.assert_allclose(matrix_of(part) @ [5, 7, 0, 1], matrix_of(volume) @ [5, 7, 3, 1])
