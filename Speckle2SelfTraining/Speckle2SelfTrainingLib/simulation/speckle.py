"""Scatterers and noise of a sweep, any frame of which can be drawn without the ones before it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .fields import Array
from .imaging import Complex

SCATTERERS, NOISE = 1, 2


class SpeckleSource:
    """Scatterers that change slowly from frame to frame, as between neighboring planes of a sweep.

    Independent planes of scatterers lie at equal distances along the sweep. A frame between two of them mixes both,
    at constant power, so neighboring frames share scatterers and distant ones do not.

    Parameters
    ----------
    seed : int
        Equal seeds give equal numbers, in whatever order frames are asked for.
    shape : (int, int)
        Shape of the scatterers of one look.
    noise_shape : (int, int)
        Shape of the electronic noise.
    correlation : float
        Correlation of the scatterers of neighboring frames, 0 to 1.
    """

    def __init__(self, seed: int, shape: tuple[int, int], noise_shape: tuple[int, int], correlation: float) -> None:
        self._seed, self._shape, self._noise_shape = seed, shape, noise_shape
        self._pitch = float(np.arccos(np.clip(correlation, 0, 1)) / (np.pi / 2))
        self._plane = lru_cache(maxsize=6)(self._draw_plane)

    def scatterers(self, frame: int, look: int) -> Array:
        """Return standard normal amplitudes, float32, shape `shape`."""
        first, share = divmod(frame * self._pitch, 1.0)
        plane = self._plane(look, int(first))
        if share < 1e-6:
            return plane
        angle = share * np.pi / 2
        return plane * np.float32(np.cos(angle)) + self._plane(look, int(first) + 1) * np.float32(np.sin(angle))

    def noise(self, frame: int, look: int) -> Complex:
        """Return circular standard normal noise of variance 1, complex64, new in every frame."""
        draw = self._generator(NOISE, look, frame).standard_normal((*self._noise_shape, 2), dtype=np.float32)
        draw *= np.float32(np.sqrt(0.5))
        return np.asarray(draw.view(np.complex64)[..., 0])

    def _draw_plane(self, look: int, plane: int) -> Array:
        return self._generator(SCATTERERS, look, plane).standard_normal(self._shape, dtype=np.float32)

    def _generator(self, *key: int) -> np.random.Generator:
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence((self._seed, *key))))

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        correlation = float(np.cos(self._pitch * np.pi / 2))
        return type(self), (self._seed, self._shape, self._noise_shape, correlation)
