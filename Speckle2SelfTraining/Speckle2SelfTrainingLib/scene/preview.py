"""A held-out frame before and after despeckling with the model as it is now, as two volumes of the scene."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from Speckle2SelfLib.scene import images
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.geometry import ijk_to_ras
from Speckle2SelfLib.scene.modify import one_change
from Speckle2SelfLib.scene.sweep import SceneSweep, Slab, frame_view
from vtkmodules.vtkCommonDataModel import vtkImageData

from .live_nodes import LiveNodes

BEFORE, AFTER = "before", "after"
GRAY_LEVELS = 255.0


class Preview:
    """The two volumes, made with the first picture and renewed with every other.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    name : str
        Name of the model, which the volumes are named after.
    sweeps : sequence of SceneSweep
        Where a picture may come from; it gets the place of the first whose frames have its size.

    Attributes
    ----------
    volumes : tuple of vtkMRMLScalarVolumeNode
        Before and after; empty until there is a picture.
    """

    def __init__(self, environment: SceneEnvironment, name: str, sweeps: Sequence[SceneSweep]) -> None:
        self.volumes: tuple[Any, ...] = ()
        self._environment, self._name = environment, name
        self._slabs = [sweep.first_slab for sweep in sweeps]
        self._nodes = LiveNodes(environment)

    def show(self, pictures: tuple[images.Array, images.Array]) -> None:
        """Show a frame before and after, each (H, W) of uint8."""
        made = [self._image(picture) for picture in pictures]
        if not self.volumes:
            names = (BEFORE, AFTER)
            self.volumes = tuple(self._add(which, *image) for which, image in zip(names, made, strict=True))
            return
        for volume, (image, matrix) in zip(self.volumes, made, strict=True):
            if self._environment.holds(volume):  # else the user has deleted it
                with one_change(volume):
                    volume.SetIJKToRASMatrix(matrix)
                    volume.SetAndObserveImageData(image)

    def keep(self) -> None:
        """Leave the volumes in the scene."""
        self._nodes.keep()

    def remove(self) -> None:
        """Remove the volumes, if they are not kept."""
        self._nodes.remove()

    def _add(self, which: str, image: Any, matrix: Any) -> Any:
        def prepare(node: Any) -> None:
            node.SetIJKToRASMatrix(matrix)
            node.SetAndObserveImageData(image)

        volume = self._nodes.add("vtkMRMLScalarVolumeNode", f"{self._name} {which}", which, prepare)
        volume.CreateDefaultDisplayNodes()
        display = self._nodes.watch(volume.GetDisplayNode())
        display.SetSaveWithScene(False)
        # both in the same gray levels, or the comparison would show the display's choice
        display.SetAutoWindowLevel(False)
        display.SetWindowLevel(GRAY_LEVELS, GRAY_LEVELS / 2)
        return volume

    def _image(self, picture: images.Array) -> tuple[Any, Any]:
        """Return a picture as an image of one frame, and its IJK to RAS matrix."""
        slab = next((slab for slab in self._slabs if slab.frame_shape[:2] == picture.shape), None)
        if slab is None:
            slab = _flat_slab(picture)
        extent, matrix = slab.part(0, 1)
        image = images.new_image(extent, picture.dtype, 1, like=slab.image)
        frame_view(images.view(image), slab.axis, 0)[...] = picture
        return image, matrix


def _flat_slab(picture: images.Array) -> Slab:
    """Return a place for a picture that is none of a sweep's frames."""
    import slicer

    rows, columns = picture.shape
    image = vtkImageData()
    image.SetDimensions(columns, rows, 1)
    image.AllocateScalars(3, 1)  # VTK_UNSIGNED_CHAR
    return Slab(image, 2, ijk_to_ras(slicer.vtkMRMLScalarVolumeNode()), "vtkMRMLScalarVolumeNode")
