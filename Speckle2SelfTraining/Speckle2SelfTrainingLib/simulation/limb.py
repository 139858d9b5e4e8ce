"""A limb seen across or along its vessels: skin, fat, pennate muscle, nerve, bone and a diseased artery."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .fields import Array, NoiseField, SmoothCurve
from .scene import QUIET_DB, Scene, decibel


@dataclass(frozen=True)
class _Tube:
    """An artery or vein: where its axis lies and how thick its wall is; lengths in units of the field's depth."""

    center: tuple[float, float]
    radii: tuple[float, float]
    wall: float
    lumen_db: float
    wall_db: float
    plaque_angle: float
    plaque: float
    plaque_db: float


class Limb:
    """One limb, drawn at random; deforms along a sweep.

    Parameters
    ----------
    rng : numpy.random.Generator
    size : (float, float)
        Depth and width of the field of view, mm; all lengths follow the depth.
    """

    def __init__(self, rng: np.random.Generator, size: tuple[float, float]) -> None:
        self._unit = unit = size[0] / 40
        self._along = bool(rng.random() < 0.35)
        self._skin = float(rng.uniform(1.0, 1.8)) * unit
        self._fat = float(rng.uniform(3, 8)) * unit
        self._fascia = SmoothCurve(rng, float(rng.uniform(0.2, 0.9)) * unit, 45.0 * unit)
        self._split = SmoothCurve(rng, float(rng.uniform(0.5, 1.6)) * unit, 55.0 * unit)
        self._split_depth = float(rng.uniform(0.34, 0.48)) * size[0]
        self._bone_depth = float(rng.uniform(0.8, 1.05)) * size[0]
        self._bone_center = float(rng.uniform(-0.3, 0.3)) * size[1]
        self._warp = [NoiseField(rng, (14 * unit, 14 * unit)) for _ in range(2)]
        self._pennation = (float(rng.uniform(0.1, 0.35)), float(rng.uniform(-0.35, -0.1)))
        self._fibers = [NoiseField(rng, (0.55 * unit, 8 * unit), angle) for angle in self._pennation]
        self._lobules = NoiseField(rng, (1.6 * unit, 4.5 * unit))
        self._mottle = NoiseField(rng, (2.2 * unit, 2.6 * unit))
        self._levels = {
            "skin": float(rng.uniform(2, 9)),
            "fat": float(rng.uniform(-14, -7)),
            "muscle": float(rng.uniform(-13, -5)),
            "sheath": float(rng.uniform(-5, 3)),
        }
        self._tubes = self._draw_tubes(rng, size)

    def _draw_tubes(self, rng: np.random.Generator, size: tuple[float, float]) -> list[_Tube]:
        unit = self._unit
        middle = (float(rng.uniform(0.5, 0.66)) * size[0], float(rng.uniform(-0.2, 0.2)) * size[1])
        radius = float(rng.uniform(2.4, 4.2)) * unit
        side = float(rng.choice([-1, 1]))
        vein = float(rng.uniform(2.2, 4.0)) * unit
        beside = (middle[0] + float(rng.uniform(-2, 3)) * unit, middle[1] + side * (radius + vein + 2.0 * unit))
        tubes = [
            _Tube(
                middle,
                (radius, radius * float(rng.uniform(0.95, 1.1))),
                float(rng.uniform(0.7, 1.1)) * unit,
                float(rng.uniform(-60, -34)),
                float(rng.uniform(1, 8)),
                float(rng.uniform(0, 2 * np.pi)),
                float(rng.choice([0.0, 0.0, 0.25, 0.45])),
                float(rng.choice([-8.0, 2.0, 14.0])),
            )
        ]
        if not self._along:
            tubes.append(_Tube(beside, (vein * 0.6, vein), 0.35 * unit, tubes[0].lumen_db - 2, 0.0, 0.0, 0.0, 0.0))
        return tubes

    def sample(self, depth: Array, width: Array, time: float = 0.0) -> Scene:
        """Return the scene at positions in mm."""
        unit = self._unit
        v = np.asarray(depth + 0.35 * unit * self._warp[0](depth, width, 2 * time), np.float32)
        u = np.asarray(width + 0.35 * unit * self._warp[1](depth, width, 2 * time) - 6 * unit * time, np.float32)
        scene = self._layers(v, u, time)
        for index, tube in enumerate(self._tubes):
            self._draw_tube(scene, tube, v, u, time, artery=index == 0)
        self._draw_bone(scene, v, u)
        return scene

    def _layers(self, v: Array, u: Array, time: float) -> Scene:
        unit, levels = self._unit, self._levels
        fat_end = v - self._skin - self._fat - self._fascia(u[0], time)
        split = v - self._split_depth - self._split(u[0], time)
        upper = ramp(fat_end, 0.2 * unit)
        lower = ramp(split, 0.3 * unit)
        fat = levels["fat"] + 3 * self._lobules(v, u, time)
        fibers = [field(v, u, time) for field in self._fibers]
        muscle = levels["muscle"] + 2.5 * (fibers[0] * (1 - lower) + fibers[1] * lower)
        muscle += 1.5 * self._mottle(v, u, time)
        diffuse = fat + upper * (muscle - fat)
        diffuse += ramp(self._skin - v, 0.2 * unit) * (levels["skin"] - diffuse)
        septa = decibel(np.exp(-((self._lobules(v, u, time) / 0.06) ** 2)) * (1 - upper), levels["fat"] + 12)
        strands = np.exp(-(((fibers[0] * (1 - lower) + fibers[1] * lower - 1.1) / 0.18) ** 2)) * upper
        specular = np.maximum(septa, decibel(strands, levels["muscle"] + 9))
        specular = np.maximum(specular, decibel(np.exp(-((fat_end / (0.18 * unit)) ** 2)), levels["sheath"] + 8))
        specular = np.maximum(specular, decibel(np.exp(-((split / (0.15 * unit)) ** 2)), levels["sheath"] + 3))
        specular[v < self._skin] = QUIET_DB
        attenuation = np.full_like(v, 0.06 / unit)
        return Scene(
            np.asarray(diffuse, np.float32), np.asarray(specular, np.float32), attenuation, np.zeros(v.shape, bool)
        )

    def _draw_tube(self, scene: Scene, tube: _Tube, v: Array, u: Array, time: float, *, artery: bool) -> None:
        unit = self._unit
        beat = 1 + 0.05 * np.sin(9 * time) * artery
        across = np.zeros_like(u) if self._along else (u - tube.center[1]) / (tube.radii[1] * beat)
        below = (v - tube.center[0]) / (tube.radii[0] * beat)
        rho = np.sqrt(across**2 + below**2) + 1e-6
        distance = (rho - 1) * min(tube.radii) * beat
        angle = u / (6 * unit) if self._along else np.arctan2(below, across)
        growth = tube.plaque * min(tube.radii) * np.clip(np.cos(angle - tube.plaque_angle), 0, 1) ** 2
        if self._along:
            growth = growth * (below > 0)
        level_wall = np.abs(below) / rho
        sheath = np.exp(-(((distance - 1.2 * tube.wall) / (1.1 * tube.wall)) ** 2))
        scene.diffuse_db += sheath * (self._levels["sheath"] - scene.diffuse_db) * 0.9
        inside = ramp(-distance, 0.1 * unit)
        media = np.exp(-(((distance - 0.45 * tube.wall) / (0.25 * tube.wall)) ** 2))
        scene.diffuse_db -= 8 * media * (1 - inside)
        scene.specular_db[distance < 1.0 * tube.wall] = QUIET_DB
        scene.diffuse_db += inside * (tube.plaque_db - 8 - scene.diffuse_db)
        open_lumen = ramp(-distance - growth, 0.1 * unit)
        scene.diffuse_db += open_lumen * (tube.lumen_db - scene.diffuse_db)
        intima = decibel(np.exp(-(((distance + growth) / (0.1 * unit)) ** 2)) * level_wall**3, tube.wall_db)
        adventitia = decibel(np.exp(-(((distance - tube.wall) / (0.2 * unit)) ** 2)) * level_wall**2, tube.wall_db + 7)
        scene.specular_db[...] = np.maximum(scene.specular_db, np.maximum(intima, adventitia))
        scene.attenuation += open_lumen * (-0.9 / unit - scene.attenuation)
        if tube.plaque and tube.plaque_db > 10:
            scene.attenuation += (inside - open_lumen) * (6.0 / unit)
        if artery:
            scene.lumen |= open_lumen > 0.5

    def _draw_bone(self, scene: Scene, v: Array, u: Array) -> None:
        unit = self._unit
        surface = v - self._bone_depth - ((u - self._bone_center) / (9 * unit)) ** 2 * unit
        behind = ramp(surface, 0.2 * unit)
        bright = decibel(np.exp(-((surface / (0.25 * unit)) ** 2)), 18.0)
        scene.specular_db[...] = np.maximum(scene.specular_db + behind * QUIET_DB, bright)
        scene.attenuation += behind * 3.0 / unit
        scene.diffuse_db += behind * (-30 - scene.diffuse_db)


def ramp(distance: Array, width: float) -> Array:
    """Return 0 where the distance is far below zero, 1 far above, with a straight ramp of the given width."""
    return np.asarray(np.clip(distance / width + 0.5, 0, 1), np.float32)
