"""Flat shapes: piecewise constant echogenicity with sharp borders, a phantom for measuring rather than for looking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fields import Array
from .scene import QUIET_DB, Scene
from .targets import Wire

LEVELS_DB = (-60.0, -40.0, -15.0, -9.0, -6.0, -3.0, 3.0, 6.0, 9.0, 12.0)
BORDER_MM = 0.08  # a border narrower than the sampling would be jagged


@dataclass(frozen=True)
class FlatShape:
    """One shape of a single level: an ellipse, or a convex polygon given by its sides.

    Parameters
    ----------
    center : (float, float)
        Depth and width, mm.
    radii : (float, float)
        Half axes of an ellipse, or distances of the sides of a polygon are scaled by them, mm.
    angle : float
        Rotation, radians.
    level : float
        Power against the background, dB.
    sides : tuple of float
        Directions of a polygon's sides, radians; empty for an ellipse.
    """

    center: tuple[float, float]
    radii: tuple[float, float]
    angle: float
    level: float
    sides: tuple[float, ...] = ()

    @classmethod
    def random(cls, rng: np.random.Generator, size: tuple[float, float]) -> FlatShape:
        """Draw a shape inside a field of view of `size` (depth, width) mm."""
        radius = float(rng.uniform(0.03, 0.16) * min(size))
        count = int(rng.choice([0, 0, 3, 4, 4, 5, 6]))
        turns = 2 * np.pi * (np.arange(count) + rng.uniform(-0.15, 0.15, count)) / max(count, 1)
        return cls(
            center=(float(rng.uniform(0.08, 0.92) * size[0]), float(rng.uniform(-0.45, 0.45) * size[1])),
            radii=(radius, radius * float(rng.uniform(0.4, 1.0))),
            angle=float(rng.uniform(0, 2 * np.pi)),
            level=float(rng.choice(LEVELS_DB)),
            sides=tuple(float(turn) for turn in turns),
        )

    def inside(self, depth: Array, width: Array) -> Array:
        """Return 1 inside, 0 outside, with a ramp at the border."""
        v, u = depth - np.float32(self.center[0]), width - np.float32(self.center[1])
        cos, sin = np.float32(np.cos(self.angle)), np.float32(np.sin(self.angle))
        a, b = (cos * v - sin * u) / np.float32(self.radii[0]), (sin * v + cos * u) / np.float32(self.radii[1])
        if self.sides:
            reach = np.max([np.float32(np.cos(t)) * a + np.float32(np.sin(t)) * b for t in self.sides], axis=0)
        else:
            reach = np.sqrt(a * a + b * b)
        return np.asarray(np.clip((1 - reach) * np.float32(min(self.radii) / BORDER_MM) + np.float32(0.5), 0, 1))


class FlatShapes:
    """A uniform background with flat shapes, one round vessel and sometimes wires; it drifts sideways in a sweep."""

    def __init__(self, rng: np.random.Generator, size: tuple[float, float]) -> None:
        self._shapes = [FlatShape.random(rng, size) for _ in range(int(rng.integers(5, 12)))]
        radius = float(rng.uniform(0.06, 0.11) * min(size))
        middle = (float(rng.uniform(0.3, 0.7) * size[0]), float(rng.uniform(-0.3, 0.3) * size[1]))
        self._vessel = FlatShape(middle, (radius, radius * float(rng.uniform(0.9, 1.1))), 0.0, QUIET_DB)
        self._wires = [Wire.random(rng, size) for _ in range(int(rng.choice([0, 2, 4])))]
        self._background = float(rng.uniform(-6, 2))

    def sample(self, depth: Array, width: Array, time: float = 0.0) -> Scene:
        """Return the scene at positions in mm."""
        moved = np.asarray(width - 4 * time, np.float32)
        diffuse = np.full(depth.shape, self._background, np.float32)
        for shape in self._shapes:
            level = np.float32(self._background + shape.level)
            diffuse += shape.inside(depth, moved) * (level - diffuse)
        lumen = self._vessel.inside(depth, moved)
        diffuse += lumen * (np.float32(QUIET_DB) - diffuse)
        scene = Scene(diffuse, np.full_like(diffuse, QUIET_DB), np.zeros_like(diffuse), lumen > 0.5)
        for wire in self._wires:
            wire.draw(scene, depth, moved)
        return scene
