"""RF and envelope input: envelope detection and log compression to B-mode."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

B_MODE_LEVELS = 255.0


def envelope(frame: np.ndarray, signal: str) -> NDArray[np.float32]:
    """Return the envelope of a frame of samples.

    Parameters
    ----------
    frame : array, shape (samples, lines)
        Fast time runs along the rows.
    signal : {"rf", "envelope"}
        RF is demodulated with the analytic signal (Hilbert transform along the rows), its mean per line removed first.
    """
    samples = np.nan_to_num(frame.astype(np.float32), posinf=0.0, neginf=0.0)
    if signal == "envelope":
        return np.abs(samples)
    from scipy import fft
    from scipy.signal import hilbert

    rows = samples.shape[0]
    analytic = hilbert(samples - samples.mean(axis=0), N=fft.next_fast_len(rows), axis=0)[:rows]
    return np.asarray(np.abs(analytic), np.float32)


def compress(magnitude: NDArray[np.float32], reference: float, dynamic_range: float) -> NDArray[np.float32]:
    """Log-compress an envelope to B-mode.

    Parameters
    ----------
    magnitude : float32, any shape
        Envelope, linear amplitude.
    reference : float
        Amplitude shown as white.
    dynamic_range : float
        dB between black and white.

    Returns
    -------
    float32, same shape, 0 (at or below -dynamic_range dB) to 255
    """
    level = 20 * np.log10(np.maximum(magnitude, 1e-20) / reference)
    return np.asarray(np.clip(level / dynamic_range + 1, 0, 1) * B_MODE_LEVELS, np.float32)
