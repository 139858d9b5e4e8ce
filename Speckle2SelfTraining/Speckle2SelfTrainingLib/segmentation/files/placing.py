"""Put a cropped segment back into the frames of the image that it was drawn on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files.sweep import Geometry, Sweep

from .segmentation_reading import SegmentVolume

TOLERANCE = 0.05  # of a pixel
SAME_DIRECTION = 1e-3


def placed(name: str, volume: SegmentVolume, like: Sweep | None) -> SegmentVolume:
    """Return a segment in the size of its image.

    Parameters
    ----------
    name : str
        The file, for messages.
    volume : SegmentVolume
        What the file holds.
    like : Sweep or None
        The image; None takes the size that the file itself states for it.

    Raises
    ------
    InputError
        If the segment was drawn on another image, or lies partly outside of this one.
    """
    size = _size_of(like) if like is not None else volume.size or _own_size(volume)
    shift = _shift(name, volume, size, like)
    if shift == (0, 0, 0) and size == _own_size(volume):
        return volume
    whole = np.zeros(size[::-1], np.uint8)
    inside, outside = [], []
    for start, length, room in zip(shift, _own_size(volume), size, strict=True):
        low, high = max(start, 0), min(start + length, room)
        inside.append(slice(low, max(high, low)))
        outside.append(slice(low - start, max(high, low) - start))
    part = volume.mask[tuple(outside[::-1])]
    if np.count_nonzero(part) != np.count_nonzero(volume.mask):
        raise InputError(
            f"{name} reaches beyond the image that it belongs to; crop it, or give the image it was drawn on."
        )
    whole[tuple(inside[::-1])] = part
    return replace(volume, mask=whole, geometry=_moved(volume.geometry, shift), offset=(0, 0, 0), size=size)


def _own_size(volume: SegmentVolume) -> tuple[int, int, int]:
    pieces, rows, columns = volume.mask.shape
    return columns, rows, pieces


def _size_of(sweep: Sweep) -> tuple[int, int, int]:
    return sweep.frame_shape[1], sweep.frame_shape[0], len(sweep)


def _shift(name: str, volume: SegmentVolume, size: tuple[int, int, int], like: Sweep | None) -> tuple[int, int, int]:
    """Return the column, row and slice of the image that the first voxel belongs to."""
    if (volume.size or _own_size(volume)) == size:
        return volume.offset if volume.size else (0, 0, 0)
    steps = None if like is None or like.geometry is None else _steps(volume.geometry, like.geometry)
    if steps is not None:
        return steps
    ends = np.add(volume.offset, _own_size(volume))
    if volume.size is None and volume.offset != (0, 0, 0) and (ends <= size).all():
        return volume.offset  # cropped by a program that does not say of what
    image = "its image" if like is None else like.path.name
    raise InputError(
        f"{name} was drawn on {_words(volume.size or _own_size(volume))}, but {image} has {_words(size)} "
        "(rows x columns); give the image that it was drawn on."
    )


def _words(size: tuple[int, int, int]) -> str:
    return f"{size[2]} frames of {size[1]} x {size[0]} pixels"


def _steps(part: Geometry, image: Geometry) -> tuple[int, int, int] | None:
    """Return by how many whole pixels a grid starts after another one; None where their pixels do not coincide."""
    axes = np.array(image.direction) * np.array(image.spacing)[:, np.newaxis]
    own = np.array(part.direction) * np.array(part.spacing)[:, np.newaxis]
    if not np.allclose(own, axes, rtol=0, atol=SAME_DIRECTION * max(image.spacing)):
        return None
    steps: NDArray[np.float64] = np.linalg.solve(axes.T, np.subtract(part.origin, image.origin))
    column, row, piece = (round(step) for step in steps.tolist())
    return (column, row, piece) if np.abs(steps - (column, row, piece)).max() <= TOLERANCE else None


def _moved(geometry: Geometry, shift: tuple[int, int, int]) -> Geometry:
    """Return the geometry of the image of which a part starts at ``shift``."""
    lengths = np.multiply(shift, geometry.spacing)
    x, y, z = (np.array(geometry.origin) - lengths @ np.array(geometry.direction)).tolist()
    return replace(geometry, origin=(x, y, z))
