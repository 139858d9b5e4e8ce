"""Cysts, lesions, inclusions and wires."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fields import Array, SmoothCurve
from .scene import QUIET_DB, Scene, decibel


@dataclass
class Blob:
    """A cyst, a lesion or a bright inclusion with a sharp or a soft border."""

    center: tuple[float, float]
    radii: tuple[float, float]
    angle: float
    level: float
    soft: float
    attenuation: float
    ripple: SmoothCurve

    @classmethod
    def random(cls, rng: np.random.Generator, size: tuple[float, float]) -> Blob:
        """Draw one inside a field of view of `size` (depth, width) mm."""
        kind = rng.choice(["cyst", "dark", "bright", "faint"])
        level = {"cyst": rng.uniform(-55, -25), "dark": rng.uniform(-16, -5), "bright": rng.uniform(4, 14)}.get(
            str(kind), rng.uniform(-4, 4)
        )
        radius = float(rng.uniform(0.8, 6))
        return cls(
            center=(float(rng.uniform(0.1, 0.95) * size[0]), float(rng.uniform(-0.5, 0.5) * size[1])),
            radii=(radius * float(rng.uniform(0.5, 1)), radius),
            angle=float(rng.uniform(0, np.pi)),
            level=float(level),
            soft=float(rng.choice([0.05, 0.2, 0.8])),
            attenuation=-0.8 if kind == "cyst" else float(rng.uniform(-0.2, 1.2)),
            ripple=SmoothCurve(rng, float(rng.uniform(0, 0.15)), 2 * np.pi),
        )

    def draw(self, scene: Scene, depth: Array, width: Array, time: float) -> None:
        """Draw over the scene."""
        v, u = depth - self.center[0], width - self.center[1] - 2 * time
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        a, b = (cos * v - sin * u) / self.radii[0], (sin * v + cos * u) / self.radii[1]
        rho = np.sqrt(a * a + b * b) + self.ripple(np.arctan2(a, b), 0.0)
        inside = np.clip((1 - rho) * min(self.radii) / self.soft + 0.5, 0, 1)
        scene.diffuse_db += inside * self.level
        scene.attenuation += inside * (self.attenuation - scene.attenuation)
        scene.specular_db[inside > 0.5] = QUIET_DB


@dataclass
class Wire:
    """A point target."""

    center: tuple[float, float]
    level: float

    @classmethod
    def random(cls, rng: np.random.Generator, size: tuple[float, float]) -> Wire:
        """Draw one inside a field of view of `size` (depth, width) mm."""
        place = (float(rng.uniform(0.1, 0.95) * size[0]), float(rng.uniform(-0.45, 0.45) * size[1]))
        return cls(place, float(rng.uniform(8, 25)))

    def draw(self, scene: Scene, depth: Array, width: Array) -> None:
        """Draw over the scene."""
        distance = np.hypot(depth - self.center[0], width - self.center[1])
        scene.specular_db[...] = np.maximum(scene.specular_db, decibel(np.exp(-((distance / 0.12) ** 2)), self.level))
