"""Masks of frames on their way into a segmentation: cut to what they hold, then put together as one labelmap."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from Speckle2SelfLib.scene import images
from Speckle2SelfLib.scene.sweep import Slab, frame_view
from vtkmodules.vtkCommonCore import VTK_UNSIGNED_CHAR

from .pixel_places import frame_axes

Box = tuple[int, int, int, int]
EMPTY = (0, -1, 0, -1, 0, -1)


@dataclass(frozen=True)
class CutMask:
    """A mask without the empty rows and columns around what it holds.

    Parameters
    ----------
    top, left : int
        First row and column of the frame that the pixels belong to.
    pixels : uint8 array (h, w)
        0 and 1.
    """

    top: int
    left: int
    pixels: images.Array

    @classmethod
    def of(cls, mask: images.Array) -> CutMask | None:
        """Cut a mask (H, W); None where it is empty."""
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if rows.size == 0:
            return None
        part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return cls(int(rows[0]), int(columns[0]), np.ascontiguousarray(part != 0, np.uint8))

    @property
    def box(self) -> Box:
        """First and last row, first and last column."""
        height, width = self.pixels.shape
        return self.top, self.top + height - 1, self.left, self.left + width - 1


def labelmap(slab: Slab, masks: Mapping[int, CutMask]) -> Any:
    """Return masks of frames of an image as a vtkOrientedImageData, no larger than what they hold.

    Parameters
    ----------
    slab : Slab
        The image.
    masks : mapping of int to CutMask
        By number of the frame in the image; frames without a lumen are left out.
    """
    import slicer

    image = slicer.vtkOrientedImageData()
    if masks:
        boxes = np.array([mask.box for mask in masks.values()])
        (top, left), (bottom, right) = boxes[:, ::2].min(axis=0), boxes[:, 1::2].max(axis=0)
        image.SetExtent(*_extent(slab, (min(masks), max(masks)), (top, bottom), (left, right)))
        image.AllocateScalars(VTK_UNSIGNED_CHAR, 1)
        pixels = images.view(image)
        pixels[...] = 0
        for index, mask in masks.items():
            height, width = mask.pixels.shape
            frame = frame_view(pixels, slab.axis, index - min(masks))
            frame[mask.top - top :, mask.left - left :][:height, :width] = mask.pixels
    else:
        image.SetExtent(*EMPTY)
        image.AllocateScalars(VTK_UNSIGNED_CHAR, 1)
    image.SetImageToWorldMatrix(slab.matrix)
    return image


def checksum(mask: images.Array) -> str:
    """Return a short text that changes when the mask (H, W) does: it tells which frames somebody has corrected."""
    rows, columns = mask.shape
    return f"{zlib.crc32(np.packbits(mask != 0).tobytes(), rows * 65536 + columns):08x}"


def _extent(slab: Slab, frames: tuple[int, int], rows: tuple[int, int], columns: tuple[int, int]) -> list[int]:
    extent = [0] * 6
    row_axis, column_axis = frame_axes(slab.axis)
    for axis, (first, last) in ((slab.axis, frames), (row_axis, rows), (column_axis, columns)):
        low = slab.image.GetExtent()[2 * axis]
        extent[2 * axis : 2 * axis + 2] = [int(low + first), int(low + last)]
    return extent
