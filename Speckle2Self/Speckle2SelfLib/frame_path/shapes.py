"""Extremes around pixels, erosion, dilation and growth of masks: comparisons of shifted frames.

Frames are taken as one line of values, so that a comparison runs through memory without a stop: for bytes that is 64
pixels per instruction. SciPy's and PyTorch's filters give the same and take 5 to 50 times as long for one frame.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frames import Mask


def surrounding_minimum(frame: NDArray[Any], reach: tuple[int, int]) -> NDArray[Any]:
    """Return the smallest value of (H, W) within `reach` (rows, columns) of every pixel."""
    return _extreme(frame, reach, reach, np.minimum, limits(frame.dtype)[1])


def surrounding_maximum(frame: NDArray[Any], reach: tuple[int, int]) -> NDArray[Any]:
    """Return the largest value of (H, W) within `reach` (rows, columns) of every pixel."""
    return _extreme(frame, reach, reach, np.maximum, limits(frame.dtype)[0])


def eroded(mask: Mask, size: int, *, outside: bool) -> Mask:
    """Return where the `size` x `size` pixels around are all set; beyond the edge all are as `outside` says."""
    before, after = size // 2, (size - 1) // 2  # as SciPy places squares of an even size
    return _extreme(mask, (before, before), (after, after), np.logical_and, outside)


def dilated(mask: Mask, size: int) -> Mask:
    """Return where any of the `size` x `size` pixels around is set."""
    before, after = (size - 1) // 2, size // 2
    return _extreme(mask, (before, before), (after, after), np.logical_or, False)


def spread(mask: Mask, steps: int) -> Mask:
    """Return the mask after it has grown by `steps` pixels along rows and columns, not along diagonals."""
    rows, columns = mask.shape
    width = columns + 2 * steps
    grown = np.pad(mask, steps).ravel()
    for _ in range(steps):
        before, grown = grown, grown.copy()
        grown[1:] |= before[:-1]
        grown[:-1] |= before[1:]
        grown[width:] |= before[:-width]
        grown[:-width] |= before[width:]
    return grown.reshape(-1, width)[steps : steps + rows, steps : steps + columns]


def grown_within(mask: Mask, allowed: Mask, steps: int) -> Mask:
    """Return a part of the mask `allowed` after it has grown in it by `steps` pixels in all eight directions."""
    rows, columns = mask.shape
    # Around the frame lies a rim where nothing may grow, so that no step needs to care for edges.
    width = columns + 2
    grown, within = np.pad(mask, 1).ravel(), np.pad(allowed, 1).ravel()[width:-width]
    wider = np.zeros_like(grown)
    inner = grown[width:-width]
    for _ in range(steps):
        np.logical_or(grown[:-2], grown[2:], out=wider[1:-1])
        wider[1:-1] |= grown[1:-1]
        np.logical_or(wider[: -2 * width], wider[2 * width :], out=inner)
        inner |= wider[width:-width]
        inner &= within
    return inner.reshape(rows, width)[:, 1:-1]


def limits(dtype: np.dtype) -> tuple[Any, Any]:
    """Return the smallest and the largest value of a type."""
    if dtype.kind == "f":
        return -np.inf, np.inf
    return np.iinfo(dtype).min, np.iinfo(dtype).max


def _extreme(
    frame: NDArray[Any], before: tuple[int, int], after: tuple[int, int], pick: np.ufunc, outside: Any
) -> NDArray[Any]:
    rows, columns = frame.shape
    width = before[1] + columns + after[1]
    padded = np.full((before[0] + rows + after[0], width), outside, frame.dtype)
    padded[before[0] : before[0] + rows, before[1] : before[1] + columns] = frame
    # What comes from the next row at the end of one lies in the padding, which is cut off.
    values, other = padded.ravel(), np.empty_like(padded).ravel()
    size = values.size
    for reach, distance in ((before[1] + after[1], 1), (before[0] + after[0], width)):
        covered = 1
        while covered <= reach:  # each comparison doubles how many neighbors a value stands for
            step = min(covered, reach + 1 - covered)
            size -= step * distance
            pick(values[:size], values[step * distance : step * distance + size], out=other[:size])
            values, other = other, values
            covered += step
    return values.reshape(-1, width)[:rows, :columns]
