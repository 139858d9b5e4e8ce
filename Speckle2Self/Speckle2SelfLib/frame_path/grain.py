"""How coarse the speckle is: width of its autocorrelation along each axis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .frames import Gray, Mask
from .neighborhood import gaussian_mean

PATCH = 32
LAGS = 12
SMOOTH_SIGMA = 5.0
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
    known = None if valid is None else np.asarray(_patches(valid).all(axis=(1, 2)))
    widths = [pair for frame in frames for pair in _patch_widths(frame, known, low, high)]
    if len(widths) < MINIMUM_PATCHES:
        return None
    rows, columns = np.median(np.array(widths), axis=0)
    return float(rows), float(columns)


def _patch_widths(frame: Gray, known: Mask | None, low: float, high: float) -> Iterator[tuple[float, float]]:
    """Widths of the autocorrelation in every patch that shows speckle; `known` patches count, all for None."""
    gray = np.nan_to_num(((frame - low) / max(high - low, 1e-12)).astype(np.float32), posinf=0.0, neginf=0.0)
    patches = _patches(gray - gaussian_mean(torch.from_numpy(gray), SMOOTH_SIGMA).numpy())
    # Black areas hold no speckle, and steps hold more than speckle.
    spread = patches.std(axis=(1, 2))
    shows = (spread >= QUIET_SHARE) & (_patches(gray).mean(axis=(1, 2)) >= BLACK_SHARE)
    shows &= np.abs(patches).max(axis=(1, 2)) <= 4.5 * spread
    if known is not None:
        shows &= known
    patches = patches[shows]
    window = np.hanning(PATCH)[:, None] * np.hanning(PATCH)[None]
    windowed = (patches - patches.mean(axis=(1, 2), keepdims=True)) * window
    for rows, columns in zip(_correlations(windowed, 1), _correlations(windowed, 2), strict=True):
        yield _full_width(rows), _full_width(columns)


def _patches(frame: NDArray[Any]) -> NDArray[Any]:
    """Return the whole patches of a frame (H, W), shape (K, PATCH, PATCH)."""
    rows, columns = (length // PATCH for length in frame.shape)
    whole = frame[: rows * PATCH, : columns * PATCH].reshape(rows, PATCH, columns, PATCH)
    return whole.swapaxes(1, 2).reshape(-1, PATCH, PATCH)


def _correlations(patches: Gray, axis: int) -> Gray:
    """Return the autocorrelation of patches (K, PATCH, PATCH) along an axis for the first lags, shape (K, LAGS)."""
    power = (np.abs(np.fft.rfft(patches, 2 * PATCH, axis=axis)) ** 2).sum(axis=3 - axis)
    correlations = np.fft.irfft(power, 2 * PATCH, axis=1)
    return np.asarray(correlations[:, :LAGS] / np.maximum(correlations[:, :1], 1e-12))


def _full_width(correlation: Gray) -> float:
    below = np.flatnonzero(correlation < 0.5)
    if not len(below):
        return 2.0 * (len(correlation) - 1)
    last = int(below[0])
    before, after = float(correlation[last - 1]), float(correlation[last])
    return 2 * (last - 1 + (before - 0.5) / max(before - after, 1e-9))
