"""What reflects: tissue, vessels, cysts and interfaces as functions of position, deforming along a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .fields import Array, NoiseField, SmoothCurve

QUIET_DB = -80.0


@dataclass
class Scene:
    """An anatomy sampled on a grid.

    Attributes
    ----------
    diffuse_db : float32, shape (rows, columns)
        Backscattered power of unresolved scatterers, dB.
    specular_db : float32, same shape
        Power of coherent reflectors (interfaces, wires), dB; ``QUIET_DB`` where there is none.
    attenuation : float32, same shape
        Two-way attenuation left uncompensated by the time gain, dB per mm; negative behind fluid (enhancement).
    lumen : bool, same shape
        Inside of the artery.
    """

    diffuse_db: Array
    specular_db: Array
    attenuation: Array
    lumen: np.ndarray


class Anatomy(Protocol):
    """Something that can be sampled at positions (mm) and a time along the sweep."""

    def sample(self, depth: Array, width: Array, time: float = 0.0) -> Scene:
        """Return the scene at the given positions, all of one shape."""
        ...


@dataclass
class Tissue:
    """One region of soft tissue: a mean level, slow drift and fine texture, with or without fibers."""

    level: float
    drift: NoiseField
    texture: NoiseField
    texture_db: float
    drift_db: float

    @classmethod
    def random(cls, rng: np.random.Generator, level: float, fibrous: bool) -> Tissue:
        """Draw a tissue of the given mean level (dB); fibrous tissue has elongated texture."""
        angle = float(rng.normal(0, 0.25))
        fine = float(rng.uniform(0.4, 1.2))
        size = (fine, fine * float(rng.uniform(3, 9))) if fibrous else (fine, fine * float(rng.uniform(1, 1.8)))
        return cls(
            level=level,
            drift=NoiseField(rng, (float(rng.uniform(4, 12)), float(rng.uniform(6, 20)))),
            texture=NoiseField(rng, size, angle),
            texture_db=float(rng.choice([0.0, 0.0, 0.5, 1.0, 2.0, 4.0]) if not fibrous else rng.uniform(0.3, 3.5)),
            drift_db=float(rng.uniform(0.3, 4)),
        )

    def __call__(self, depth: Array, width: Array, time: float) -> Array:
        """Return the level in dB."""
        level = self.level + self.drift_db * self.drift(depth, width, time)
        if self.texture_db:
            level = level + self.texture_db * self.texture(depth, width, 2 * time)
        return np.asarray(level, np.float32)


class Streaks:
    """Thin bright interfaces scattered in a tissue: zero lines of an elongated noise field, broken at random."""

    def __init__(self, rng: np.random.Generator, level: float) -> None:
        length = float(rng.uniform(3, 10))
        angle = float(rng.normal(0, 0.2))
        self._lines = NoiseField(rng, (float(rng.uniform(1.0, 3.0)), length), angle)
        self._breaks = NoiseField(rng, (float(rng.uniform(1.0, 3.0)), float(rng.uniform(1.5, 5))), angle)
        self._threshold = float(rng.uniform(0.3, 1.5))
        self._level = level
        self._thickness = float(rng.uniform(0.03, 0.10))

    def __call__(self, depth: Array, width: Array, time: float) -> Array:
        """Return power in dB, ``QUIET_DB`` between the lines."""
        line = np.exp(-((self._lines(depth, width, time) / self._thickness) ** 2))
        present = np.clip((self._breaks(depth, width, time) - self._threshold) * 3, 0, 1)
        return decibel(line * present, self._level)


@dataclass
class Interface:
    """A bright line along a curve, for example a fascia: thin, coherent, of varying strength."""

    level: float
    thickness: float
    strength: NoiseField

    @classmethod
    def random(cls, rng: np.random.Generator, level: float) -> Interface:
        """Draw an interface whose mean power is `level` dB."""
        return cls(level, float(rng.uniform(0.06, 0.22)), NoiseField(rng, (5.0, float(rng.uniform(2, 8)))))

    def __call__(self, distance: Array, depth: Array, width: Array, time: float) -> Array:
        """Return power in dB from the signed distance (mm) to the curve."""
        line = np.exp(-((distance / self.thickness) ** 2))
        return decibel(line, self.level + 7 * self.strength(depth, width, time))


def decibel(amplitude: Array, level: Array | float) -> Array:
    """Power in dB of a relative amplitude in [0, 1] on top of a level, floored at ``QUIET_DB``."""
    return np.asarray(np.maximum(20 * np.log10(np.maximum(amplitude, 1e-6)) + level, QUIET_DB), np.float32)


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
