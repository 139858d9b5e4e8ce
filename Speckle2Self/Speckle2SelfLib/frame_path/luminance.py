"""Color frames: what is filtered is the luminance; chroma and alpha are kept, colored overlays stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .frames import Frame, Gray, Mask, to_type
from .shapes import spread

Luma = NDArray[np.float32]

WEIGHTS = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, which DICOM's YBR uses, too
COLORED_SHARE = 0.12
TINTED_SHARE = 0.85


def luminance(frame: np.ndarray) -> Luma:
    """Return the luminance of an RGB or RGBA frame.

    Parameters
    ----------
    frame : array of any real type, shape (H, W, 3 or 4)

    Returns
    -------
    float32 (float64 for 32-bit integers and float64), shape (H, W), in the unit of the frame
    """
    weights = WEIGHTS.astype(working_type(frame.dtype))
    return np.asarray(frame[..., :3].astype(weights.dtype) @ weights)


def working_type(dtype: np.dtype) -> np.dtype:
    """Return the floating type that holds every value of `dtype` well enough to add a change to it."""
    wide = dtype.itemsize > 4 or (dtype.kind in "iu" and dtype.itemsize == 4)
    return np.dtype(np.float64 if wide else np.float32)


def colored_pixels(frame: np.ndarray, span: float) -> Mask | None:
    """Find colored overlay (Doppler, color bars, logos) in a gray picture stored as color.

    Parameters
    ----------
    frame : array, shape (H, W, 3 or 4)
    span : float
        Intensity range of the sweep, in the unit of the frame.

    Returns
    -------
    bool array (H, W), or None where nothing is colored
    """
    colored = _colored(frame, span)
    if not colored.any():
        return None
    # Interpolation on screen and chroma subsampling in files leave a faintly colored rim around colored pixels.
    return spread(colored, 2)


def is_tinted(frames: Sequence[np.ndarray], span: float) -> bool:
    """Return whether nearly everything that is lit is colored, as by a chroma map: then color marks no overlay.

    Parameters
    ----------
    frames : sequence of arrays, each (H, W, 3 or 4)
    span : float
        Intensity range of the sweep.
    """
    lit = [_largest(frame) > 0.2 * span for frame in frames]
    colored = sum(int(np.count_nonzero(_colored(frame, span) & one)) for frame, one in zip(frames, lit, strict=True))
    return colored > TINTED_SHARE * max(1, sum(int(np.count_nonzero(one)) for one in lit))


def _colored(frame: np.ndarray, span: float) -> Mask:
    smallest = np.minimum(np.minimum(frame[..., 0], frame[..., 1]), frame[..., 2])
    return np.asarray(_largest(frame).astype(np.float32) - smallest > COLORED_SHARE * span)


def _largest(frame: np.ndarray) -> NDArray[Any]:
    """Return the largest of the three colors; channel by channel, which is 15 times as fast as along the last axis."""
    return np.asarray(np.maximum(np.maximum(frame[..., 0], frame[..., 1]), frame[..., 2]))


def replace_luminance(frame: np.ndarray, change: Gray) -> Frame:
    """Add a change of luminance to every color channel, which leaves the chroma (Cb, Cr) as it is.

    Parameters
    ----------
    frame : array, shape (H, W, 3 or 4)
    change : float array, shape (H, W)

    Returns
    -------
    array of the frame's shape and type, rounded and clipped to it; alpha unchanged
    """
    result = frame.copy()
    for channel in range(3):
        values = frame[..., channel].astype(working_type(frame.dtype)) + change
        result[..., channel] = to_type(values, frame.dtype)
    return result
