"""Smooth random fields and curves that anatomy is drawn with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array = NDArray[np.float32]

TILE = 128


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
        tiles = rng.standard_normal((2, TILE, TILE)).astype(np.float32)
        smooth = ndimage.gaussian_filter(tiles, (0, 1.0, 1.0), mode="wrap")
        self._tiles = smooth / smooth.std()
        self._offset = rng.uniform(0, TILE, 2)
        self._size = size_mm
        self._cos, self._sin = float(np.cos(angle)), float(np.sin(angle))

    def __call__(self, depth: Array, width: Array, time: float = 0.0) -> Array:
        """Sample at positions in mm; `time` (in periods of a full turnover) morphs the field without a jump."""
        rows = (self._cos * depth - self._sin * width) / self._size[0] * 2 + self._offset[0]
        columns = (self._sin * depth + self._cos * width) / self._size[1] * 2 + self._offset[1]
        tile = np.cos(time) * self._tiles[0] + np.sin(time) * self._tiles[1]
        sampled: Array = ndimage.map_coordinates(
            tile, [rows, columns], order=1, mode="grid-wrap", output=np.float32, prefilter=False
        )
        return sampled


class SmoothCurve:
    """A smooth random function of one position: a sum of a few sines."""

    def __init__(self, rng: np.random.Generator, amplitude: float, length_mm: float, terms: int = 3) -> None:
        self._amplitudes = amplitude * rng.uniform(0.3, 1.0, terms) / np.arange(1, terms + 1)
        self._frequencies = 2 * np.pi / length_mm * np.arange(1, terms + 1) * rng.uniform(0.7, 1.3, terms)
        self._phases = rng.uniform(0, 2 * np.pi, terms)
        self._drift = rng.uniform(-1, 1, terms)

    def __call__(self, position: Array, time: float = 0.0) -> Array:
        """Values at positions in mm; `time` shifts the phases."""
        angles = position[..., None] * self._frequencies + self._phases + time * self._drift
        return np.asarray((np.sin(angles) * self._amplitudes).sum(-1), np.float32)
