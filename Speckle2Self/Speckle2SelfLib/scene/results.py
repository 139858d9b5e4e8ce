"""Results: collected outside the scene frame by frame, then put into it in one step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from . import images
from .environment import SceneEnvironment
from .sweep import Slab, frame_view


class Pixels:
    """An image that is filled frame by frame; it belongs to no node yet.

    Parameters
    ----------
    slab : Slab
        The input's image.
    first, count : int
        Frames of the slab that the image gets.
    """

    def __init__(self, slab: Slab, first: int = 0, count: int = 1) -> None:
        self._slab = slab
        self.extent, self.matrix = slab.part(first, count)
        self.image: Any = None
        self._view: images.Array | None = None

    def write(self, position: int, frame: images.Array) -> None:
        """Copy a frame into the image, which takes the type of the first frame."""
        if self._view is None:
            self.image = images.new_image(self.extent, frame.dtype, self._slab.components, like=self._slab.image)
            self._view = images.view(self.image)
        frame_view(self._view, self._slab.axis, position)[...] = frame

    def put_into(self, volume: Any) -> None:
        """Give a volume node this image and its place."""
        volume.SetIJKToRASMatrix(self.matrix)
        volume.SetAndObserveImageData(self.image)


class Result(ABC):
    """A result on its way into the scene."""

    @abstractmethod
    def write(self, position: int, frame: Any) -> None:
        """Take a computed frame, or what else the job makes of one; nothing of it is seen in the scene."""

    def notes(self) -> list[str]:
        """Return sentences about the result for the user, once all frames are there."""
        return []

    @abstractmethod
    def place(self, environment: SceneEnvironment, marks: Mapping[str, str]) -> Any:
        """Put the result into the scene and return its node."""


def copy_meaning(source: Any, volume: Any) -> None:
    """Copy what the numbers of a volume mean: quantity and units, and whether vectors are colors."""
    if source is None:
        return
    volume.SetVoxelVectorType(source.GetVoxelVectorType())
    if source.GetVoxelValueQuantity() is not None:
        volume.SetVoxelValueQuantity(source.GetVoxelValueQuantity())
    if source.GetVoxelValueUnits() is not None:
        volume.SetVoxelValueUnits(source.GetVoxelValueUnits())
