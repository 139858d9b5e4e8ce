"""How coarse the speckle is: width of its autocorrelation along each axis."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import fft, ndimage

from .frames import Gray, Mask

PATCH = 32
LAGS = 12
QUIET_SHARE = 0.015
BLACK_SHARE = 0.06
MINIMUM_PATCHES = 4


def measure_grain(frames: Gray, valid: Mask | None, low: float, high: float) -> tuple[float, float] | None:
    """Measure the speckle grain of a sweep.

    Parameters
    ----------
    frames : float array, shape (K, H, W)
        A few frames; NaN only outside `valid`.
    valid : bool array (H, W) or None
        Pixels of the ultrasound picture.
    low, high : float
        Intensity range of the sweep.

    Returns
    -------
    (rows, columns) : full width at half maximum of the autocorrelation along each axis, in pixels, or None where no
        patch shows texture
    """
    widths = [pair for frame in frames for pair in _patch_widths(frame, valid, low, high)]
    if len(widths) < MINIMUM_PATCHES:
        return None
    rows, columns = np.median(np.array(widths), axis=0)
    return float(rows), float(columns)


def _patch_widths(frame: Gray, valid: Mask | None, low: float, high: float) -> Iterator[tuple[float, float]]:
    """Widths of the autocorrelation in every patch that shows speckle; nothing else of a patch is kept."""
    gray = np.nan_to_num(((frame - low) / max(high - low, 1e-12)).astype(np.float32), posinf=0.0, neginf=0.0)
    detail = gray - ndimage.gaussian_filter(gray, 5)
    window = np.hanning(PATCH)[:, None] * np.hanning(PATCH)[None]
    for row in range(0, gray.shape[0] - PATCH + 1, PATCH):
        for column in range(0, gray.shape[1] - PATCH + 1, PATCH):
            place = np.s_[row : row + PATCH, column : column + PATCH]
            if valid is not None and not valid[place].all():
                continue
            patch = detail[place]
            # Black areas hold no speckle, and steps hold more than speckle.
            spread = float(patch.std())
            if spread < QUIET_SHARE or gray[place].mean() < BLACK_SHARE or np.abs(patch).max() > 4.5 * spread:
                continue
            power = np.abs(fft.rfft2((patch - patch.mean()) * window, s=(2 * PATCH, 2 * PATCH))) ** 2
            correlation = fft.irfft2(power, s=(2 * PATCH, 2 * PATCH))
            correlation = correlation / max(float(correlation[0, 0]), 1e-12)
            yield _full_width(correlation[:LAGS, 0]), _full_width(correlation[0, :LAGS])


def _full_width(correlation: Gray) -> float:
    below = np.flatnonzero(correlation < 0.5)
    if not len(below):
        return 2.0 * (len(correlation) - 1)
    last = int(below[0])
    before, after = float(correlation[last - 1]), float(correlation[last])
    return 2 * (last - 1 + (before - 0.5) / max(before - after, 1e-9))
