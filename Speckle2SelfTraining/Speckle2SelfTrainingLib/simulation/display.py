"""From received power to gray levels: log compression, gray map, quantization - for the picture and for its truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from .fields import Array

SHARES, QUANTILES, LEVELS = 17, 64, 1024
SILENCE = np.float32(1e-12)


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
        gray = (power_db - np.float32(self.top_db)) / np.float32(self.dynamic_range) + np.float32(1)
        np.clip(gray, 0, 1, out=gray)
        return gray if self.curve == 1 else np.power(gray, np.float32(self.curve), out=gray)

    def expected(self, mean_db: Array, speckle_share: Array) -> Array:
        """Return the mean gray that speckle of this mean power would show.

        Fully developed speckle has exponentially distributed power, whose logarithm lies 2.51 dB below the logarithm
        of the mean; clipping to black and the gray map shift the mean further. Coherent reflectors
        (`speckle_share` 0) show their own power, and what lies between follows the Rice distribution.
        """
        table = _expected_table(self)
        low, high = _table_range(self)
        rows = np.clip(speckle_share * np.float32(SHARES - 1), 0, SHARES - 1)
        columns = (mean_db - np.float32(low)) * np.float32((LEVELS - 1) / (high - low))
        np.clip(columns, 0, LEVELS - 1, out=columns)
        row = np.minimum(rows.astype(np.int32), SHARES - 2)
        column = np.minimum(columns.astype(np.int32), LEVELS - 2)
        rows -= row
        columns -= column
        corner = row * LEVELS + column
        upper = table[corner] * (1 - columns) + table[corner + 1] * columns
        lower = table[corner + LEVELS] * (1 - columns) + table[corner + (LEVELS + 1)] * columns
        return np.asarray(upper * (1 - rows) + lower * rows, np.float32)


def _table_range(gray_map: GrayMap) -> tuple[float, float]:
    return gray_map.top_db - gray_map.dynamic_range - 40, gray_map.top_db + 20


@cache
def _expected_table(gray_map: GrayMap) -> Array:
    """Mean gray by share of speckle and mean power, flat, (SHARES * LEVELS,)."""
    levels = np.linspace(*_table_range(gray_map), LEVELS, dtype=np.float32)
    table = [gray_map(levels[:, None] + fluctuation).mean(axis=1) for fluctuation in rice_fluctuations()]
    return np.asarray(np.stack(table).ravel(), np.float32)


@cache
def rice_fluctuations() -> Array:
    """Quantiles (dB around the mean power) of a constant field plus speckle, by share of speckle, (SHARES, QUANTILES).

    Equal probability lies in every quantile; the share runs from 0 (constant) to 1 (exponential distribution).
    """
    probability = (np.arange(512) + 0.5) / 512
    speckle = -np.log1p(-probability)[:, None]
    phase = np.cos(np.pi * (np.arange(32) + 0.5) / 32)
    quantiles = []
    for share in np.linspace(0, 1, SHARES):
        power = (1 - share) + share * speckle + 2 * np.sqrt(share * (1 - share) * speckle) * phase
        decibels = np.sort(10 * np.log10(np.maximum(power, 1e-9)).ravel())
        quantiles.append(decibels.reshape(QUANTILES, -1).mean(axis=1))
    return np.asarray(quantiles, np.float32)


def to_db(power: Array) -> Array:
    """Return a power in dB, at least -120."""
    decibels: Array = np.maximum(power, SILENCE)
    np.log10(decibels, out=decibels)
    decibels *= np.float32(10)
    return decibels


def quantize(gray: Array) -> np.ndarray:
    """Return gray in [0, 1] as 8-bit levels."""
    return np.asarray(np.rint(np.clip(gray, 0, 1) * np.float32(255)), np.uint8)


def export_size(frame: np.ndarray, size: tuple[int, int]) -> Array:
    """Re-sample a picture bilinearly without anti-aliasing, as displays, screen shots and video exports do.

    Made smaller this way, speckle becomes as fine as one pixel, while its contrast stays. The same step keeps a truth
    true: it is linear, so the mean of many exported pictures is the exported mean.

    Parameters
    ----------
    frame : array, shape (H, W)
    size : (int, int)
        Rows and columns of the result.

    Returns
    -------
    float32 array, shape `size`
    """
    field = np.asarray(frame, np.float32)
    for axis, length in enumerate(size):
        field = _resample(field, length, axis)
    return field


def _resample(field: Array, length: int, axis: int) -> Array:
    given = field.shape[axis]
    place = np.clip((np.arange(length) + 0.5) * (given / length) - 0.5, 0, given - 1)
    first = np.minimum(place.astype(np.intp), max(given - 2, 0))
    share = np.asarray(place - first, np.float32)
    share = share[:, None] if axis == 0 else share
    second = np.minimum(first + 1, given - 1)
    return np.asarray(field.take(first, axis) * (1 - share) + field.take(second, axis) * share, np.float32)
