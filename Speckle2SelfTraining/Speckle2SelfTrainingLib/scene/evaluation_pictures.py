"""The frames of a comparison, by every method, as volumes where their frames lie, in a folder of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from Speckle2SelfLib.scene import images
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.modify import added_nodes
from Speckle2SelfLib.scene.provenance import PREFIX, mark
from Speckle2SelfLib.scene.sequences import SequenceSweep
from Speckle2SelfLib.scene.sweep import SceneSweep, frame_view

GRAY_LEVELS = 255.0
VOLUME_CLASS = "vtkMRMLScalarVolumeNode"

Pictures = Mapping[tuple[str, int], images.Array]


def place_pictures(
    environment: SceneEnvironment, sweep: SceneSweep, pictures: Pictures, marks: Mapping[str, str], name: str
) -> dict[tuple[str, int], Any]:
    """Put pictures into the scene, all or none of them.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    sweep : SceneSweep
        What was compared: each volume gets the place and the parent transform of its frame.
    pictures : mapping of (method, number of the frame) to uint8 array (H, W)
    marks : mapping of str to str
        Attributes of the volumes: what ran.
    name : str
        Of the folder in the subject hierarchy.

    Returns
    -------
    dict
        The volumes, by the keys of `pictures`.
    """
    with added_nodes(environment.scene) as added:
        volumes = {}
        for (method, index), picture in pictures.items():
            volume = _volume(environment, sweep, index, picture)
            volume.SetName(environment.scene.GenerateUniqueName(f"{sweep.name} frame {index + 1} {method}"))
            mark(volume, {**marks, PREFIX + "Method": method})
            volumes[method, index] = environment.scene.AddNode(volume)
            added.append(volume)
            _show_gray(volume)
        _into_folder(environment, sweep, list(volumes.values()), name)
    return volumes


def remove_pictures(environment: SceneEnvironment, volumes: Mapping[tuple[str, int], Any]) -> None:
    """Remove what :func:`place_pictures` has put into the scene, with its folder if nothing else lies there."""
    hierarchy = environment.subject_hierarchy()
    folders = set()
    for volume in [volume for volume in volumes.values() if environment.holds(volume)]:
        item = hierarchy.GetItemByDataNode(volume)
        folders.add(hierarchy.GetItemParent(item))
        environment.scene.RemoveNode(volume)
        if hierarchy.GetItemByDataNode(volume) == item:  # the desktop removes items of nodes that go, by itself
            hierarchy.RemoveItem(item, False, False)
    for folder in folders:
        if hierarchy.GetNumberOfItemChildren(folder) == 0 and hierarchy.GetItemLevel(folder) == "Folder":
            hierarchy.RemoveItem(folder)


def _volume(environment: SceneEnvironment, sweep: SceneSweep, index: int, picture: images.Array) -> Any:
    in_sequence = isinstance(sweep, SequenceSweep)
    slab = sweep.slabs[index] if isinstance(sweep, SequenceSweep) else sweep.first_slab
    extent, matrix = slab.part(0 if in_sequence else index, 1)
    image = images.new_image(extent, picture.dtype, 1, like=slab.image)
    frame_view(images.view(image), slab.axis, 0)[...] = picture
    volume = environment.new_node(VOLUME_CLASS)
    volume.SetIJKToRASMatrix(matrix)
    volume.SetAndObserveImageData(image)
    volume.SetAndObserveTransformNodeID(sweep.shown.GetTransformNodeID() if sweep.shown is not None else None)
    return volume


def _show_gray(volume: Any) -> None:
    volume.CreateDefaultDisplayNodes()
    display = volume.GetDisplayNode()
    # all in the same gray levels, or the comparison would show the display's choice
    display.SetAutoWindowLevel(False)
    display.SetWindowLevel(GRAY_LEVELS, GRAY_LEVELS / 2)


def _into_folder(environment: SceneEnvironment, sweep: SceneSweep, volumes: list[Any], name: str) -> None:
    hierarchy = environment.subject_hierarchy()
    if hierarchy is None:
        return
    parent = hierarchy.GetSceneItemID()
    source = hierarchy.GetItemByDataNode(sweep.shown or sweep.node)
    if source != hierarchy.GetInvalidItemID():
        parent = hierarchy.GetItemParent(source)
    folder = hierarchy.CreateFolderItem(parent, hierarchy.GenerateUniqueItemName(name))
    for volume in volumes:
        hierarchy.CreateItem(folder, volume)  # which moves an item that the desktop has made already
