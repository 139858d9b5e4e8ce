"""The frames of an input node, as a snapshot: what happens to the node later does not change the job."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import InputError
from ..settings import MAXIMUM_SIDE, MINIMUM_SIDE
from . import images
from .environment import SceneEnvironment
from .geometry import AXES, frame_axis, ijk_to_ras, shifted, shown_slice

COLOR_COMPONENTS = (3, 4)
# class of an input volume -> class of its result; anything else is refused (label maps, tensors, multi-volumes)
RESULT_CLASSES = {
    "vtkMRMLScalarVolumeNode": "vtkMRMLScalarVolumeNode",
    "vtkMRMLVectorVolumeNode": "vtkMRMLVectorVolumeNode",
    "vtkMRMLStreamingVolumeNode": "vtkMRMLVectorVolumeNode",
}


@dataclass(frozen=True)
class Slab:
    """An image of one or more frames and its place in space.

    Parameters
    ----------
    image : vtkImageData
        The pixels.
    axis : int
        Axis along which the frames lie, 0 to 2 for I to K.
    matrix : vtkMatrix4x4
        IJK to RAS.
    node_class : str
        MRML class of a result.
    attributes : dict of str
        What is known of this very frame, e.g. its tracking status.
    """

    image: Any
    axis: int
    matrix: Any
    node_class: str
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of frames."""
        return int(self.image.GetDimensions()[self.axis])

    @property
    def frame_shape(self) -> tuple[int, ...]:
        """(H, W), or (H, W, C) for color."""
        return tuple(self.frame(0).shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the pixels."""
        return np.dtype(images.view(self.image).dtype)

    @property
    def components(self) -> int:
        """Values in a pixel."""
        return int(self.image.GetNumberOfScalarComponents())

    def frame(self, index: int) -> images.Array:
        """Return a frame, (H, W) or (H, W, C), as a view of the image."""
        return frame_view(images.view(self.image), self.axis, index)

    def part(self, first: int, count: int) -> tuple[tuple[int, ...], Any]:
        """Return extent and IJK to RAS of a range of frames; all of them keep both as they are."""
        extent = list(self.image.GetExtent())
        low = extent[2 * self.axis]
        if count == self.count:
            return tuple(extent), self.matrix
        extent[2 * self.axis : 2 * self.axis + 2] = [0, count - 1]
        return tuple(extent), shifted(self.matrix, self.axis, low + first)


def frame_view(pixels: images.Array, axis: int, index: int) -> images.Array:
    """Return one frame of an array (K, J, I) or (K, J, I, C); ``axis`` counts from I. Not a copy."""
    where: tuple[Any, ...] = (slice(None),) * (2 - axis)
    frame: images.Array = pixels[(*where, index)]
    return frame


class SceneSweep(ABC):
    """The frames of a node: ``len()`` and ``[i]`` -> (H, W) or (H, W, C).

    Attributes
    ----------
    node : vtkMRMLNode
        What the user gave.
    shown : vtkMRMLVolumeNode or None
        The volume that shows the frames: itself, or the proxy of a sequence.
    watched : list of vtkMRMLNode
        Nodes without which the result has no place.
    """

    node: Any
    shown: Any
    watched: list[Any]

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, index: int) -> images.Array: ...

    @property
    @abstractmethod
    def first_slab(self) -> Slab:
        """The image that holds frame 0; type, size and components of all frames are its own."""

    @abstractmethod
    def current(self, environment: SceneEnvironment) -> int:
        """Return the number of the frame that the user sees."""

    @property
    def name(self) -> str:
        """Name that the result's name is made of."""
        return str(self.node.GetName())

    @property
    def color(self) -> bool:
        """Whether the frames are RGB or RGBA."""
        return self.first_slab.components in COLOR_COMPONENTS

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the pixels."""
        return self.first_slab.dtype

    @property
    def frame_shape(self) -> tuple[int, ...]:
        """(H, W), or (H, W, C) for color."""
        return self.first_slab.frame_shape


class VolumeSweep(SceneSweep):
    """A scalar or vector volume: its slices along one axis are the frames."""

    def __init__(self, volume: Any, requested_axis: str | int | None) -> None:
        self.node = self.shown = volume
        self.watched = [volume]
        self._slab = read_slab(volume, requested_axis, f"Volume {volume.GetName()!r}")

    def __len__(self) -> int:
        return self._slab.count

    def __getitem__(self, index: int) -> images.Array:
        return self._slab.frame(index)

    @property
    def first_slab(self) -> Slab:
        """The volume's image."""
        return self._slab

    def current(self, environment: SceneEnvironment) -> int:
        """Return the slice that a slice view shows, the middle one without views."""
        index = shown_slice(environment, self.node, self._slab.axis)
        if index is None:
            return len(self) // 2
        low = int(self._slab.image.GetExtent()[2 * self._slab.axis])
        return min(max(index - low, 0), len(self) - 1)


def read_slab(volume: Any, requested_axis: str | int | None, what: str) -> Slab:
    """Check a volume node and take hold of its pixels.

    Raises
    ------
    InputError
        If the node is of a class, pixel type or size that cannot be despeckled.
    """
    node_class = RESULT_CLASSES.get(volume.GetClassName())
    if node_class is None:
        raise InputError(
            f"{what} is a {_readable(volume)}; give a scalar volume, an RGB or RGBA volume, or a sequence of these."
        )
    image = volume.GetImageData()
    if not images.has_pixels(image):
        raise InputError(f"{what} holds no image; load or choose one that does.")
    if not images.is_supported_type(image):
        raise InputError(f"{what} has single-bit pixels; convert it to 8-bit first.")
    axis = frame_axis(image.GetDimensions(), requested_axis)
    slab = Slab(image, axis, ijk_to_ras(volume), node_class)
    _check_components(slab, what)
    _check_size(slab, what)
    return slab


def _readable(node: Any) -> str:
    return f"{node.GetNodeTagName()} node"


def _check_components(slab: Slab, what: str) -> None:
    accepted = (1,) if slab.node_class == "vtkMRMLScalarVolumeNode" else (1, *COLOR_COMPONENTS)
    if slab.components not in accepted:
        raise InputError(
            f"{what} has {slab.components} components per pixel; accepted are 1 (gray) and, in a "
            f"vector volume, 3 (RGB) or 4 (RGBA)."
        )


def _check_size(slab: Slab, what: str) -> None:
    rows, columns = slab.frame_shape[:2]
    if not (min(rows, columns) >= MINIMUM_SIDE and max(rows, columns) <= MAXIMUM_SIDE):
        raise InputError(
            f"{what} has frames of {rows} x {columns} pixels along its {AXES[slab.axis]} axis; accepted are "
            f"{MINIMUM_SIDE} to {MAXIMUM_SIDE} rows and columns (another frameAxis may fit)."
        )
