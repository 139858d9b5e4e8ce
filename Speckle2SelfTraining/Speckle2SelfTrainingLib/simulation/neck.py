"""A neck seen across: skin, fat, neck muscle, thyroid, windpipe, carotid artery, jugular vein and spine."""

from __future__ import annotations

import numpy as np

from .drawing import Bending, Oval, Streaks, bell, brighten, draw_capsule, fill, ramp
from .fields import Array, NoiseField, SmoothCurve
from .scene import QUIET_DB, Scene, decibel
from .vessels import Vessel, draw_vessel


class TransverseNeck:
    """One neck, drawn at random; its parts pulse, shift and bend along a sweep.

    Parameters
    ----------
    rng : numpy.random.Generator
    size : (float, float)
        Depth and width of the field of view, mm.
    """

    def __init__(self, rng: np.random.Generator, size: tuple[float, float]) -> None:
        _, width = size
        self._side = side = float(rng.choice([-1, 1]))
        self._bend = Bending(rng, float(rng.uniform(0.1, 0.5)), float(rng.uniform(25, 45)))
        self._skin = float(rng.uniform(0.7, 1.6))
        self._fat = self._skin + float(rng.uniform(0.3, 3.5))
        self._fascia = SmoothCurve(rng, float(rng.uniform(0.1, 0.5)), 50.0)
        self._muscle_center = side * float(rng.uniform(-0.1, 0.35)) * width
        self._muscle = float(rng.uniform(3.5, 8.0))  # thickness
        self._muscle_half = float(rng.uniform(15, 30))
        self._strap = float(rng.uniform(0.8, 3.0))
        self._fibers = Streaks(
            rng,
            float(rng.uniform(0.1, 0.2)),
            float(rng.uniform(2, 6)),
            float(rng.normal(0, 0.1)),
            rng.uniform(0.2, 0.7),
        )
        self._grain = NoiseField(rng, (float(rng.uniform(0.5, 1.0)), float(rng.uniform(1.5, 4))))
        self._mottle = NoiseField(rng, (float(rng.uniform(1.5, 3)), float(rng.uniform(2, 5))))
        self._drift = NoiseField(rng, (12.0, 10.0))
        coarse = float(rng.uniform(1.5, 4))
        self._rough = [NoiseField(rng, (coarse, coarse)) for _ in range(2)]
        self._rough_mm = float(rng.uniform(0.1, 0.35))
        self._broken = NoiseField(rng, (2.5, float(rng.uniform(1.5, 4))))
        self._contact = NoiseField(rng, (60.0, float(rng.uniform(2, 7))))
        self._contact_db = float(rng.choice([0.0, 0.15, 0.4]))
        self._patches = Streaks(rng, float(rng.uniform(0.3, 0.6)), float(rng.uniform(2, 5)), 0.0, 0.5)
        self._levels(rng)
        self._organs(rng, size)

    def _levels(self, rng: np.random.Generator) -> None:
        self._skin_db = float(rng.uniform(0, 10))
        self._fat_db = float(rng.uniform(-12, -3))
        self._muscle_db = float(rng.uniform(-17, -8))
        self._deep_db = float(rng.uniform(-9, -1))
        self._thyroid_db = float(rng.uniform(-5, 3))
        self._sheet_db = float(rng.uniform(4, 18))
        self._fall = float(rng.uniform(-0.05, 0.45))  # dB per mm that the time gain leaves
        self._texture_db = float(rng.uniform(0.3, 3.0))
        self._capsule_weaker = float(rng.uniform(4, 16))  # dB below the other sheets

    def _organs(self, rng: np.random.Generator, size: tuple[float, float]) -> None:
        depth, width = size
        side = self._side
        floor = self._fat + self._muscle + self._strap
        radius = float(rng.uniform(2.6, 4.2))
        middle = side * float(rng.uniform(-0.12, 0.25)) * width
        top = floor + radius + float(rng.uniform(0.5, 3.0))
        center = (min(top, 0.72 * depth), middle)
        self._artery = Vessel.random(rng, size, longitudinal=False, vein=False).moved(center, radius)
        vein_radius = float(rng.uniform(2.5, 6.0))
        vein = (center[0] - float(rng.uniform(-1.0, 2.5)), middle + side * (radius + 0.8 * vein_radius + 1.2))
        self._vein = Oval.random(rng, vein, (vein_radius * float(rng.uniform(0.2, 0.7)), vein_radius))
        self._vein_db = self._artery.lumen_db + float(rng.uniform(-3, 3))
        lobe = (center[0] + float(rng.uniform(-2, 2.5)), middle - side * (radius + float(rng.uniform(6.0, 8.5))))
        self._thyroid = Oval.random(rng, lobe, (float(rng.uniform(5, 8)), float(rng.uniform(6, 8.5))))
        self._windpipe = Oval.random(
            rng,
            (lobe[0] + float(rng.uniform(-1, 3)), lobe[1] - side * float(rng.uniform(10, 15))),
            (float(rng.uniform(7, 9)), float(rng.uniform(7.5, 10))),
        )
        below = (center[0] + radius + float(rng.uniform(4, 7)), middle + side * float(rng.uniform(-4, 5)))
        self._deep_muscle = Oval.random(rng, below, (float(rng.uniform(2, 4)), float(rng.uniform(6, 10))), 0.1)
        self._spine = below[0] + float(rng.uniform(3, 8))
        self._spine_center = middle - side * float(rng.uniform(-3, 8))
        self._spine_curve = SmoothCurve(rng, 0.6, 30.0)
        self._spine_strength = NoiseField(rng, (float(rng.uniform(0.8, 2)), float(rng.uniform(1.5, 5))))
        self._nodes = [
            Oval.random(rng, (center[0] + d, middle + side * (radius + u)), (r * 0.5, r))
            for d, u, r in zip(rng.uniform(-3, 6, 4), rng.uniform(3, 16, 4), rng.uniform(0.8, 2.2, 4), strict=True)
        ]
        self._node_db = [float(level) for level in rng.choice([-14.0, -8.0, 2.0, 6.0], 4)]
        self._nodules = [
            Oval.random(rng, (lobe[0] + d, lobe[1] + u), (r * 0.7, r))
            for d, u, r in zip(rng.uniform(-4, 4, 2), rng.uniform(-4, 4, 2), rng.uniform(0.5, 3.5, 2), strict=True)
        ]
        self._nodule_db = [float(level) for level in rng.choice([-45.0, -10.0, -4.0, 0.0, 4.0], 2)]

    def sample(self, depth: Array, width: Array, time: float = 0.0) -> Scene:
        """Return the scene at positions in mm."""
        v, u = self._bend(depth, width, time)
        grain = self._grain(v, u, time)
        mottle = self._mottle(v, u, time)
        broken = self._sheet_db + 5 * self._broken(v, u, time)
        rough_v = v + self._rough_mm * self._rough[0](v, u, time)
        rough_u = u + self._rough_mm * self._rough[1](v, u, time)
        scene = self._deep(v, u, grain, mottle, time)
        self._draw_organs(scene, rough_v, rough_u, grain, broken, time)
        draw_vessel(scene, self._artery, v + 0.25 * (rough_v - v), u + 0.25 * (rough_u - u), time, artery=True)
        self._draw_bands(scene, v + 0.4 * (rough_v - v), u, grain, mottle, broken, time)
        scene.attenuation += np.float32(self._contact_db) * self._contact(depth, width, time) * (depth < 4)
        return scene

    def _deep(self, v: Array, u: Array, grain: Array, mottle: Array, time: float) -> Scene:
        diffuse = self._deep_db + 1.5 * self._texture_db * mottle + self._texture_db * grain
        diffuse += 2 * self._drift(v, u, time)
        patches = decibel(self._patches(v, u, time), self._deep_db + 9)
        fall = np.full_like(v, self._fall)
        return Scene(np.asarray(diffuse, np.float32), patches, fall, np.zeros(v.shape, bool))

    def _draw_organs(self, scene: Scene, v: Array, u: Array, grain: Array, broken: Array, time: float) -> None:
        distance, level = self._deep_muscle.place(v, u)
        fill(scene, ramp(-distance, 0.6), self._muscle_db + 2 * grain)
        draw_capsule(scene, distance, level, broken - self._capsule_weaker, 0.12)
        for node, decibels in zip(self._nodes, self._node_db, strict=True):
            distance, level = node.place(v, u)
            fill(scene, ramp(-distance, 0.3), self._deep_db + decibels)
            draw_capsule(scene, distance, level, broken - 6, 0.1)
        distance, level = self._thyroid.place(v, u)
        fill(scene, ramp(-distance, 0.4), self._thyroid_db + 0.4 * self._texture_db * grain, 0.05)
        draw_capsule(scene, distance, level, broken - 4, 0.1)
        for nodule, decibels in zip(self._nodules, self._nodule_db, strict=True):
            inside = ramp(-nodule.place(v, u)[0], 0.25) * ramp(-distance - 0.8, 0.5)
            scene.diffuse_db += inside * np.float32(decibels)
            scene.attenuation -= inside * np.float32(0.5 if decibels < -30 else 0.0)
        self._draw_windpipe(scene, v, u, broken)
        distance, level = self._vein.place(v, u, 1 + 0.12 * float(np.sin(5 * time)))
        fill(scene, ramp(-distance, 0.12), self._vein_db, -0.5)
        draw_capsule(scene, distance, level, broken - 2, 0.1)
        self._draw_spine(scene, v, u, time)

    def _draw_windpipe(self, scene: Scene, v: Array, u: Array, broken: Array) -> None:
        distance, level = self._windpipe.place(v, u)
        inside = ramp(-distance, 1.5)
        fill(scene, inside, self._deep_db - 10, 2.2)
        echoes = np.zeros_like(v)
        for order in range(1, 4):
            echoes += bell(distance + np.float32(1.6 * order), 0.16) * np.float32(0.35**order)
        brighten(scene, decibel((bell(distance, 0.2) + echoes) * level, broken))

    def _draw_spine(self, scene: Scene, v: Array, u: Array, time: float) -> None:
        across = (u - np.float32(self._spine_center)) / np.float32(11)
        surface = v - np.float32(self._spine) - self._spine_curve(u, time) - 2.5 * across**2
        present = np.clip(1.6 - np.abs(across), 0, 1)
        behind = ramp(surface - 0.5, 2.0) * present
        fill(scene, behind, self._deep_db - 8, 0.9)
        strength = self._sheet_db - 4 + 6 * self._spine_strength(v, u, time)
        brighten(scene, decibel(bell(surface, 0.6) * present, strength))

    def _draw_bands(
        self, scene: Scene, v: Array, u: Array, grain: Array, mottle: Array, broken: Array, time: float
    ) -> None:
        """Draw skin, fat, the two muscles and the sheets between them over whatever lies there."""
        profile = 1 - ((u - np.float32(self._muscle_center)) / np.float32(self._muscle_half)) ** 2
        profile = 0.5 * (profile + np.sqrt(profile * profile + np.float32(0.02)))  # a lens with soft tips
        wave = self._fascia(u, time)
        sheet_top = v - np.float32(self._fat) - wave
        sheet_middle = sheet_top - np.float32(self._muscle) * profile
        sheet_low = sheet_middle - np.float32(self._strap) * np.sqrt(np.maximum(1 - profile, 0.15))
        band = ramp(-sheet_low, 0.3)
        muscle = self._muscle_db + self._texture_db * (grain + 0.5 * mottle)
        fill(scene, band, muscle, 0.1)
        scene.lumen &= band < 0.5
        fibers = self._fibers(sheet_top * (1 + 0.15 * profile), u, time) * band
        brighten(scene, decibel(fibers, self._muscle_db + 24))
        for sheet, width, weaker in ((sheet_low, 0.14, 2.0), (sheet_middle, 0.12, 0.0), (sheet_top, 0.12, 2.0)):
            brighten(scene, decibel(bell(sheet, width), broken - weaker))
            brighten(scene, decibel(bell(sheet - 0.5, width), broken - 8 - 6 * mottle))
        fat = ramp(-sheet_top, 0.2)
        fill(scene, fat, self._fat_db + 3 * mottle)
        brighten(scene, decibel(bell(mottle, 0.08) * fat, self._fat_db + 10))
        self._draw_skin(scene, v)

    def _draw_skin(self, scene: Scene, v: Array) -> None:
        fill(scene, ramp(self._skin - v, 0.15), self._skin_db)
        lines = bell(v - self._skin, 0.12) + 0.7 * bell(v - 0.55 * self._skin, 0.1) + bell(v - 0.2, 0.15)
        brighten(scene, decibel(np.minimum(lines, 1), self._skin_db + 8))
        scene.specular_db[v < 0.05] = QUIET_DB
