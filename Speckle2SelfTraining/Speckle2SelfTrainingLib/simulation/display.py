"""From received power to gray levels: log compression, gray map, quantization - for the picture and for its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .fields import Array
from .imaging import Echo

SHARES = np.linspace(0, 1, 9)


@dataclass(frozen=True)
class GrayMap:
    """Log compression and gray map of a machine.

    Parameters
    ----------
    top_db : float
        Power shown as white, dB.
    dynamic_range : float
        dB between black and white.
    curve : float
        Exponent of the gray map after the compression; 1 is linear in dB.
    """

    top_db: float
    dynamic_range: float
    curve: float = 1.0

    def __call__(self, power_db: Array) -> Array:
        """Return gray in [0, 1] of a power in dB."""
        gray = np.clip((power_db - self.top_db) / self.dynamic_range + 1, 0, 1)
        return np.asarray(gray**self.curve, np.float32)

    def expected(self, mean_db: Array, speckle_share: Array) -> Array:
        """Return the mean gray that speckle of this mean power would show.

        Fully developed speckle has exponentially distributed power, whose logarithm lies 2.51 dB below the logarithm
        of the mean; clipping to black and the gray map shift the mean further. Coherent reflectors
        (`speckle_share` 0) show their own power.
        """
        quantiles = (np.arange(64) + 0.5) / 64
        fluctuation = 10 * np.log10(-np.log1p(-quantiles))
        low, high, count = self.top_db - self.dynamic_range - 40, self.top_db + 20, 512
        levels = np.linspace(low, high, count)
        table = np.stack([self(levels[:, None] + share * fluctuation).mean(1) for share in SHARES])
        rows = speckle_share * (len(SHARES) - 1)
        columns = (np.clip(mean_db, low, high) - low) / (high - low) * (count - 1)
        gray: Array = ndimage.map_coordinates(table, [rows, columns], order=1, mode="nearest", output=np.float32)
        return gray


def to_gray(echo: Echo, gray_map: GrayMap) -> tuple[Array, Array]:
    """Return the speckled picture and its truth, both float32 in [0, 1]."""
    picture = gray_map(10 * np.log10(np.maximum(echo.power, 1e-12)))
    truth = gray_map.expected(10 * np.log10(np.maximum(echo.mean_power, 1e-12)), echo.speckle_share)
    return picture, truth


def quantize(gray: Array) -> np.ndarray:
    """Return gray in [0, 1] as 8-bit levels."""
    return np.asarray(np.rint(np.clip(gray, 0, 1) * 255), np.uint8)
