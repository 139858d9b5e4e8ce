"""How much of the boundaries is left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .frames import Gray, Mask

EDGE_SHARE = 0.05
EDGE_SIGMA = 3.0


def edges_kept(frame: Gray, original: Gray, sigma: float = EDGE_SIGMA) -> float:
    """Return how much of the gradient at the original's strongest edges is left.

    Sum of the Gaussian gradient magnitude of the output over that of the input, on the pixels where the input's
    gradient at sigma 3 is in its top 5 %, after scaling the output to the input's mean.

    Parameters
    ----------
    frame, original : arrays (H, W)
    sigma : float
        Scale of the compared gradients, pixels: 3 for boundaries, 1 for fine lines.

    Returns
    -------
    float
        1 for the input itself; NaN where either frame has no gradient or no brightness.
    """
    return Edges(original).kept(frame, sigma)


class Edges:
    """The strongest edges of a frame (H, W), found once for the many results that are compared with it."""

    def __init__(self, original: Gray) -> None:
        self._original = np.asarray(original, np.float64)
        coarse = _gradient(self._original, EDGE_SIGMA)
        self._edges: Mask = coarse >= np.quantile(coarse, 1 - EDGE_SHARE)
        self._there = {EDGE_SIGMA: float(coarse[self._edges].sum())}

    def kept(self, frame: Gray, sigma: float = EDGE_SIGMA) -> float:
        """Return the share of the edges that a frame (H, W) keeps; see :func:`edges_kept`."""
        if sigma not in self._there:
            self._there[sigma] = float(_gradient(self._original, sigma)[self._edges].sum())
        result = np.asarray(frame, np.float64)
        if result.mean() == 0 or self._there[sigma] == 0:
            return float("nan")
        scaled = result * (self._original.mean() / result.mean())
        return float(_gradient(scaled, sigma)[self._edges].sum() / self._there[sigma])


def _gradient(image: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    from scipy import ndimage

    return np.asarray(ndimage.gaussian_gradient_magnitude(image, sigma))
