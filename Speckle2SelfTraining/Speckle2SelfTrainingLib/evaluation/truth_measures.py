"""Measures against a clean truth: PSNR, SSIM and GMSD (its edges: :mod:`.edge_measures`)."""

from __future__ import annotations

import numpy as np

from .frames import Gray

# Stability constant of Xue et al. for levels of 0 to 255 (170), as a share of the squared range.
GMSD_CONSTANT = 170 / 255**2
PREWITT = np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]]) / 3


def psnr(frame: Gray, truth: Gray, data_range: float) -> float:
    """Return the peak signal-to-noise ratio (dB) of a frame against its truth, both (H, W)."""
    from skimage.metrics import peak_signal_noise_ratio

    with np.errstate(divide="ignore"):  # infinite for the truth itself
        return float(peak_signal_noise_ratio(truth, frame, data_range=data_range))


def ssim(frame: Gray, truth: Gray, data_range: float) -> float:
    """Return the structural similarity (up to 1) of a frame to its truth, both (H, W)."""
    from skimage.metrics import structural_similarity

    return float(structural_similarity(truth, frame, data_range=data_range))


def gmsd(frame: Gray, truth: Gray, data_range: float) -> float:
    """Return the gradient magnitude similarity deviation: 0 for the truth itself, larger is worse.

    W. Xue, L. Zhang, X. Mou, A. C. Bovik: Gradient magnitude similarity deviation. IEEE Transactions on Image
    Processing 23(2), 2014. Both frames are averaged over 2 x 2 pixels and halved; the measure is the standard
    deviation over the picture of the similarity of the two Prewitt gradient magnitudes.

    Parameters
    ----------
    frame, truth : arrays (H, W)
    data_range : float
        Largest possible level minus smallest, in the unit of the frames.
    """
    one, other = (_gradient(np.asarray(image, np.float64) / data_range) for image in (frame, truth))
    similarity = (2 * one * other + GMSD_CONSTANT) / (one**2 + other**2 + GMSD_CONSTANT)
    return float(similarity.std())


def _gradient(image: Gray) -> Gray:
    from scipy import ndimage

    mean = ndimage.uniform_filter(image, 2, mode="nearest", origin=-1)[::2, ::2]
    across = ndimage.convolve(mean, PREWITT, mode="constant")
    down = ndimage.convolve(mean, PREWITT.T, mode="constant")
    return np.asarray(np.hypot(across, down))
