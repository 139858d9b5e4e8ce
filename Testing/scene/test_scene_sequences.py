"""Sequences in, sequences out: index, frames, browsing, proxies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scene_support import despeckler, inverted, matrix_of, pixels_of, speckled


@pytest.fixture
def a_cine(add_sequence: Any) -> tuple[Any, Any, Any]:
    return add_sequence(speckled((6, 20, 24)))


def frames_of(sequence: Any) -> np.ndarray:
    return np.stack([pixels_of(sequence.GetNthDataNode(i))[0] for i in range(sequence.GetNumberOfDataNodes())])


def index_of(sequence: Any) -> tuple[Any, ...]:
    values = tuple(sequence.GetNthIndexValue(i) for i in range(sequence.GetNumberOfDataNodes()))
    return sequence.GetIndexName(), sequence.GetIndexUnit(), sequence.GetIndexTypeAsString(), values


def test_a_sequence_gives_a_sequence_with_the_same_index_and_every_frame_at_its_own_place(a_cine: Any) -> None:
    sequence, _, _ = a_cine
    result = despeckler().process(sequence)
    assert result.GetClassName() == "vtkMRMLSequenceNode"
    assert result.GetName() == "Cine despeckled (research use)"
    assert index_of(result) == index_of(sequence)
    np.testing.assert_array_equal(frames_of(result), inverted(frames_of(sequence)))
    for number in range(6):
        np.testing.assert_array_equal(
            matrix_of(result.GetNthDataNode(number)), matrix_of(sequence.GetNthDataNode(number))
        )


@pytest.mark.parametrize("name_unit_type", [("frame", "", "text"), ("time", "s", "numeric"), ("angle", "deg", "text")])
def test_index_name_unit_and_type_are_kept(add_sequence: Any, name_unit_type: tuple[str, str, str]) -> None:
    sequence, _browser, _ = add_sequence(speckled((3, 20, 24)), browser=None)
    sequence.SetIndexName(name_unit_type[0])
    sequence.SetIndexUnit(name_unit_type[1])
    sequence.SetIndexTypeFromString(name_unit_type[2])
    assert index_of(despeckler().process(sequence)) == index_of(sequence)


def test_frames_closer_than_the_index_tolerance_are_not_merged(add_sequence: Any) -> None:
    sequence, _, _ = add_sequence(speckled((3, 20, 24)), browser=None)
    sequence.SetIndexTypeFromString("text")
    for number, value in enumerate(["0.0001", "0.0002", "0.0003"]):
        sequence.UpdateIndexValue(sequence.GetNthIndexValue(number), value)
    sequence.SetIndexTypeFromString("numeric")
    result = despeckler().process(sequence)
    assert index_of(result) == index_of(sequence)
    np.testing.assert_array_equal(frames_of(result), inverted(frames_of(sequence)))


def test_the_result_is_browsed_together_with_its_input(a_cine: Any) -> None:
    sequence, browser, _ = a_cine
    result = despeckler().process(sequence)
    proxy = browser.GetProxyNode(result)
    for number in (4, 1, 5):
        browser.SetSelectedItemNumber(number)
        np.testing.assert_array_equal(pixels_of(proxy), pixels_of(result.GetNthDataNode(number)))
        np.testing.assert_array_equal(matrix_of(proxy), matrix_of(result.GetNthDataNode(number)))
    assert browser.GetMasterSequenceNode() is sequence


def test_reading_does_not_move_the_browser(a_cine: Any) -> None:
    sequence, browser, proxy = a_cine
    browser.SetSelectedItemNumber(3)
    moved = []
    browser.AddObserver("ModifiedEvent", lambda *_: moved.append(browser.GetSelectedItemNumber()))
    result = despeckler().process(sequence)
    assert set(moved) <= {3}
    assert browser.GetSelectedItemNumber() == 3
    np.testing.assert_array_equal(pixels_of(browser.GetProxyNode(result)), inverted(pixels_of(proxy)))


def test_a_proxy_gives_a_proxy_and_a_browser_gives_a_sequence(a_cine: Any) -> None:
    sequence, browser, proxy = a_cine
    shown = despeckler().process(proxy)
    assert shown.GetClassName() == "vtkMRMLScalarVolumeNode"
    assert shown.GetName() == "Cine despeckled (research use)"
    np.testing.assert_array_equal(frames_of(browser.GetSequenceNode(shown)), inverted(frames_of(sequence)))
    result = despeckler().process(browser)
    np.testing.assert_array_equal(frames_of(result), inverted(frames_of(sequence)))


def test_the_result_is_named_after_the_node_that_was_given(a_scene: Any, a_cine: Any) -> None:
    """Not after "Sequences.BaseName", which is the name that a frame had before the sequence was made."""
    sequence, browser, proxy = a_cine
    sequence.SetName("Sweep")
    proxy.SetName("What the user sees")
    assert proxy.GetAttribute("Sequences.BaseName") == "Cine"
    assert despeckler().process(proxy).GetName() == "What the user sees despeckled (research use)"
    assert (
        despeckler().process(proxy, frames="current").GetName()
        == "What the user sees frame 1 despeckled (research use)"
    )
    assert despeckler().process(sequence).GetName() == "Sweep despeckled (research use)"
    assert despeckler().process(browser).GetName() == "Sweep despeckled (research use)_1"


def test_frames_and_proxy_carry_the_name_of_the_resulting_sequence(a_scene: Any, a_cine: Any) -> None:
    sequence, browser, _ = a_cine
    sequence.SetName("Sweep")
    for wanted in ("Sweep despeckled (research use)", "Sweep despeckled (research use)_1"):  # of two runs
        result = despeckler().process(sequence)
        shown = browser.GetProxyNode(result)
        for number in (0, 5):
            browser.SetSelectedItemNumber(number)
            assert (result.GetName(), shown.GetName()) == (wanted, wanted)
            assert result.GetNthDataNode(number).GetName() == wanted
            assert shown.GetAttribute("Sequences.BaseName") == wanted


def test_names_that_the_browser_makes_for_every_frame_do_not_become_names_of_results(a_cine: Any) -> None:
    sequence, browser, proxy = a_cine
    browser.SetOverwriteProxyName(sequence, True)
    browser.SetSelectedItemNumber(2)
    assert proxy.GetName().startswith("Cine [")
    result = browser.GetSequenceNode(despeckler().process(proxy))
    assert result.GetName() == "Cine despeckled (research use)"
    browser.SetSelectedItemNumber(3)
    assert browser.GetProxyNode(result).GetName() == proxy.GetName().replace("Cine", "Cine despeckled (research use)")


def test_the_proxy_has_transform_display_and_parent_of_the_inputs_proxy(
    a_scene: Any, a_cine: Any, a_study: int
) -> None:
    import slicer

    sequence, browser, proxy = a_cine
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    hierarchy.CreateItem(a_study, proxy)
    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    proxy.SetAndObserveTransformNodeID(transform.GetID())
    proxy.GetDisplayNode().SetWindowLevel(66, 55)
    result = browser.GetProxyNode(despeckler().process(sequence))
    assert result.GetTransformNodeID() == transform.GetID()
    assert (result.GetDisplayNode().GetWindow(), result.GetDisplayNode().GetLevel()) == (66, 55)
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(result)) == a_study


def test_browsing_flags_are_those_of_the_input(a_cine: Any) -> None:
    sequence, browser, _ = a_cine
    browser.SetRecording(sequence, True)
    browser.SetOverwriteProxyName(sequence, True)
    browser.SetSaveChanges(sequence, True)
    browser.SetMissingItemMode(sequence, browser.MissingItemIgnore)
    result = despeckler().process(sequence)
    for flag in ("Playback", "Recording", "OverwriteProxyName", "SaveChanges", "MissingItemMode"):
        get = getattr(browser, "Get" + flag)
        assert get(result) == get(sequence), flag


def test_synchronized_transforms_go_on_moving_with_the_image(a_scene: Any, a_cine: Any) -> None:
    import slicer
    import vtk

    sequence, browser, proxy = a_cine
    poses = slicer.vtkMRMLSequenceNode()
    for number in range(6):
        pose = slicer.vtkMRMLLinearTransformNode()
        matrix = vtk.vtkMatrix4x4()
        matrix.SetElement(0, 3, 10.0 * number)
        pose.SetMatrixTransformToParent(matrix)
        poses.SetDataNodeAtValue(pose, sequence.GetNthIndexValue(number))
    a_scene.AddNode(poses)
    browser.AddSynchronizedSequenceNode(poses)
    proxy.SetAndObserveTransformNodeID(browser.GetProxyNode(poses).GetID())
    result = browser.GetProxyNode(despeckler().process(sequence))
    for number in (5, 2):
        browser.SetSelectedItemNumber(number)
        moved = vtk.vtkMatrix4x4()
        result.GetParentTransformNode().GetMatrixTransformToWorld(moved)
        assert moved.GetElement(0, 3) == 10.0 * number


def test_what_is_known_of_a_frame_stays_with_it_but_not_its_dicom_identity(a_cine: Any) -> None:
    result = despeckler().process(a_cine[0])
    for number in range(6):
        frame = result.GetNthDataNode(number)
        assert frame.GetAttribute("ImageStatus") == ("OK" if number % 2 else "INVALID")
        assert frame.GetAttribute("DICOM.instanceUIDs") is None


def test_sequence_frames_and_proxy_say_what_ran_wherever_the_browser_stands(a_cine: Any) -> None:
    sequence, browser, _ = a_cine
    result = despeckler().process(sequence)
    browser.SetSelectedItemNumber(2)
    for node in (result, result.GetNthDataNode(4), browser.GetProxyNode(result)):
        assert node.GetAttribute("Speckle2Self.model_sha256") == "0" * 64
        assert node.GetAttribute("Speckle2Self.frames") == "6"


def test_a_range_gives_a_sequence_of_these_frames_with_their_index_values(a_cine: Any) -> None:
    sequence, _browser, _ = a_cine
    result = despeckler().process(sequence, frames=(2, 4))
    assert index_of(result)[3] == index_of(sequence)[3][2:5]
    np.testing.assert_array_equal(frames_of(result), inverted(frames_of(sequence)[2:5]))


def test_browsing_outside_a_range_shows_nothing_and_adds_no_frame(a_cine: Any) -> None:
    sequence, browser, _ = a_cine
    browser.SetSaveChanges(sequence, True)
    result = despeckler().process(sequence, frames=(2, 4))
    proxy = browser.GetProxyNode(result)
    browser.SetSelectedItemNumber(3)
    np.testing.assert_array_equal(pixels_of(proxy), pixels_of(result.GetNthDataNode(1)))
    browser.SetSelectedItemNumber(0)
    assert result.GetNumberOfDataNodes() == 3
    assert proxy.GetImageData() is None
    browser.SetSelectedItemNumber(2)
    np.testing.assert_array_equal(pixels_of(proxy), pixels_of(result.GetNthDataNode(0)))


def test_the_current_frame_of_a_sequence_is_a_volume(a_scene: Any, a_cine: Any) -> None:
    sequence, browser, proxy = a_cine
    transform = a_scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    proxy.SetAndObserveTransformNodeID(transform.GetID())
    browser.SetSelectedItemNumber(4)
    result = despeckler().process(proxy, frames="current")
    assert result.GetClassName() == "vtkMRMLScalarVolumeNode"
    np.testing.assert_array_equal(pixels_of(result)[0], inverted(frames_of(sequence)[4]))
    np.testing.assert_array_equal(matrix_of(result), matrix_of(sequence.GetNthDataNode(4)))
    assert result.GetTransformNodeID() == transform.GetID()
    assert browser.GetSequenceNode(result) is None


def test_the_current_frame_follows_the_masters_index(a_scene: Any, add_sequence: Any) -> None:
    _master, browser, _ = add_sequence(speckled((6, 20, 24)), "Master")
    sparse, _, _ = add_sequence(speckled((2, 20, 24), seed=1), "Sparse", times=["0.040", "0.160"], browser=browser)
    browser.SetSelectedItemNumber(4)
    result = despeckler().process(sparse, frames="current")
    np.testing.assert_array_equal(pixels_of(result)[0], inverted(frames_of(sparse)[1]))


def test_a_sequence_without_a_browser_gives_a_sequence_without_one(a_scene: Any, add_sequence: Any) -> None:
    sequence, _, _ = add_sequence(speckled((3, 20, 24)), browser=None)
    result = despeckler().process(sequence)
    np.testing.assert_array_equal(frames_of(result), inverted(frames_of(sequence)))
    assert a_scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode") == 0


@pytest.mark.parametrize("components", [3, 4])
def test_a_color_cine_stays_one(add_sequence: Any, components: int) -> None:
    sequence, browser, proxy = add_sequence(speckled((3, 20, 24, components)), node_class="vtkMRMLVectorVolumeNode")
    result = despeckler().process(proxy)
    assert result.GetClassName() == "vtkMRMLVectorVolumeNode"
    np.testing.assert_array_equal(frames_of(browser.GetSequenceNode(result)), inverted(frames_of(sequence)))


def test_an_existing_sequence_is_reused_with_its_proxy(a_scene: Any, a_cine: Any, add_sequence: Any) -> None:
    sequence, browser, proxy = a_cine
    first = despeckler().process(sequence)
    shown = browser.GetProxyNode(first)
    before = a_scene.GetNumberOfNodes()
    add = sequence.GetNthDataNode(0)
    sequence.SetDataNodeAtValue(add, "9.0")
    assert despeckler().process(sequence, first) is first
    assert despeckler().process(proxy, shown) is shown
    assert browser.GetProxyNode(first) is shown
    assert index_of(first) == index_of(sequence)
    np.testing.assert_array_equal(frames_of(first), inverted(frames_of(sequence)))
    assert a_scene.GetNumberOfNodes() == before


def test_an_empty_volume_becomes_the_proxy_of_the_result(a_scene: Any, a_cine: Any) -> None:
    sequence, browser, proxy = a_cine
    empty = a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Mine")
    assert despeckler().process(proxy, empty) is empty
    result = browser.GetSequenceNode(empty)
    np.testing.assert_array_equal(frames_of(result), inverted(frames_of(sequence)))
    browser.SetSelectedItemNumber(5)
    np.testing.assert_array_equal(pixels_of(empty), pixels_of(result.GetNthDataNode(5)))


def test_an_empty_sequence_node_is_filled_and_browsed(a_scene: Any, a_cine: Any) -> None:
    sequence, browser, _ = a_cine
    output = a_scene.AddNewNodeByClass("vtkMRMLSequenceNode", "Mine")
    assert despeckler().process(sequence, output) is output
    assert browser.IsSynchronizedSequenceNode(output, True)
    assert index_of(output) == index_of(sequence)


def test_a_browser_whose_master_is_a_transform_still_finds_its_images(a_scene: Any, add_sequence: Any) -> None:
    import slicer

    poses = slicer.vtkMRMLSequenceNode()
    for number in range(3):
        poses.SetDataNodeAtValue(slicer.vtkMRMLLinearTransformNode(), f"{number * 0.04:.3f}")
    a_scene.AddNode(poses)
    browser = a_scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode")
    browser.AddSynchronizedSequenceNode(poses)
    sequence, _, _ = add_sequence(speckled((3, 20, 24)), browser=browser)
    for _ in range(2):  # the first result is not taken for an input
        result = despeckler().process(browser)
        np.testing.assert_array_equal(frames_of(result), inverted(frames_of(sequence)))


def test_the_result_survives_saving_and_loading(a_scene: Any, add_sequence: Any, tmp_path: Any) -> None:
    import slicer

    # Slicer's storage node keeps one geometry for all frames, and refuses others
    sequence, _, _ = add_sequence(speckled((4, 20, 24)), drift=0.0)
    result = despeckler().process(sequence)
    storage = slicer.vtkMRMLVolumeSequenceStorageNode()
    a_scene.AddNode(storage)
    storage.SetFileName(str(tmp_path / "result.seq.nrrd"))
    assert storage.WriteData(result)
    loaded = slicer.vtkMRMLSequenceNode()
    a_scene.AddNode(loaded)
    assert storage.ReadData(loaded)
    np.testing.assert_array_equal(frames_of(loaded), frames_of(result))
    assert index_of(loaded) == index_of(sequence)
    assert loaded.GetNthDataNode(1).GetAttribute("ImageStatus") == "OK"


def test_a_range_into_an_existing_full_result_is_not_filled_up_by_browsing(a_cine: Any) -> None:
    sequence, browser, _ = a_cine
    browser.SetSaveChanges(sequence, True)
    result = despeckler().process(sequence)
    despeckler().process(sequence, result, frames=(2, 4))
    for number in range(6):
        browser.SetSelectedItemNumber(number)
    assert index_of(result)[3] == index_of(sequence)[3][2:5]
    despeckler().process(sequence, result)
    assert index_of(result) == index_of(sequence)
    assert browser.GetSaveChanges(result)
