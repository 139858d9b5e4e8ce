"""How coarse the speckle is: width of its autocorrelation along each axis."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .coarse import smooth
from .frames import Gray, Mask

PATCH = 32
LAGS = 12
SMOOTH_SIGMA = 5.0
QUIET_SHARE = 0.015
BLACK_SHARE = 0.06
MINIMUM_PATCHES = 4

Values = NDArray[np.float32]


def measure_grain(frames: Gray, valid: Mask | None, low: float, high: float) -> tuple[float, float] | None:
    """Measure the speckle grain of a sweep.

    Parameters
    ----------
    frames : array of numbers, shape (K, H, W)
        A few frames; NaN only outside `valid`.
    valid : bool array (H, W) or None
        Pixels of the ultrasound picture.
    low, high : float
        Intensity range of the sweep.

    Returns
    -------
    (rows, columns) : full width at half maximum of the autocorrelation along each axis, in pixels, or None where no
        patch shows texture

    Notes
    -----
    Shading is taken off with a Gaussian on a coarser grid, see :func:`.coarse.smooth`.
    """
    if min(frames.shape[1:]) < PATCH:
        return None
    known = None if valid is None else np.asarray(_patches(valid).all(axis=(1, 2)))
    widths = np.concatenate([_patch_widths(frame, known, low, high) for frame in frames])
    if len(widths) < MINIMUM_PATCHES:
        return None
    rows, columns = np.median(widths, axis=0)
    return float(rows), float(columns)


def _patch_widths(frame: Gray, known: Mask | None, low: float, high: float) -> NDArray[np.floating]:
    """Return the widths (K, 2) in the patches that show speckle; `known` patches count, all for None."""
    gray = _normalized(frame, low, high)
    fine = _patches(gray - smooth(torch.from_numpy(gray), SMOOTH_SIGMA).numpy())
    pixels = fine.reshape(-1, PATCH * PATCH)
    # Black areas hold no speckle, and steps hold more than speckle.
    mean = pixels.mean(axis=1)
    spread = np.sqrt(np.maximum(np.einsum("ij,ij->i", pixels, pixels) / PATCH**2 - mean**2, 0))
    shows = (spread >= QUIET_SHARE) & (_patches(gray).mean(axis=(1, 2)) >= BLACK_SHARE)
    shows &= np.maximum(pixels.max(axis=1), -pixels.min(axis=1)) <= 4.5 * spread
    if known is not None:
        shows &= known
    windowed = torch.from_numpy((fine[shows] - mean[shows][:, None, None]) * _window())
    turned = windowed.transpose(1, 2)
    # A patch times itself, turned, holds the products of all pairs of its rows, summed over the columns.
    pairs = (torch.bmm(windowed, turned), torch.bmm(turned, windowed))
    return np.stack([_full_widths((each.flatten(1) @ _lags()).numpy()) for each in pairs], axis=1)


def _normalized(frame: Gray, low: float, high: float) -> Values:
    if frame.dtype.kind != "f":
        return (frame.astype(np.float32) - np.float32(low)) * np.float32(1 / max(high - low, 1e-12))
    return np.nan_to_num(((frame - low) / max(high - low, 1e-12)).astype(np.float32), posinf=0.0, neginf=0.0)


def _patches(frame: NDArray[Any]) -> NDArray[Any]:
    """Return the whole patches of a frame (H, W), shape (K, PATCH, PATCH)."""
    rows, columns = (length // PATCH for length in frame.shape)
    whole = frame[: rows * PATCH, : columns * PATCH].reshape(rows, PATCH, columns, PATCH)
    return whole.swapaxes(1, 2).reshape(-1, PATCH, PATCH)


@lru_cache(maxsize=1)
def _window() -> Values:
    return (np.hanning(PATCH)[:, None] * np.hanning(PATCH)[None]).astype(np.float32)


@lru_cache(maxsize=1)
def _lags() -> torch.Tensor:
    """Return what sums products of pairs of rows, (PATCH * PATCH,), by how far they lie apart, (..., LAGS)."""
    apart = np.arange(PATCH)[None] - np.arange(PATCH)[:, None]
    return torch.from_numpy((apart.reshape(-1, 1) == np.arange(LAGS)).astype(np.float32))


def _full_widths(correlations: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the full width at half maximum of autocorrelations (K, LAGS), between the lags linearly, (K,)."""
    shares = correlations / np.maximum(correlations[:, :1], 1e-12)
    below = shares < 0.5
    last = np.argmax(below, axis=1)
    place = np.arange(len(shares))
    before, after = shares[place, last - 1], shares[place, last]
    widths = 2 * (last - 1 + (before - 0.5) / np.maximum(before - after, 1e-9))
    return np.where(below.any(axis=1), widths, 2.0 * (LAGS - 1))
