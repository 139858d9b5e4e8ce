"""Arteries and veins: lumen, wall layers, shadow and enhancement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fields import Array, SmoothCurve
from .scene import QUIET_DB, Scene, decibel


@dataclass
class Vessel:
    """A vessel seen across (ellipse) or along (a tube): intima, media, adventitia and a quiet lumen."""

    center: tuple[float, float]
    radii: tuple[float, float]
    longitudinal: bool
    wall: float
    lumen_db: float
    wall_db: float
    path: SmoothCurve
    pulse: float
    shadow_db: float

    @classmethod
    def random(cls, rng: np.random.Generator, size: tuple[float, float], longitudinal: bool, vein: bool) -> Vessel:
        """Draw an artery (or a thin-walled, flatter vein) inside a field of view of `size` (depth, width) mm."""
        depth, width = size
        radius = float(rng.uniform(2.2, 4.2))
        flat = float(rng.uniform(0.35, 0.8)) if vein else float(rng.uniform(0.85, 1.05))
        return cls(
            center=(float(rng.uniform(0.3, 0.75) * depth), float(rng.uniform(-0.38, 0.38) * width)),
            radii=(radius * flat, radius * float(rng.uniform(0.95, 1.2))),
            longitudinal=longitudinal,
            wall=float(rng.uniform(0.25, 0.5) if vein else rng.uniform(0.6, 1.3)),
            lumen_db=float(rng.uniform(-62, -28)),
            wall_db=float(rng.uniform(-2, 14)),
            path=SmoothCurve(rng, 0.8 if longitudinal else 1.2, 60.0),
            pulse=float(rng.uniform(0.0, 0.06)),
            shadow_db=float(rng.uniform(0, 9)),
        )

    def place(self, depth: Array, width: Array, time: float) -> tuple[Array, Array]:
        """Return the signed distance (mm) to the lumen border (negative inside) and how level the wall is, 0 to 1."""
        beat = 1 + self.pulse * np.sin(9 * time)
        if self.longitudinal:
            middle = self.center[0] + self.path(width, time)
            offset = depth - middle
            return np.asarray(np.abs(offset) - self.radii[0] * beat, np.float32), np.ones_like(depth)
        drift = self.path(np.array([0.0, 20.0], np.float32), time)
        v = (depth - self.center[0] - drift[0]) / (self.radii[0] * beat)
        u = (width - self.center[1] - drift[1]) / (self.radii[1] * beat)
        rho = np.sqrt(u * u + v * v) + 1e-6
        gradient = np.sqrt((v / self.radii[0]) ** 2 + (u / self.radii[1]) ** 2) / rho + 1e-6
        return np.asarray((rho - 1) / gradient, np.float32), np.asarray(np.abs(v) / rho, np.float32)


def draw_vessel(scene: Scene, vessel: Vessel, depth: Array, width: Array, time: float, *, artery: bool) -> None:
    """Draw a vessel over the scene: quiet lumen, bright intima line where the wall lies level, media, adventitia."""
    distance, level_wall = vessel.place(depth, width, time)
    inside = np.clip(0.5 - distance / 0.1, 0, 1)
    wall = np.exp(-(((distance - 0.7 * vessel.wall) / (0.45 * vessel.wall)) ** 2))
    media = np.exp(-(((distance - 0.3 * vessel.wall) / (0.2 * vessel.wall)) ** 2))
    scene.diffuse_db += wall * (vessel.wall_db * (0.35 + 0.65 * level_wall)) - 5 * media
    scene.diffuse_db += inside * (vessel.lumen_db - scene.diffuse_db)
    covered = distance < 0.8 * vessel.wall
    scene.specular_db[covered] = QUIET_DB
    intima = np.exp(-((distance / 0.1) ** 2)) * level_wall**4
    scene.specular_db[...] = np.maximum(scene.specular_db, decibel(intima, vessel.wall_db - 4))
    adventitia = np.exp(-(((distance - vessel.wall) / 0.18) ** 2)) * level_wall**2
    scene.specular_db[...] = np.maximum(scene.specular_db, decibel(adventitia, vessel.wall_db + 4))
    scene.attenuation += inside * (-0.8 - scene.attenuation)
    if not vessel.longitudinal and vessel.shadow_db:
        scene.attenuation += edge_shadow(distance, level_wall) * vessel.shadow_db
    if artery:
        scene.lumen |= distance < 0


def edge_shadow(distance: Array, level_wall: Array) -> Array:
    """Extra attenuation per mm where the beam grazes a wall (refraction), so that a narrow shadow falls behind it."""
    return np.asarray(np.exp(-((distance / 0.3) ** 2)) * np.clip(1 - level_wall, 0, 1) ** 3 * 0.8, np.float32)
