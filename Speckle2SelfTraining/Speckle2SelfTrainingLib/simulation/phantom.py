"""A quality phantom: uniform speckle with rows of cysts and masses, and columns of wires."""

from __future__ import annotations

import numpy as np

from .fields import Array
from .scene import QUIET_DB, Scene
from .shapes import FlatShape
from .targets import Wire

MASSES_DB = (QUIET_DB, -9.0, -6.0, -3.0, 3.0, 6.0, 9.0)


class Phantom:
    """Cysts of three sizes, masses of known contrast and wires in uniform tissue; the first cyst is the lumen.

    Parameters
    ----------
    rng : numpy.random.Generator
    size : (float, float)
        Depth and width of the field of view, mm.
    filled : bool
        False leaves the uniform tissue empty.
    """

    def __init__(self, rng: np.random.Generator, size: tuple[float, float], filled: bool = True) -> None:
        depth, width = size
        self._level = float(rng.uniform(-6, 0))
        self._attenuation = float(rng.uniform(-1, 3)) / depth
        self._masses: list[FlatShape] = []
        self._wires: list[Wire] = []
        if not filled:
            return
        for index, reach in enumerate((0.2, 0.5, 0.8)):
            radius = (0.035, 0.055, 0.08)[(index + int(rng.integers(3))) % 3] * depth
            for column, place in enumerate((-0.32, 0.0, 0.32)):
                level = QUIET_DB if column == index else float(rng.choice(MASSES_DB))
                center = (reach * depth, place * width + float(rng.uniform(-1, 1)))
                self._masses.append(FlatShape(center, (radius, radius), 0.0, level))
        level = float(rng.uniform(15, 32))
        self._wires += [Wire((reach * depth, -0.16 * width), level) for reach in np.linspace(0.08, 0.92, 8)]
        self._wires += [Wire((0.65 * depth, place * width), level) for place in np.linspace(0.02, 0.42, 5)]

    def sample(self, depth: Array, width: Array, time: float = 0.0) -> Scene:
        """Return the scene at positions in mm."""
        moved = np.asarray(width - 4 * time, np.float32)
        diffuse = np.full(depth.shape, self._level, np.float32)
        quiet = np.full_like(diffuse, QUIET_DB)
        scene = Scene(diffuse, quiet, np.full_like(diffuse, self._attenuation), np.zeros(depth.shape, bool))
        for index, mass in enumerate(self._masses):
            inside = mass.inside(depth, moved)
            scene.diffuse_db += inside * np.float32(mass.level)
            if index == 0:
                scene.lumen |= inside > 0.5
        for wire in self._wires:
            wire.draw(scene, depth, moved)
        return scene
