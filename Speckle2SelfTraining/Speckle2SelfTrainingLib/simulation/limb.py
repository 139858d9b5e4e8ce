"""A limb seen across or along its vessels: skin, fat, pennate muscle, nerve, bone and a diseased artery."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .drawing import Bending, Streaks, bell, brighten, fill, ramp
from .fields import Array, NoiseField, SmoothCurve
from .scene import Scene, decibel


@dataclass(frozen=True)
class Tube:
    """An artery or a vein; lengths in mm, levels in dB.

    Parameters
    ----------
    center : (float, float)
        Depth and width of the axis.
    radii : (float, float)
        Half axes along depth and width.
    wall : float
        Thickness from the intima to the adventitia.
    lumen_db, wall_db : float
    plaque : float
        Largest share of the radius that plaque fills; 0 for a healthy vessel.
    plaque_angle : float
        Where around the vessel (or where along it) plaque is thickest, radians.
    plaque_db : float
        Its level; above 10 dB it is calcified and casts a shadow.
    """

    center: tuple[float, float]
    radii: tuple[float, float]
    wall: float
    lumen_db: float
    wall_db: float
    plaque: float = 0.0
    plaque_angle: float = 0.0
    plaque_db: float = 0.0


class Limb:
    """One limb, drawn at random; deforms along a sweep.

    Parameters
    ----------
    rng : numpy.random.Generator
    size : (float, float)
        Depth and width of the field of view, mm; all lengths follow the depth.
    surface_radius : float or None
        Radius of a convex probe, mm, that the skin lies against; None for a flat one.
    """

    def __init__(
        self, rng: np.random.Generator, size: tuple[float, float], surface_radius: float | None = None
    ) -> None:
        self._unit = unit = size[0] / 40
        self._radius = surface_radius
        self._along = bool(rng.random() < 0.35)
        self._skin = float(rng.uniform(1.0, 1.8)) * unit
        self._fat = float(rng.uniform(3, 8)) * unit
        self._fascia = SmoothCurve(rng, float(rng.uniform(0.2, 0.9)) * unit, 45.0 * unit)
        self._split = SmoothCurve(rng, float(rng.uniform(0.5, 1.6)) * unit, 55.0 * unit)
        self._split_depth = float(rng.uniform(0.34, 0.48)) * size[0]
        self._bone_depth = float(rng.uniform(0.82, 1.05)) * size[0]
        self._bone_center = float(rng.uniform(-0.3, 0.3)) * size[1]
        self._bend = Bending(rng, float(rng.uniform(0.2, 0.6)) * unit, float(rng.uniform(28, 50)) * unit)
        self._fields(rng)
        self._skin_db = float(rng.uniform(0, 6))
        self._fat_db = float(rng.uniform(-15, -8))
        self._muscle_db = float(rng.uniform(-13, -4))
        self._sheath_db = float(rng.uniform(-4, 4))
        self._tubes = self._draw_tubes(rng, size)
        self._nerve = self._beside(rng, float(rng.uniform(1.4, 2.4)) * unit)

    def _fields(self, rng: np.random.Generator) -> None:
        unit = self._unit
        angles = (float(rng.uniform(0.05, 0.3)), float(rng.uniform(-0.3, -0.05)))
        self._bundles = [NoiseField(rng, (0.7 * unit, 9 * unit), angle) for angle in angles]
        self._strands = [
            Streaks(rng, float(rng.uniform(0.07, 0.13)) * unit, 6 * unit, angle, float(rng.uniform(0.25, 0.55)))
            for angle in angles
        ]
        self._lobules = NoiseField(rng, (1.6 * unit, 4.5 * unit))
        self._mottle = NoiseField(rng, (2.2 * unit, 2.6 * unit))
        self._broken = NoiseField(rng, (2.0 * unit, 3.0 * unit))
        self._fascicles = NoiseField(rng, (0.55 * unit, 0.6 * unit))
        self._rough = NoiseField(rng, (1.5 * unit, 3.0 * unit))

    def _draw_tubes(self, rng: np.random.Generator, size: tuple[float, float]) -> list[Tube]:
        unit = self._unit
        middle = (float(rng.uniform(0.5, 0.66)) * size[0], float(rng.uniform(-0.16, 0.16)) * size[1])
        radius = float(rng.uniform(2.4, 4.2)) * unit
        artery = Tube(
            center=middle,
            radii=(radius, radius * float(rng.uniform(0.95, 1.1))),
            wall=float(rng.uniform(0.7, 1.1)) * unit,
            lumen_db=float(rng.uniform(-55, -30)),
            wall_db=float(rng.uniform(0, 7)),
            plaque=float(rng.choice([0.0, 0.25, 0.5])),
            plaque_angle=float(rng.uniform(0, 2 * np.pi)),
            plaque_db=float(rng.choice([-8.0, 0.0, 14.0])),
        )
        side, vein = float(rng.choice([-1, 1])), float(rng.uniform(2.2, 4.0)) * unit
        beside = (middle[0] + float(rng.uniform(-2, 3)) * unit, middle[1] + side * (radius + vein + 1.6 * unit))
        veins = [Tube(beside, (vein * float(rng.uniform(0.4, 0.8)), vein), 0.35 * unit, artery.lumen_db - 2, -3.0)]
        return [artery] if self._along else [artery, *veins]

    def _beside(self, rng: np.random.Generator, radius: float) -> Tube:
        """Place a nerve on the side of the artery where no vein lies."""
        artery = self._tubes[0]
        side = -1.0 if len(self._tubes) > 1 and self._tubes[1].center[1] > artery.center[1] else 1.0
        middle = (artery.center[0] - float(rng.uniform(0, 2)) * self._unit, artery.center[1])
        return Tube((middle[0], middle[1] + side * (artery.radii[1] + 2.2 * radius)), (0.6 * radius, radius), 0, 0, 0)

    def sample(self, depth: Array, width: Array, time: float = 0.0) -> Scene:
        """Return the scene at positions in mm."""
        skin_depth = depth
        if self._radius is not None:
            skin_depth = np.hypot(depth + np.float32(self._radius), width) - np.float32(self._radius)
        v, u = self._bend(depth, width - np.float32(6 * self._unit * time), time)
        mottle, broken = self._mottle(v, u, time), self._broken(v, u, time)
        smooth_v = v
        v = v + np.float32(0.2 * self._unit) * self._rough(v, u, time)
        scene = self._muscles(v, u, mottle, broken, time)
        self._draw_bone(scene, v, u, broken)
        if not self._along:
            self._draw_nerve(scene, v, u, time)
        for index, tube in enumerate(self._tubes):
            self._draw_tube(scene, tube, smooth_v, u, broken, time, artery=index == 0)
        self._draw_cover(scene, skin_depth + 0.5 * (v - depth), u, mottle, broken, time)
        return scene

    def _muscles(self, v: Array, u: Array, mottle: Array, broken: Array, time: float) -> Scene:
        unit = self._unit
        split = v - np.float32(self._split_depth) - self._split(u, time)
        lower = ramp(split, 0.3 * unit)
        bundles = self._bundles[0](v, u, time) * (1 - lower) + self._bundles[1](v, u, time) * lower
        strands = self._strands[0](v, u, time) * (1 - lower) + self._strands[1](v, u, time) * lower
        diffuse = np.asarray(self._muscle_db + 2.5 * bundles + 1.5 * mottle, np.float32)
        attenuation = np.full_like(v, 0.1 / unit)
        scene = Scene(diffuse, decibel(strands, self._muscle_db + 17), attenuation, np.zeros(v.shape, bool))
        brighten(scene, decibel(bell(split, 0.12 * unit), self._sheath_db + 3 + 5 * broken))
        return scene

    def _draw_cover(self, scene: Scene, v: Array, u: Array, mottle: Array, broken: Array, time: float) -> None:
        """Draw fat and skin, which lie against the probe."""
        unit = self._unit
        end = v - np.float32(self._skin + self._fat) - self._fascia(u, time)
        fat = ramp(-end, 0.2 * unit)
        lobules = self._lobules(v, u, time)
        fill(scene, fat, self._fat_db + 3 * mottle)
        scene.lumen &= fat < 0.5
        brighten(scene, decibel(bell(lobules, 0.09) * fat, self._fat_db + 14 + 4 * broken))
        brighten(scene, decibel(bell(end, 0.13 * unit), self._sheath_db + 9 + 4 * broken))
        fill(scene, ramp(self._skin - v, 0.2 * unit), self._skin_db)

    def _draw_nerve(self, scene: Scene, v: Array, u: Array, time: float) -> None:
        nerve = self._nerve
        down = (v - np.float32(nerve.center[0])) / np.float32(nerve.radii[0])
        across = (u - np.float32(nerve.center[1])) / np.float32(nerve.radii[1])
        inside = ramp((1 - np.sqrt(down * down + across * across)) * nerve.radii[0], 0.3 * self._unit)
        fill(scene, inside, self._sheath_db + 5 * np.minimum(-self._fascicles(v, u, time), 1))

    def _draw_tube(
        self, scene: Scene, tube: Tube, v: Array, u: Array, broken: Array, time: float, *, artery: bool
    ) -> None:
        unit = self._unit
        distance, level, growth = self._place(tube, v, u, time, beat=0.05 if artery else 0.15)
        fill(scene, bell(distance - tube.wall, 1.2 * tube.wall), self._sheath_db)
        media = bell(distance - 0.45 * tube.wall, 0.25 * tube.wall)
        inside, blood = ramp(-distance, 0.1 * unit), ramp(-distance - growth, 0.1 * unit)
        scene.diffuse_db -= 9 * media * (1 - inside)
        fill(scene, inside, np.float32(tube.plaque_db - 6))
        fill(scene, blood, np.float32(tube.lumen_db), -0.7 / unit)
        intima = bell(distance + growth, 0.08 * unit) * level**4
        brighten(scene, decibel(intima, tube.wall_db + 3 * broken))
        brighten(scene, decibel(bell(distance - tube.wall, 0.16 * unit) * level**4, tube.wall_db + 8 + 3 * broken))
        if tube.plaque_db > 10:
            scene.attenuation += np.clip(inside - blood, 0, 1) * np.float32(4 / unit)
        if artery:
            scene.lumen |= blood > 0.5
        else:
            scene.lumen &= blood < 0.5

    def _place(self, tube: Tube, v: Array, u: Array, time: float, beat: float) -> tuple[Array, Array, Array]:
        """Return the distance to the wall (mm, negative inside), how level it lies, and the height of plaque (mm)."""
        swell = np.float32(1 + beat * np.sin(9 * time))
        down = (v - np.float32(tube.center[0])) / (np.float32(tube.radii[0]) * swell)
        if self._along:
            rho, level = np.abs(down), np.ones_like(down)
            place = np.cos(u / np.float32(6 * self._unit) - np.float32(tube.plaque_angle)) * (down > 0)
        else:
            across = (u - np.float32(tube.center[1])) / (np.float32(tube.radii[1]) * swell)
            rho = np.sqrt(across * across + down * down) + np.float32(1e-6)
            level = np.abs(down) / rho
            place = np.cos(np.arctan2(down, across) - np.float32(tube.plaque_angle))
        distance = (rho - 1) * np.float32(min(tube.radii)) * swell
        growth = np.clip(place, 0, 1) ** 2 * np.float32(tube.plaque * min(tube.radii))
        return np.asarray(distance, np.float32), np.asarray(level, np.float32), np.asarray(growth, np.float32)

    def _draw_bone(self, scene: Scene, v: Array, u: Array, broken: Array) -> None:
        unit = self._unit
        bend = (u - np.float32(self._bone_center)) / np.float32(9 * unit)
        surface = v - np.float32(self._bone_depth) - bend * bend * np.float32(unit)
        fill(scene, ramp(surface, 0.2 * unit), np.float32(-25), 2.5 / unit)
        level = 1 / (1 + (2 * bend * np.float32(1 / 9)) ** 2)
        brighten(scene, decibel(bell(surface, 0.15 * unit) * level**4, 15 + 4 * broken))
