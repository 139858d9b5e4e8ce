"""Random anatomies in layers: necks and soft tissue without a named organ, deforming along a sweep."""

from __future__ import annotations

import numpy as np

from .fields import Array, SmoothCurve
from .scene import QUIET_DB, Anatomy, Scene
from .targets import Blob, Wire
from .tissue import Interface, Streaks, Tissue
from .vessels import Vessel, draw_vessel

__all__ = ["QUIET_DB", "Anatomy", "Scene", "TissueStack", "random_neck", "random_soft_tissue"]


class TissueStack:
    """Layers of tissue with interfaces between them, optional vessels, cysts and wires."""

    def __init__(
        self,
        rng: np.random.Generator,
        size: tuple[float, float],
        *,
        layers: int,
        vessels: list[Vessel],
        blobs: int = 0,
        wires: int = 0,
    ) -> None:
        depth, _ = size
        bounds = np.sort(rng.uniform(0.03, 0.8, layers)) * depth
        self._curves = [(float(b), SmoothCurve(rng, float(rng.uniform(0.2, 2.0)), 50.0)) for b in bounds]
        self._tissues = [
            Tissue.random(rng, float(rng.uniform(-22, 4)), fibrous=bool(rng.random() < 0.4)) for _ in range(layers + 1)
        ]
        self._interfaces = [Interface.random(rng, float(rng.uniform(-6, 22))) for _ in range(layers)]
        self._streaks = [Streaks(rng, float(rng.uniform(-4, 14))) for _ in range(int(rng.integers(0, 3)))]
        self._blend = float(rng.choice([0.05, 0.15, 0.4]))
        self._vessels = vessels
        self._blobs = [Blob.random(rng, size) for _ in range(blobs)]
        self._wires = [Wire.random(rng, size) for _ in range(wires)]
        self._attenuation = [float(rng.uniform(-0.25, 0.35)) for _ in range(layers + 1)]

    def sample(self, depth: Array, width: Array, time: float = 0.0) -> Scene:
        """Return the scene at positions in mm."""
        diffuse = self._tissues[0](depth, width, time)
        attenuation = np.full_like(depth, self._attenuation[0])
        specular = np.full_like(depth, QUIET_DB)
        for (base, curve), tissue, interface, loss in zip(
            self._curves, self._tissues[1:], self._interfaces, self._attenuation[1:], strict=True
        ):
            distance = depth - base - curve(width[0], time)
            inside = np.clip(distance / self._blend + 0.5, 0, 1)
            diffuse = diffuse + inside * (tissue(depth, width, time) - diffuse)
            attenuation = attenuation + inside * (loss - attenuation)
            specular = np.maximum(specular, interface(distance, depth, width, time))
        for streaks in self._streaks:
            specular = np.maximum(specular, streaks(depth, width, time))
        scene = Scene(diffuse, specular, attenuation, np.zeros(depth.shape, bool))
        for blob in self._blobs:
            blob.draw(scene, depth, width, time)
        for index, vessel in enumerate(self._vessels):
            draw_vessel(scene, vessel, depth, width, time, artery=index == 0)
        for wire in self._wires:
            wire.draw(scene, depth, width)
        return scene


def random_neck(
    rng: np.random.Generator, size: tuple[float, float], *, longitudinal: bool | None = None
) -> TissueStack:
    """Draw a carotid-like anatomy: layers, fasciae, muscle streaks, an artery and often a vein.

    Parameters
    ----------
    rng : numpy.random.Generator
    size : (float, float)
        Depth and width of the field of view, mm.
    longitudinal : bool, optional
        See the artery along its length; drawn at random when not given.
    """
    along = bool(rng.random() < 0.3) if longitudinal is None else longitudinal
    vessels = [Vessel.random(rng, size, along, vein=False)]
    if rng.random() < 0.5:
        vessels.append(Vessel.random(rng, size, along, vein=True))
    return TissueStack(rng, size, layers=int(rng.integers(2, 6)), vessels=vessels)


def random_soft_tissue(rng: np.random.Generator, size: tuple[float, float]) -> TissueStack:
    """Draw an anatomy without a named organ: few layers, cysts, lesions and wires."""
    return TissueStack(
        rng,
        size,
        layers=int(rng.integers(0, 3)),
        vessels=[],
        blobs=int(rng.integers(0, 9)),
        wires=int(rng.integers(0, 4)) if rng.random() < 0.3 else 0,
    )
