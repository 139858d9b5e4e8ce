"""RF and envelope input: envelope detection and log compression to B-mode."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

B_MODE_LEVELS = 255.0
SPECTRUM_BANDS = 32


def envelope(frame: np.ndarray, signal: str, fast_axis: int = 0) -> NDArray[np.float64]:
    """Return the envelope of a frame of samples.

    Parameters
    ----------
    frame : array, shape (H, W)
    signal : {"rf", "envelope"}
        RF is demodulated with the analytic signal (Hilbert transform along fast time), its mean per line removed first.
    fast_axis : {0, 1}
        Axis along which fast time runs: 0 where lines are columns, 1 where every row is a line.
    """
    samples = np.nan_to_num(frame.astype(np.float64), posinf=0.0, neginf=0.0)
    if signal == "envelope":
        return np.abs(samples)
    from scipy import fft
    from scipy.signal import hilbert

    lines = np.moveaxis(samples, fast_axis, 0)
    count = lines.shape[0]
    analytic = hilbert(lines - lines.mean(axis=0), N=fft.next_fast_len(count), axis=0)[:count]
    return np.asarray(np.moveaxis(np.abs(analytic), 0, fast_axis))


def find_fast_axis(frame: np.ndarray) -> int:
    """Return the axis along which fast time runs: only there the spectrum has a band apart from low frequencies.

    Parameters
    ----------
    frame : array, shape (H, W)
        RF samples.
    """
    samples = np.nan_to_num(frame.astype(np.float64), posinf=0.0, neginf=0.0)
    return int(np.argmax([_carrier_height(np.moveaxis(samples, axis, 0)) for axis in (0, 1)]))


def _carrier_height(lines: NDArray[np.float64]) -> float:
    """How far the strongest band of the mean spectrum rises over the valley between it and low frequencies."""
    power = (np.abs(np.fft.rfft(lines - lines.mean(axis=0), axis=0)) ** 2).mean(axis=1)
    bands = np.array([band.mean() for band in np.array_split(power, min(SPECTRUM_BANDS, len(power)))])
    peak = 2 + int(np.argmax(bands[2:]))
    return float(bands[peak] / max(float(bands[1:peak].min()), 1e-300))


def compress(magnitude: NDArray[np.floating[Any]], reference: float, dynamic_range: float) -> NDArray[np.float32]:
    """Log-compress an envelope to B-mode.

    Parameters
    ----------
    magnitude : float, any shape
        Envelope, linear amplitude.
    reference : float
        Amplitude shown as white.
    dynamic_range : float
        dB between black and white.

    Returns
    -------
    float32, same shape, 0 (at or below -dynamic_range dB) to 255
    """
    level = 20 * np.log10(np.maximum(magnitude / reference, 1e-20))
    return np.asarray(np.clip(level / dynamic_range + 1, 0, 1) * B_MODE_LEVELS, np.float32)
