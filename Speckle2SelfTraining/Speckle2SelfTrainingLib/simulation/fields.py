"""Smooth random fields and curves that anatomy is drawn with."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Array = NDArray[np.float32]
Values = NDArray[Any]  # real numbers of any width

DRAWN = 128  # random numbers along each side of a tile
FINER = 2  # samples of the smooth tile per random number, so that straight interpolation shows no facets
TILE = DRAWN * FINER
BITS = TILE.bit_length() - 1


class NoiseField:
    """A smooth random function of position: mean 0, standard deviation about 1.

    Parameters
    ----------
    rng : numpy.random.Generator
    size_mm : (float, float)
        Correlation length along depth and width, in mm.
    angle : float
        Rotation of the two lengths, in radians.
    """

    def __init__(self, rng: np.random.Generator, size_mm: tuple[float, float], angle: float = 0.0) -> None:
        spectrum = fft.rfft2(rng.standard_normal((2, DRAWN, DRAWN)).astype(np.float32)) * _low_pass()
        half = DRAWN // 2
        finer = np.zeros((2, TILE, TILE // 2 + 1), np.complex64)
        finer[:, :half, : half + 1] = spectrum[:, :half]
        finer[:, -half:, : half + 1] = spectrum[:, -half:]
        smooth = fft.irfft2(finer, s=(TILE, TILE))
        self._tiles = np.asarray(smooth / smooth.std(), np.float32)
        self._offset = rng.uniform(0, DRAWN, 2) * FINER
        self._cells = [2 * FINER / length for length in size_mm]  # a correlation length is two random numbers
        self._cos, self._sin = float(np.cos(angle)), float(np.sin(angle))

    def __call__(self, depth: Array, width: Array, time: float = 0.0) -> Array:
        """Sample at positions in mm; `time` (in radians of a turnover) morphs the field without a jump."""
        down, right = self._cells
        rows = _plane(depth, width, down * self._cos, -down * self._sin, self._offset[0])
        columns = _plane(depth, width, right * self._sin, right * self._cos, self._offset[1])
        tile = np.float32(np.cos(time)) * self._tiles[0] + np.float32(np.sin(time)) * self._tiles[1]
        return _interpolate(tile, rows, columns)


@cache
def _low_pass() -> Array:
    """Gaussian of one random number's standard deviation, as a gain."""
    rows, columns = np.fft.fftfreq(DRAWN)[:, None], np.fft.rfftfreq(DRAWN)
    return np.asarray(np.exp(-2 * np.pi**2 * (rows**2 + columns**2)), np.float32)


def _plane(depth: Array, width: Array, along: float, across: float, offset: float) -> Array:
    position = depth * np.float32(along)
    if across:
        position += width * np.float32(across)
    position += np.float32(offset)
    return position


def _interpolate(tile: Array, rows: Array, columns: Array) -> Array:
    """Bilinear interpolation in an endless repetition of the tile; overwrites the positions.

    The four coefficients of every cell lie side by side, so that each position costs one access to memory.
    """
    below, right = np.roll(tile, -1, 0), np.roll(tile, -1, 1)
    cells = np.stack([tile, below - tile, right - tile, np.roll(below, -1, 1) - below - right + tile], axis=-1)
    first, second = np.floor(rows), np.floor(columns)
    rows -= first
    columns -= second
    index = first.astype(np.int32) & (TILE - 1)
    index <<= BITS
    index |= second.astype(np.int32) & (TILE - 1)
    found = cells.reshape(-1, 4).take(index, axis=0)
    value: Array = found[..., 3] * columns
    value += found[..., 1]
    value *= rows
    columns *= found[..., 2]
    value += columns
    value += found[..., 0]
    return value


class SmoothCurve:
    """A smooth random function of one position: a sum of a few sines."""

    def __init__(self, rng: np.random.Generator, amplitude: float, length_mm: float, terms: int = 3) -> None:
        self._amplitudes = amplitude * rng.uniform(0.3, 1.0, terms) / np.arange(1, terms + 1)
        self._frequencies = 2 * np.pi / length_mm * np.arange(1, terms + 1) * rng.uniform(0.7, 1.3, terms)
        self._phases = rng.uniform(0, 2 * np.pi, terms)
        self._drift = rng.uniform(-1, 1, terms)

    def __call__(self, position: Array, time: float = 0.0) -> Array:
        """Values at positions in mm; `time` shifts the phases."""
        value = np.zeros(np.shape(position), np.float32)
        for amplitude, frequency, phase, drift in zip(
            self._amplitudes, self._frequencies, self._phases, self._drift, strict=True
        ):
            value += np.float32(amplitude) * np.sin(position * np.float32(frequency) + np.float32(phase + time * drift))
        return value
