"""Short words that the tests of segmentations in the scene share."""

from __future__ import annotations

from typing import Any

import numpy as np
from scene_stand_ins import BrightRunner
from scene_support import speckled
from Speckle2SelfTrainingLib.scene import SceneSegmenter

__all__ = ["BrightRunner", "lumens", "mask_in", "segmenter", "set_mask"]


def segmenter(runner: Any = None) -> SceneSegmenter:
    """A segmenter of the current scene that computes with the stand-in."""
    return SceneSegmenter(runner=runner or BrightRunner())


def lumens(count: int, rows: int = 40, columns: int = 48, empty: tuple[int, ...] = (), seed: int = 0) -> np.ndarray:
    """Frames with an ellipse of 255 that moves from frame to frame, and speckle below 200 around it."""
    frames = speckled((count, rows, columns), seed=seed)
    for number in set(range(count)) - set(empty):
        frames[number][ellipse(rows, columns, 15 + number, 20)] = 255
    return frames


def ellipse(rows: int, columns: int, row: float, column: float, radius: float = 8.0) -> np.ndarray:
    across, down = np.arange(columns) - column, np.arange(rows)[:, np.newaxis] - row
    inside: np.ndarray = (across / radius) ** 2 + (down / (0.75 * radius)) ** 2 <= 1
    return inside


def mask_in(segmentation: Any, shape: tuple[int, ...], segment: str = "Lumen") -> np.ndarray:
    """The mask of a segment on the grid of its image, by its own extent: (K, J, I)."""
    import slicer
    from Speckle2SelfLib.scene import images

    image = slicer.vtkOrientedImageData()
    assert segmentation.GetBinaryLabelmapRepresentation(segment, image)
    whole = np.zeros(shape, np.uint8)
    first_i, last_i, first_j, last_j, first_k, last_k = image.GetExtent()
    if last_i >= first_i:
        whole[first_k : last_k + 1, first_j : last_j + 1, first_i : last_i + 1] = images.view(image)
    return whole


def set_mask(segmentation: Any, mask: np.ndarray, matrix: np.ndarray, segment: str = "Lumen") -> None:
    """Draw a mask (K, J, I) over a segment, as the Segment Editor leaves one."""
    import slicer
    import slicer.util
    from Speckle2SelfLib.scene import images

    image = slicer.vtkOrientedImageData()
    depth, rows, columns = mask.shape
    image.SetExtent(0, columns - 1, 0, rows - 1, 0, depth - 1)
    image.AllocateScalars(3, 1)
    images.view(image)[...] = mask
    image.SetImageToWorldMatrix(slicer.util.vtkMatrixFromArray(matrix))
    segments = segmentation.GetSegmentation()
    if segments.GetSegment(segment) is None:
        segmentation.AddSegmentFromBinaryLabelmapRepresentation(image, segment, [1.0, 0.5, 0.0], segment)
    else:
        assert slicer.vtkSlicerSegmentationsModuleLogic.SetBinaryLabelmapToSegment(image, segmentation, segment)
