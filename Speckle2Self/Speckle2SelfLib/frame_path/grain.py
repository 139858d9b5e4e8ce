"""How coarse the speckle is: width of its autocorrelation along each axis."""

from __future__ import annotations

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
    spectra: list[Gray] = []
    for frame in frames:
        spectra.extend(_patch_spectra(frame, valid, low, high))
    if len(spectra) < MINIMUM_PATCHES:
        return None
    correlations = fft.irfft2(np.stack(spectra), s=(2 * PATCH, 2 * PATCH))
    correlations = correlations / np.maximum(correlations[:, :1, :1], 1e-12)
    rows = [_full_width(correlation[:LAGS, 0]) for correlation in correlations]
    columns = [_full_width(correlation[0, :LAGS]) for correlation in correlations]
    return float(np.median(rows)), float(np.median(columns))


def _patch_spectra(frame: Gray, valid: Mask | None, low: float, high: float) -> list[Gray]:
    gray = np.nan_to_num((np.asarray(frame, np.float32) - low) / max(high - low, 1e-12))
    detail = gray - ndimage.gaussian_filter(gray, 5)
    window = np.hanning(PATCH)[:, None] * np.hanning(PATCH)[None]
    spectra = []
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
            spectra.append(np.abs(fft.rfft2((patch - patch.mean()) * window, s=(2 * PATCH, 2 * PATCH))) ** 2)
    return spectra


def _full_width(correlation: Gray) -> float:
    below = np.flatnonzero(correlation < 0.5)
    if not len(below):
        return 2.0 * (len(correlation) - 1)
    last = int(below[0])
    before, after = float(correlation[last - 1]), float(correlation[last])
    return 2 * (last - 1 + (before - 0.5) / max(before - after, 1e-9))
