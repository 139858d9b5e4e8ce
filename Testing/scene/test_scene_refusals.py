"""Bad input: one clear sentence, and the scene as before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scene_support import InvertingRunner, despeckler, scene_text, speckled
from Speckle2SelfLib.errors import InputError, OutputError, SettingsError, Speckle2SelfError


def refuses(scene: Any, error: type[Exception], words: str, *arguments: Any, **options: Any) -> None:
    """Assert that both ways of despeckling refuse, and that neither changes the scene."""
    before = scene_text(scene)
    for way in ("process", "start"):
        with pytest.raises(error, match=words) as caught:
            getattr(despeckler(), way)(*arguments, **options)
        assert str(caught.value).endswith(".")
        assert "\n" not in str(caught.value)
    assert scene_text(scene) == before


def test_nothing_given(a_scene: Any) -> None:
    refuses(a_scene, InputError, "No input", None)


def test_not_a_node(a_scene: Any) -> None:
    refuses(a_scene, InputError, "node of this scene", "Sweep")


def test_a_node_of_another_scene(a_scene: Any) -> None:
    import slicer

    refuses(a_scene, InputError, "node of this scene", slicer.vtkMRMLScalarVolumeNode())


@pytest.mark.parametrize(
    "node_class",
    ["vtkMRMLLabelMapVolumeNode", "vtkMRMLDiffusionTensorVolumeNode", "vtkMRMLDiffusionWeightedVolumeNode"],
)
def test_label_maps_and_tensors(a_scene: Any, node_class: str) -> None:
    refuses(a_scene, InputError, "scalar volume, an RGB", a_scene.AddNewNodeByClass(node_class, "Labels"))


@pytest.mark.parametrize("node_class", ["vtkMRMLSegmentationNode", "vtkMRMLModelNode", "vtkMRMLLinearTransformNode"])
def test_nodes_that_hold_no_image_at_all(a_scene: Any, node_class: str) -> None:
    refuses(a_scene, InputError, "give a volume", a_scene.AddNewNodeByClass(node_class, "Node"))


def test_a_volume_without_pixels(a_scene: Any) -> None:
    refuses(a_scene, InputError, "holds no image", a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty"))


@pytest.mark.parametrize("components", [2, 5])
def test_vectors_that_are_no_colors(a_scene: Any, add_volume: Any, components: int) -> None:
    volume = add_volume(speckled((2, 20, 24, components)), node_class="vtkMRMLVectorVolumeNode")
    refuses(a_scene, InputError, f"{components} components", volume)


@pytest.mark.parametrize("shape", [(3, 15, 40), (3, 40, 15), (3, 1, 40), (2, 20, 4097)])
def test_frames_that_are_too_small_or_too_large(a_scene: Any, add_volume: Any, shape: tuple[int, ...]) -> None:
    volume = add_volume(np.zeros(shape, np.uint8))
    refuses(a_scene, InputError, "16 to 4096", volume, frameAxis="K")


@pytest.mark.parametrize("axis", ["X", 3, -1, True, 1.5])
def test_an_axis_that_does_not_exist(a_scene: Any, add_volume: Any, axis: Any) -> None:
    refuses(a_scene, InputError, "frameAxis must be", add_volume(speckled((3, 20, 24))), frameAxis=axis)


@pytest.mark.parametrize("frames", [(2, 9), (-1, 2), (2, 1)])
def test_a_range_outside_the_sweep(a_scene: Any, add_volume: Any, frames: Any) -> None:
    refuses(a_scene, InputError, "frames 0 to 4", add_volume(speckled((5, 20, 24))), frames=frames)


@pytest.mark.parametrize("frames", ["all", 3, (1, 2, 3), (1.0, 2.0), (True, 2)])
def test_frames_that_mean_nothing(a_scene: Any, add_volume: Any, frames: Any) -> None:
    refuses(a_scene, InputError, "frames must be", add_volume(speckled((5, 20, 24))), frames=frames)


def test_an_unknown_setting(a_scene: Any, add_volume: Any) -> None:
    refuses(a_scene, SettingsError, "strenght", add_volume(speckled((5, 20, 24))), settings={"strenght": 1})


def test_an_empty_sequence(a_scene: Any) -> None:
    refuses(a_scene, InputError, "holds no frames", a_scene.AddNewNodeByClass("vtkMRMLSequenceNode", "Empty"))


def test_a_browser_without_images(a_scene: Any) -> None:
    browser = a_scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Browser")
    refuses(a_scene, InputError, "no image sequence", browser)


def test_a_sequence_of_transforms(a_scene: Any) -> None:
    import slicer

    sequence = a_scene.AddNewNodeByClass("vtkMRMLSequenceNode", "Poses")
    sequence.SetDataNodeAtValue(slicer.vtkMRMLLinearTransformNode(), "0")
    refuses(a_scene, InputError, "Frame 1 .* sequence of images", sequence)


def test_a_sequence_of_volumes_with_many_slices(a_scene: Any) -> None:
    import slicer.util

    sequence = a_scene.AddNewNodeByClass("vtkMRMLSequenceNode", "Volumes")
    volume = slicer.vtkMRMLScalarVolumeNode()
    slicer.util.updateVolumeFromArray(volume, speckled((7, 20, 24)))
    sequence.SetDataNodeAtValue(volume, "0")
    refuses(a_scene, InputError, "volume of 7 slices", sequence)


def test_a_sequence_whose_frames_differ_in_size(a_scene: Any, add_sequence: Any) -> None:
    frames = [speckled((20, 24)), speckled((20, 24)), speckled((20, 25))]
    sequence, _, _ = add_sequence(frames)
    refuses(a_scene, InputError, "Frame 3 .* 20 x 25 .* 20 x 24", sequence)


def test_a_sequence_whose_frames_differ_in_type(a_scene: Any, add_sequence: Any) -> None:
    sequence, _, _ = add_sequence([speckled((20, 24)), speckled((20, 24), np.int16)])
    refuses(a_scene, InputError, "Frame 2 .* int16 .* uint8", sequence)


def test_a_sequence_that_mixes_gray_and_color(a_scene: Any, add_sequence: Any) -> None:
    frames = [speckled((20, 24, 3)), speckled((20, 24))]
    sequence, _, _ = add_sequence(frames, node_class="vtkMRMLVectorVolumeNode")
    refuses(a_scene, InputError, "Frame 2 .* same size", sequence)


def test_a_sequence_with_an_empty_frame(a_scene: Any, add_sequence: Any) -> None:
    import slicer

    sequence, _, _ = add_sequence(speckled((2, 20, 24)), browser=None)
    sequence.SetDataNodeAtValue(slicer.vtkMRMLScalarVolumeNode(), "5")
    refuses(a_scene, InputError, "Frame 3 .* holds no image", sequence)


def test_the_input_as_output(a_scene: Any, add_volume: Any) -> None:
    volume = add_volume(speckled((3, 20, 24)))
    refuses(a_scene, OutputError, "input itself", volume, volume)


def test_the_inputs_sequence_or_proxy_as_output(a_scene: Any, add_sequence: Any) -> None:
    sequence, _, proxy = add_sequence(speckled((3, 20, 24)))
    for source in (sequence, proxy):
        for output in (sequence, proxy):
            refuses(a_scene, OutputError, "never changed", source, output)


def test_an_output_of_another_class(a_scene: Any, add_volume: Any, add_sequence: Any) -> None:
    volume = add_volume(speckled((3, 20, 24)))
    for node_class in ("vtkMRMLVectorVolumeNode", "vtkMRMLLabelMapVolumeNode", "vtkMRMLSequenceNode"):
        refuses(a_scene, OutputError, "needs a ScalarVolume", volume, a_scene.AddNewNodeByClass(node_class, "Mine"))
    sequence, _, _ = add_sequence(speckled((3, 20, 24)))
    for output in (a_scene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "Mine"), a_scene.GetNthNode(0)):
        refuses(a_scene, OutputError, "needs a ScalarVolume or Sequence", sequence, output)


def test_a_filled_volume_as_output_for_a_sequence(a_scene: Any, add_volume: Any, add_sequence: Any) -> None:
    sequence, _, _ = add_sequence(speckled((3, 20, 24)))
    refuses(a_scene, OutputError, "single volume", sequence, add_volume(speckled((3, 20, 24)), "Mine"))


def test_a_proxy_as_output_for_a_volume(a_scene: Any, add_volume: Any, add_sequence: Any) -> None:
    _, _, proxy = add_sequence(speckled((3, 20, 24)))
    refuses(a_scene, OutputError, "frames of a sequence", add_volume(speckled((3, 20, 24))), proxy)


def test_an_output_of_no_scene(a_scene: Any, add_volume: Any) -> None:
    import slicer

    volume = add_volume(speckled((3, 20, 24)))
    refuses(a_scene, OutputError, "node of this scene", volume, slicer.vtkMRMLScalarVolumeNode())


def test_a_failure_of_the_network_leaves_the_scene_as_it_was(a_scene: Any, add_volume: Any, add_sequence: Any) -> None:
    sequence, _, _ = add_sequence(speckled((3, 20, 24)))
    volume = add_volume(speckled((3, 20, 24)))
    before = scene_text(a_scene)
    for node in (volume, sequence):
        with pytest.raises(RuntimeError, match="fails here"):
            despeckler(InvertingRunner(fail_at=2)).process(node)
    assert scene_text(a_scene) == before


def test_every_refusal_is_a_value_error() -> None:
    assert issubclass(Speckle2SelfError, ValueError)


def test_no_scene_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    import slicer

    monkeypatch.delattr(slicer, "app", raising=False)
    monkeypatch.setattr(slicer, "mrmlScene", None, raising=False)
    with pytest.raises(InputError, match="no MRML scene"):
        despeckler().process(slicer.vtkMRMLScalarVolumeNode())


@pytest.mark.parametrize("kind", ["volume", "sequence"])
def test_a_failure_while_the_result_is_put_into_the_scene_removes_what_was_added(
    a_scene: Any, add_volume: Any, add_sequence: Any, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    import slicer
    from Speckle2SelfLib.scene import sequence_result, volume_result

    node = add_volume(speckled((3, 20, 24))) if kind == "volume" else add_sequence(speckled((3, 20, 24)))[0]
    slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)  # the scene makes it when it is first asked for
    nodes = [a_scene.GetNthNode(index).GetID() for index in range(a_scene.GetNumberOfNodes())]

    def fail(*_: Any) -> None:
        raise RuntimeError("no place")

    for module in (sequence_result, volume_result):
        monkeypatch.setattr(module, "show_alike", fail)
    with pytest.raises(RuntimeError, match="no place"):
        despeckler().process(node)
    assert [a_scene.GetNthNode(index).GetID() for index in range(a_scene.GetNumberOfNodes())] == nodes
