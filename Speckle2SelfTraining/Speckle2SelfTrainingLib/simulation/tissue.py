"""Soft tissue with its texture, streaks and interfaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fields import Array, NoiseField
from .scene import decibel


@dataclass
class Tissue:
    """One region of soft tissue: a mean level, slow drift and fine texture, with or without fibers."""

    level: float
    drift: NoiseField
    texture: NoiseField
    texture_db: float
    drift_db: float

    @classmethod
    def random(cls, rng: np.random.Generator, level: float, fibrous: bool) -> Tissue:
        """Draw a tissue of the given mean level (dB); fibrous tissue has elongated texture."""
        angle = float(rng.normal(0, 0.25))
        fine = float(rng.uniform(0.4, 1.2))
        size = (fine, fine * float(rng.uniform(3, 9))) if fibrous else (fine, fine * float(rng.uniform(1, 1.8)))
        return cls(
            level=level,
            drift=NoiseField(rng, (float(rng.uniform(4, 12)), float(rng.uniform(6, 20)))),
            texture=NoiseField(rng, size, angle),
            texture_db=float(rng.choice([0.0, 0.0, 0.5, 1.0, 2.0, 4.0]) if not fibrous else rng.uniform(0.3, 3.5)),
            drift_db=float(rng.uniform(0.3, 4)),
        )

    def __call__(self, depth: Array, width: Array, time: float) -> Array:
        """Return the level in dB."""
        level = self.level + self.drift_db * self.drift(depth, width, time)
        if self.texture_db:
            level = level + self.texture_db * self.texture(depth, width, 2 * time)
        return np.asarray(level, np.float32)


class Streaks:
    """Thin bright interfaces scattered in a tissue: zero lines of an elongated noise field, broken at random."""

    def __init__(self, rng: np.random.Generator, level: float) -> None:
        length = float(rng.uniform(3, 10))
        angle = float(rng.normal(0, 0.2))
        self._lines = NoiseField(rng, (float(rng.uniform(1.0, 3.0)), length), angle)
        self._breaks = NoiseField(rng, (float(rng.uniform(1.0, 3.0)), float(rng.uniform(1.5, 5))), angle)
        self._threshold = float(rng.uniform(0.3, 1.5))
        self._level = level
        self._thickness = float(rng.uniform(0.03, 0.10))

    def __call__(self, depth: Array, width: Array, time: float) -> Array:
        """Return power in dB, ``QUIET_DB`` between the lines."""
        line = np.exp(-((self._lines(depth, width, time) / self._thickness) ** 2))
        present = np.clip((self._breaks(depth, width, time) - self._threshold) * 3, 0, 1)
        return decibel(line * present, self._level)


@dataclass
class Interface:
    """A bright line along a curve, for example a fascia: thin, coherent, of varying strength."""

    level: float
    thickness: float
    strength: NoiseField

    @classmethod
    def random(cls, rng: np.random.Generator, level: float) -> Interface:
        """Draw an interface whose mean power is `level` dB."""
        return cls(level, float(rng.uniform(0.06, 0.22)), NoiseField(rng, (5.0, float(rng.uniform(2, 8)))))

    def __call__(self, distance: Array, depth: Array, width: Array, time: float) -> Array:
        """Return power in dB from the signed distance (mm) to the curve."""
        line = np.exp(-((distance / self.thickness) ** 2))
        return decibel(line, self.level + 7 * self.strength(depth, width, time))
