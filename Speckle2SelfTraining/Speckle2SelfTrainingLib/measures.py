"""Image quality: with clean truth, and without.

Every measure takes gray frames of one unit. `edges_kept`, `tone` and the box measures are those of despeckling papers;
none of them is quoted alone: smoothing raises ENL, darkening raises homogeneity, sharpening raises edges kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Gray = NDArray[Any]
Box = tuple[int, int, int, int]

EDGE_SHARE = 0.05


def psnr(frame: Gray, truth: Gray, data_range: float) -> float:
    """Return the peak signal-to-noise ratio (dB) of a frame against its truth, both (H, W)."""
    from skimage.metrics import peak_signal_noise_ratio

    return float(peak_signal_noise_ratio(truth, frame, data_range=data_range))


def ssim(frame: Gray, truth: Gray, data_range: float) -> float:
    """Return the structural similarity (0 to 1) of a frame to its truth, both (H, W)."""
    from skimage.metrics import structural_similarity

    return float(structural_similarity(truth, frame, data_range=data_range))


def tone(frame: Gray, original: Gray) -> float:
    """Return mean out / mean in."""
    return float(np.mean(frame) / np.mean(original))


def edges_kept(frame: Gray, original: Gray, sigma: float = 3.0) -> float:
    """Return how much of the gradient at the original's strongest edges is left.

    Sum of the Gaussian gradient magnitude of the output over that of the input, on the pixels where the input's
    gradient at sigma 3 is in its top 5 %, after scaling the output to the input's mean.

    Parameters
    ----------
    frame, original : arrays (H, W)
    sigma : float
        Scale of the compared gradients, pixels: 3 for boundaries, 1 for fine lines.
    """
    source = np.asarray(original, np.float64)
    scaled = np.asarray(frame, np.float64) * (source.mean() / np.mean(frame))
    coarse = ndimage.gaussian_gradient_magnitude(source, 3.0)
    edges = coarse >= np.quantile(coarse, 1 - EDGE_SHARE)
    kept = ndimage.gaussian_gradient_magnitude(scaled, sigma)[edges].sum()
    return float(kept / ndimage.gaussian_gradient_magnitude(source, sigma)[edges].sum())


def homogeneity(frame: NDArray[np.uint8]) -> float:
    """Return the GLCM homogeneity of an 8-bit frame (256 levels, distance 1, angle 0, symmetric, normed)."""
    from skimage.feature import graycomatrix, graycoprops

    matrix = graycomatrix(frame, [1], [0], levels=256, symmetric=True, normed=True)
    return float(graycoprops(matrix, "homogeneity")[0, 0])


def equivalent_looks(frame: Gray, box: Box) -> float:
    """Return ENL = (mean / standard deviation) squared inside a box (row, column, height, width)."""
    pixels = crop(frame, box)
    spread = float(pixels.std())
    return float("inf") if spread == 0 else float((pixels.mean() / spread) ** 2)


def contrast_to_noise(frame: Gray, tissue: Box, lumen: Box) -> float:
    """Return CNR = |mean difference| / sqrt(sum of variances) between two boxes (row, column, height, width)."""
    one, other = crop(frame, tissue), crop(frame, lumen)
    return float(abs(one.mean() - other.mean()) / np.sqrt(one.var() + other.var()))


def crop(frame: Gray, box: Box) -> Gray:
    """Return the pixels of a box (row, column, height, width) as float64."""
    row, column, height, width = box
    return np.asarray(frame[row : row + height, column : column + width], np.float64)


def flattest_box(frame: Gray, valid: NDArray[np.bool_] | None = None, size: int = 24) -> Box:
    """Return the box of tissue (row, column, height, width) whose local mean varies least.

    Parameters
    ----------
    frame : array (H, W)
    valid : bool array (H, W), optional
        Where a box may lie.
    size : int
        Rows and columns of the box.
    """
    gray = np.asarray(frame, np.float64)
    allowed = np.ones(gray.shape, bool) if valid is None else valid
    smooth = ndimage.gaussian_filter(gray, size / 6)
    mean = ndimage.uniform_filter(smooth, size)
    spread = np.sqrt(np.maximum(ndimage.uniform_filter(smooth**2, size) - mean**2, 0))
    inside = ndimage.binary_erosion(allowed, np.ones((size, size), bool))
    bright = mean > 0.6 * gray[allowed].mean()
    score = np.where(inside & bright, spread / np.maximum(mean, 1e-9), np.inf)
    row, column = np.unravel_index(int(np.argmin(score)), score.shape)
    return (int(row) - size // 2, int(column) - size // 2, size, size)
