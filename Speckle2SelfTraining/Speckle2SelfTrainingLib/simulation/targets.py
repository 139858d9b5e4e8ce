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


WIRE_MM2 = 0.045  # area of a reflector whose `level` is the power of its center


@dataclass
class Wire:
    """A coherent point reflector.

    Parameters
    ----------
    center : (float, float)
        Depth and width, mm.
    level : float
        Power that it would have if it filled ``WIRE_MM2``, dB; what is seen depends on the point-spread function.
    """

    center: tuple[float, float]
    level: float

    @classmethod
    def random(cls, rng: np.random.Generator, size: tuple[float, float]) -> Wire:
        """Draw one inside a field of view of `size` (depth, width) mm."""
        place = (float(rng.uniform(0.1, 0.95) * size[0]), float(rng.uniform(-0.45, 0.45) * size[1]))
        return cls(place, float(rng.uniform(12, 38)))

    def draw(self, scene: Scene, depth: Array, width: Array) -> None:
        """Draw over the scene: one impulse, shared by the samples around it, that is as strong on any grid."""
        down, across = depth - np.float32(self.center[0]), width - np.float32(self.center[1])
        row, column = np.unravel_index(int(np.argmin(down * down + across * across)), depth.shape)
        if not (0 < row < depth.shape[0] - 1 and 0 < column < depth.shape[1] - 1):
            return
        amplitude, parts = WIRE_MM2, []
        for step in ((1, 0), (0, 1)):
            neighbor = row + step[0], column + step[1]
            pitch = np.array([depth[neighbor] - depth[row, column], width[neighbor] - width[row, column]])
            offset = -float(down[row, column] * pitch[0] + across[row, column] * pitch[1]) / float(pitch @ pitch)
            parts.append(((0, 1 - abs(offset)), (1 if offset > 0 else -1, abs(offset))))
            amplitude /= float(np.hypot(*pitch))
        for vertical, above in parts[0]:
            for horizontal, beside in parts[1]:
                place = row + vertical, column + horizontal
                level = decibel(np.asarray(amplitude * above * beside, np.float32), self.level)
                scene.specular_db[place] = np.maximum(scene.specular_db[place], level)
