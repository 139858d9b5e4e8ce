"""What masks, pixel sizes and confidences are accepted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError

Mask = NDArray[np.bool_]
Spacing = tuple[float, float]

FINER = 4  # samples per pixel and axis of a probability


def checked_spacing(spacing: Sequence[float] | float | None) -> Spacing | None:
    """Return the pixel size (row, column) in mm, or None where it is not known; one number stands for square pixels.

    Raises
    ------
    InputError
        If it is no size.
    """
    if spacing is None:
        return None
    values = np.atleast_1d(np.asarray(spacing, np.float64)).ravel()
    if values.size == 1:
        values = np.repeat(values, 2)
    if values.size != 2 or not np.all(np.isfinite(values)) or values.min() <= 0:
        raise InputError(
            f"The pixel size must be two positive numbers (row, column) in mm, or nothing if unknown, got {spacing!r}."
        )
    return float(values[0]), float(values[1])


def binary_mask(mask: Any) -> tuple[Mask, int]:
    """Return a mask as booleans, and how many samples it has per pixel and axis.

    Parameters
    ----------
    mask : array (H, W)
        Truth values, whole numbers 0 and 1, or a probability from 0 to 1 as floating point numbers, whose 0.5 contour
        is the border: between pixels it is found by linear interpolation.

    Raises
    ------
    InputError
        If it is none of these.
    """
    array = np.asarray(mask)
    if array.ndim != 2 or 0 in array.shape:
        raise InputError(f"A mask must have rows and columns, got an array of shape {array.shape}.")
    if array.dtype == np.bool_:
        return array, 1
    if array.dtype.kind not in "iuf":
        raise InputError(f"A mask must hold 0 and 1, or probabilities from 0 to 1, got values of type {array.dtype}.")
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 1):
        raise InputError(
            f"A mask must hold 0 and 1, or probabilities from 0 to 1, got values from {low:g} to {high:g}: "
            "choose one label of a label map first (labels == value)."
        )
    if array.dtype.kind == "f" and not np.isin(array, (0, 1)).all():
        return _finer(array), FINER
    return array > 0, 1


def _finer(probability: NDArray[Any]) -> Mask:
    from scipy import ndimage

    finer = ndimage.zoom(probability.astype(np.float32), FINER, order=1, mode="nearest", grid_mode=True)
    return np.asarray(finer >= 0.5)


def checked_confidence(confidence: float | None) -> float:
    """Return a confidence from 0 to 1, nan where there is none."""
    if confidence is None:
        return math.nan
    if not 0 <= confidence <= 1 and not math.isnan(confidence):
        raise InputError(f"A confidence must be a number from 0 to 1, got {confidence!r}.")
    return float(confidence)


def checked_series(name: str, values: Sequence[float] | None, count: int) -> list[float] | None:
    """Return one number per frame; nan where it is not known for a frame.

    Raises
    ------
    InputError
        If there are more or fewer than frames.
    """
    if values is None:
        return None
    series = [math.nan if value is None else float(value) for value in values]
    if len(series) != count:
        raise InputError(f"There are {len(series)} {name} for {count} frames: give one for each frame.")
    if any(math.isinf(value) for value in series):
        raise InputError(f"The {name} must be finite numbers: leave out what is not known.")
    return series
