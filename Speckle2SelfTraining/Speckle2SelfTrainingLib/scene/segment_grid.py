"""One segment on the grid of an image: cut out, shifted or, where the grids differ, resampled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.scene import images
from Speckle2SelfLib.scene.sweep import Slab, frame_view

LabelMask = NDArray[np.uint8]


class GridMask:
    """A segment on the grid of a slab; :meth:`at` is the same segment on one frame of it.

    Parameters
    ----------
    labelmap : vtkOrientedImageData or None
        The segment by itself, 0 and 1; None stands for an empty one.
    slab : Slab
        The image.
    transform : vtkGeneralTransform or None
        From the segmentation to the image, where they have different parents.

    Attributes
    ----------
    resampled : bool
        Whether the segment's own grid is another one.
    lost : bool
        Whether the segment holds something, but nothing of it lies on the slab.
    """

    def __init__(self, labelmap: Any, slab: Slab, transform: Any = None) -> None:
        self._slab, self._index = slab, 0
        self.resampled = self.lost = False
        self._pixels: images.Array | None = None
        if labelmap is not None and images.has_pixels(labelmap) and images.view(labelmap).any():
            self._pixels = self._fit(labelmap, transform)
            self.lost = not self._pixels.any()

    def at(self, index: int) -> GridMask:
        """Return the segment on one frame; the pixels are shared."""
        frame = GridMask.__new__(GridMask)
        frame._slab, frame._index = self._slab, index
        frame.resampled, frame.lost, frame._pixels = self.resampled, self.lost, self._pixels
        return frame

    def frame(self) -> LabelMask:
        """Return the mask of the frame, (H, W)."""
        if self._pixels is None:
            return np.zeros(self._slab.frame_shape[:2], np.uint8)
        return np.ascontiguousarray(frame_view(self._pixels, self._slab.axis, self._index) != 0, np.uint8)

    def _fit(self, labelmap: Any, transform: Any) -> images.Array:
        import slicer

        reference = slicer.vtkOrientedImageData()
        reference.ShallowCopy(self._slab.image)
        reference.SetImageToWorldMatrix(self._slab.matrix)
        resample = slicer.vtkOrientedImageDataResample
        self.resampled = transform is not None or not resample.DoGeometriesMatch(labelmap, reference)
        fitted = slicer.vtkOrientedImageData()
        linear, pad = False, False
        if not resample.ResampleOrientedImageToReferenceOrientedImage(
            labelmap, reference, fitted, linear, pad, transform
        ):
            raise InputError("A segment cannot be brought onto the grid of its image; check the transforms of both.")
        return images.view(fitted)


def copied_labelmap(segmentation: Any, segment: str) -> Any:
    """Return a segment by itself as an image of 0 and 1, whatever else its labelmap holds; the node stays as it is."""
    import slicer

    image = slicer.vtkOrientedImageData()
    name = slicer.vtkSegmentationConverter.GetBinaryLabelmapRepresentationName()
    if segmentation.GetSegmentation().ContainsRepresentation(name):
        segmentation.GetBinaryLabelmapRepresentation(segment, image)
        return image
    # made from a surface in a copy: the logic would leave a labelmap in the user's node
    apply_transform = False
    logic = slicer.vtkSlicerSegmentationsModuleLogic
    if not logic.GetSegmentBinaryLabelmapRepresentation(segmentation, segment, image, apply_transform):
        raise InputError(f"Segmentation {segmentation.GetName()!r} cannot be turned into a labelmap; export it first.")
    return image


def between(segmentation: Any, volume: Any) -> Any:
    """Return the transform from a segmentation to a volume as a vtkGeneralTransform; None where both move together."""
    import slicer
    from vtkmodules.vtkCommonTransforms import vtkGeneralTransform

    parents = [node.GetParentTransformNode() if node is not None else None for node in (segmentation, volume)]
    if parents[0] is parents[1]:
        return None
    transform = vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(*parents, transform)
    return transform
