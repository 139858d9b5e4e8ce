"""Arteries and veins: lumen, wall layers, shadow and enhancement."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .fields import Array, SmoothCurve
from .scene import QUIET_DB, Scene, decibel


@dataclass
class Vessel:
    """A vessel seen across (ellipse) or along (a tube): intima, media, adventitia and a quiet lumen.

    Parameters
    ----------
    center : (float, float)
        Depth and width, mm.
    radii : (float, float)
        Half axes of the lumen along depth and width, mm.
    longitudinal : bool
    wall : float
        Thickness of the wall, mm.
    lumen_db, wall_db : float
        Power of the blood, and of the wall on top of the tissue, dB.
    ring : float
        How much of the wall shows where it runs along the beam, 0 to 1.
    path : SmoothCurve
        Course along the width (longitudinal) or drift along the sweep.
    pulse : float
        Relative change of the radius with the heart beat.
    shadow_db : float
        Strength of the refraction shadow of the sides.
    enhancement : float
        dB per mm that the tissue behind gains, because blood attenuates less than the time gain assumes.
    haze_db : float
        Reverberation of the near wall inside the lumen, dB above the blood.
    """

    center: tuple[float, float]
    radii: tuple[float, float]
    longitudinal: bool
    wall: float
    lumen_db: float
    wall_db: float
    ring: float
    path: SmoothCurve
    pulse: float
    shadow_db: float
    enhancement: float
    haze_db: float

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
            ring=float(rng.uniform(0.0, 0.5)),
            path=SmoothCurve(rng, 0.8 if longitudinal else 1.2, 60.0),
            pulse=float(rng.uniform(0.0, 0.06)),
            shadow_db=float(rng.uniform(0, 5)),
            enhancement=float(rng.uniform(0.3, 1.2)),
            haze_db=float(rng.uniform(0, 25)),
        )

    def moved(self, center: tuple[float, float], radius: float) -> Vessel:
        """Return the same vessel at another place with another mean radius, mm."""
        mean = float(np.sqrt(self.radii[0] * self.radii[1]))
        return replace(self, center=center, radii=(self.radii[0] / mean * radius, self.radii[1] / mean * radius))

    def place(self, depth: Array, width: Array, time: float) -> tuple[Array, Array]:
        """Return the signed distance (mm) to the lumen border (negative inside) and how level the wall is, 0 to 1."""
        beat = np.float32(1 + self.pulse * np.sin(9 * time))
        if self.longitudinal:
            offset = depth - np.float32(self.center[0]) - self.path(width, time)
            return np.asarray(np.abs(offset) - np.float32(self.radii[0]) * beat, np.float32), np.ones_like(depth)
        # The drift starts from the given center, so that parts placed beside the vessel stay beside it.
        drift = self.path(np.array([0.0, 20.0], np.float32), time) - self.path(np.array([0.0, 20.0], np.float32), 0.0)
        down, right = (np.float32(radius) for radius in self.radii)
        v = (depth - np.float32(self.center[0]) - drift[0]) / (down * beat)
        u = (width - np.float32(self.center[1]) - drift[1]) / (right * beat)
        rho = np.sqrt(u * u + v * v) + np.float32(1e-6)
        gradient = np.sqrt((v / down) ** 2 + (u / right) ** 2) / rho + np.float32(1e-6)
        return np.asarray((rho - 1) / gradient, np.float32), np.asarray(np.abs(v) / rho, np.float32)


def draw_vessel(scene: Scene, vessel: Vessel, depth: Array, width: Array, time: float, *, artery: bool) -> None:
    """Draw a vessel over the scene: quiet lumen, bright intima line where the wall lies level, media, adventitia."""
    distance, level_wall = vessel.place(depth, width, time)
    inside = np.clip(0.5 - distance / np.float32(0.1), 0, 1)
    wall = np.exp(-(((distance - 0.7 * vessel.wall) / (0.45 * vessel.wall)) ** 2))
    media = np.exp(-(((distance - 0.3 * vessel.wall) / (0.2 * vessel.wall)) ** 2))
    shown = vessel.ring + (1 - vessel.ring) * level_wall**2
    scene.diffuse_db += wall * (vessel.wall_db * shown) - 5 * media
    upper = np.clip((vessel.center[0] - depth) / np.float32(vessel.radii[0]), 0, 1)
    near = np.exp(np.minimum(distance, 0) / np.float32(0.8)) * upper
    blood = vessel.lumen_db + vessel.haze_db * near
    scene.diffuse_db += inside * (blood - scene.diffuse_db)
    covered = distance < 0.8 * vessel.wall
    scene.specular_db[covered] = QUIET_DB
    intima = np.exp(-((distance / 0.1) ** 2)) * level_wall**6
    scene.specular_db[...] = np.maximum(scene.specular_db, decibel(intima, vessel.wall_db - 4))
    adventitia = np.exp(-(((distance - vessel.wall) / 0.18) ** 2)) * level_wall**4
    scene.specular_db[...] = np.maximum(scene.specular_db, decibel(adventitia, vessel.wall_db + 4))
    scene.attenuation += inside * (-vessel.enhancement - scene.attenuation)
    if not vessel.longitudinal and vessel.shadow_db:
        scene.attenuation += edge_shadow(distance, level_wall) * vessel.shadow_db
    if artery:
        scene.lumen |= distance < 0


def edge_shadow(distance: Array, level_wall: Array) -> Array:
    """Extra attenuation per mm where the beam grazes a wall (refraction), so that a narrow shadow falls behind it."""
    return np.asarray(np.exp(-((distance / 0.3) ** 2)) * np.clip(1 - level_wall, 0, 1) ** 3 * 0.8, np.float32)
