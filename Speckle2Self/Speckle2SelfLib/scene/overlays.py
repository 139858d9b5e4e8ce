"""Volumes that exist only to be looked at: a part of the result over the input, and the difference of both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from . import images
from .environment import SceneEnvironment
from .geometry import ijk_to_ras, matrix_array, shifted
from .modify import keep_hidden, one_change
from .pair import difference

COLORS = 256
SHOWN_SHARE = 99.5
MORE, LESS = (
    (1.0, 0.62, 0.16),
    (0.20, 0.62, 1.0),
)  # of what was taken away, and of what was added; safe for the color blind


class Overlay(ABC):
    """A hidden volume that is neither saved with the scene nor listed in any selector.

    Parameters
    ----------
    environment : SceneEnvironment
    source, result : vtkMRMLVolumeNode
        Input and result as they are shown.
    name : str
        What the data probe and the view say.

    Attributes
    ----------
    volume : vtkMRMLVolumeNode
    is_visible : bool
        Whether there is anything to see; a view that showed a volume without image would complain.
    """

    def __init__(self, environment: SceneEnvironment, source: Any, result: Any, name: str) -> None:
        self._environment, self._source, self._result = environment, source, result
        self._nodes: list[Any] = []
        self.is_visible = False
        self.volume = self._add(self._volume_class(), name)

    @abstractmethod
    def _volume_class(self) -> str:
        """Return the MRML class of the volume."""

    @abstractmethod
    def _display_id(self) -> str:
        """Return the ID of the display node, which the volume gets together with its first image."""

    @abstractmethod
    def refresh(self) -> None:
        """Show input and result as they are now."""

    def close(self) -> None:
        """Take everything out of the scene again."""
        for node in reversed(self._nodes):
            if self._environment.holds(node):
                self._environment.scene.RemoveNode(node)
        self._nodes = []

    def _add(self, node_class: str, name: str) -> Any:
        node = self._environment.new_node(node_class)
        node.SetName(name)
        keep_hidden(node)
        self._nodes.append(self._environment.scene.AddNode(node))
        return node

    def _put(self, image: Any, matrix: Any) -> None:
        self.is_visible = image is not None
        if image is None:
            return
        with one_change(self.volume):
            self.volume.SetIJKToRASMatrix(matrix)
            self.volume.SetAndObserveTransformNodeID(self._result.GetTransformNodeID())
            self.volume.SetAndObserveImageData(image)
            self.volume.SetAndObserveDisplayNodeID(self._display_id())


class Curtain(Overlay):
    """The result up to a line: what lies beyond it is left out, so that the input beneath is seen there.

    Slice views draw a foreground where its voxels are, whatever its type, its colors and its window are.
    """

    def __init__(self, environment: SceneEnvironment, source: Any, result: Any, name: str) -> None:
        super().__init__(environment, source, result, name)
        self._share, self._direction = 0.5, np.array([1.0, 0.0, 0.0])

    def _volume_class(self) -> str:
        return str(self._result.GetClassName())

    def _display_id(self) -> str:
        # the result's own, so that window and colors stay the same
        return str(self._result.GetDisplayNodeID())

    def draw(self, share: float, direction: Any) -> None:
        """Move the line.

        Parameters
        ----------
        share : float
            How much of the picture shows the result, 0 to 1.
        direction : array of 3 floats
            From left to right in the view, RAS.
        """
        self._share, self._direction = share, np.asarray(direction, float)
        self.refresh()

    def refresh(self) -> None:
        """Copy the part of the result that is to be seen."""
        image = self._result.GetImageData()
        if not images.has_pixels(image):
            self._put(None, ijk_to_ras(self._result))
            return
        axis, first, count = self._part(image)
        if count == 0:
            self._put(None, ijk_to_ras(self._result))
            return
        pixels = images.view(image)
        where = (slice(None),) * (2 - axis) + (slice(first, first + count),)
        size = list(image.GetDimensions())
        size[axis] = count
        components = image.GetNumberOfScalarComponents()
        extent = (0, size[0] - 1, 0, size[1] - 1, 0, size[2] - 1)
        part = images.new_image(extent, pixels.dtype, components, like=image)
        images.view(part)[...] = pixels[where]
        matrix, low = ijk_to_ras(self._result), image.GetExtent()[::2]
        for other in range(3):
            matrix = shifted(matrix, other, low[other] + (first if other == axis else 0))
        self._put(part, matrix)

    def _part(self, image: Any) -> tuple[int, int, int]:
        """Return the axis across which the line is drawn, and first and number of the voxels on its left."""
        axes = matrix_array(ijk_to_ras(self._result))[:3, :3]
        along = self._direction @ (axes / np.maximum(np.linalg.norm(axes, axis=0), 1e-12))
        axis = int(np.argmax(np.abs(along)))
        length = int(image.GetDimensions()[axis])
        count = round(self._share * length)
        return axis, 0 if along[axis] > 0 else length - count, count


class Difference(Overlay):
    """Input minus result: black where nothing changed, one color for what was taken away, another for what was added.

    Attributes
    ----------
    limit : float
        Difference that is shown in full color, in gray levels; taken from the frame that was shown first.
    """

    def __init__(self, environment: SceneEnvironment, source: Any, result: Any, name: str) -> None:
        super().__init__(environment, source, result, name)
        self.limit = 0.0
        colors = self._add("vtkMRMLColorTableNode", f"{name}: colors")
        _fill_colors(colors)
        self._display = self._add("vtkMRMLScalarVolumeDisplayNode", f"{name}: display")
        self._display.SetAndObserveColorNodeID(colors.GetID())
        self._display.SetAutoWindowLevel(False)

    def _volume_class(self) -> str:
        return "vtkMRMLScalarVolumeNode"

    def _display_id(self) -> str:
        return str(self._display.GetID())

    def refresh(self) -> None:
        """Compute the difference of what is shown now; nothing is shown where input and result do not fit."""
        values = difference(self._source, self._result)
        matrix = ijk_to_ras(self._result)
        if values is None:
            self._put(None, matrix)
            return
        if not self.limit:
            self.limit = _shown_limit(values)
            self._display.SetWindowLevel(2 * self.limit, 0.0)
        result = self._result.GetImageData()
        image = images.new_image(result.GetExtent(), values.dtype, 1, like=result)
        images.view(image)[...] = values
        self._put(image, matrix)


def _shown_limit(values: images.Array) -> float:
    """Return a difference that few pixels exceed; pixels that are no finite numbers do not count."""
    sizes = np.abs(values[np.isfinite(values)])
    if sizes.size == 0:
        return 1.0
    return float(np.percentile(sizes, SHOWN_SHARE)) or float(sizes.max()) or 1.0


def _fill_colors(table: Any) -> None:
    table.SetTypeToUser()
    table.SetNumberOfColors(COLORS)
    for index in range(COLORS):
        share = 2 * index / (COLORS - 1) - 1
        color = MORE if share > 0 else LESS
        table.SetColor(index, f"{share:+.2f}", *(abs(share) * part for part in color), 1.0)
