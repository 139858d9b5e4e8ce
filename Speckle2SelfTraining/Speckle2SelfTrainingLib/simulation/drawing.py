"""Parts that anatomies are put together from: ramps, ovals, stripes, streaks and a bending of the whole picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .fields import Array, NoiseField, SmoothCurve, Values
from .scene import QUIET_DB, Scene, decibel


def ramp(distance: Values, width: float) -> Array:
    """Return 0 where the distance is far below zero, 1 far above, with a straight ramp of the given width."""
    value = distance * np.float32(1 / width)
    value += np.float32(0.5)
    return np.asarray(np.clip(value, 0, 1, out=value), np.float32)


def bell(distance: Values, width: float) -> Array:
    """Return 1 where the distance is zero, falling off as a Gaussian."""
    value = distance * np.float32(1 / width)
    value *= -value
    return np.asarray(np.exp(value, out=value), np.float32)


def brighten(scene: Scene, level_db: Values) -> None:
    """Add coherent reflectors to a scene; where two meet, the stronger one counts."""
    np.maximum(scene.specular_db, level_db, out=scene.specular_db)


def fill(
    scene: Scene, inside: Values, level: Values | np.floating[Any] | float, attenuation: float | None = None
) -> None:
    """Replace what a scene shows where `inside` is 1, and its interfaces."""
    scene.diffuse_db += inside * (level - scene.diffuse_db)
    scene.specular_db += inside * (np.float32(QUIET_DB) - scene.specular_db)
    if attenuation is not None:
        scene.attenuation += inside * (np.float32(attenuation) - scene.attenuation)


class Bending:
    """A smooth displacement of positions that changes along a sweep: the tissue moves as one.

    Parameters
    ----------
    rng : numpy.random.Generator
    amplitude, length : float
        Largest displacement and its wavelength, mm.
    """

    def __init__(self, rng: np.random.Generator, amplitude: float, length: float) -> None:
        self._curves = [SmoothCurve(rng, amplitude, length, 2) for _ in range(4)]

    def __call__(self, depth: Array, width: Array, time: float) -> tuple[Array, Array]:
        """Return the positions (depth, width) in the undeformed tissue."""
        down, across, tilt, shear = (
            curve(position, 3 * time)
            for curve, position in zip(self._curves, (width, depth, depth, width), strict=True)
        )
        return np.asarray(depth + down + 0.3 * tilt, np.float32), np.asarray(width + across + 0.3 * shear, np.float32)


@dataclass(frozen=True)
class Oval:
    """A closed outline: an ellipse with a rippled border.

    Parameters
    ----------
    center : (float, float)
        Depth and width, mm.
    radii : (float, float)
        Half axes across and along `angle`, mm.
    angle : float
        Rotation, radians.
    ripple : SmoothCurve
        Change of the relative radius with direction.
    """

    center: tuple[float, float]
    radii: tuple[float, float]
    angle: float
    ripple: SmoothCurve

    @classmethod
    def random(
        cls,
        rng: np.random.Generator,
        center: tuple[float, float],
        radii: tuple[float, float],
        tilt: float = 0.2,
        ripple: float = 0.06,
    ) -> Oval:
        """Draw an outline of about the given place and size."""
        scaled = tuple(radius * float(rng.uniform(0.85, 1.15)) for radius in radii)
        # A period of 2 pi closes the outline; the small misfit of the random wavelengths falls where no beam is level.
        return cls(center, (scaled[0], scaled[1]), float(rng.normal(0, tilt)), SmoothCurve(rng, ripple, 2 * np.pi, 2))

    def place(self, depth: Array, width: Array, grow: float = 1.0) -> tuple[Array, Array]:
        """Return the distance (mm, negative inside) to the outline and how level it lies there, 0 to 1."""
        v, u = depth - np.float32(self.center[0]), width - np.float32(self.center[1])
        cos, sin = np.float32(np.cos(self.angle)), np.float32(np.sin(self.angle))
        down, right = (np.float32(radius * grow) for radius in self.radii)
        a, b = (cos * v - sin * u) / down, (sin * v + cos * u) / right
        rho = np.sqrt(a * a + b * b) + np.float32(1e-6)
        slope_v, slope_u = cos * a / down + sin * b / right, -sin * a / down + cos * b / right
        slope = np.sqrt(slope_v * slope_v + slope_u * slope_u) + np.float32(1e-6)
        # Ripple of even order in the direction keeps the outline closed.
        border = 1 + self.ripple(np.abs(np.arctan2(b, a)))
        distance = (rho - border) * rho / slope
        return np.asarray(distance, np.float32), np.asarray(np.abs(slope_v) / slope, np.float32)


class Streaks:
    """Short bright fibers of varying strength and direction in a muscle: ridges of an elongated field, broken up.

    Parameters
    ----------
    rng : numpy.random.Generator
    thickness, length : float
        Of one fiber, mm.
    angle : float
        Direction, radians.
    share : float
        How much of the muscle carries fibers, about 0 to 1.
    """

    def __init__(
        self, rng: np.random.Generator, thickness: float, length: float, angle: float = 0.0, share: float = 0.4
    ) -> None:
        self._ridges = NoiseField(rng, (3 * thickness, length), angle)
        self._strength = NoiseField(rng, (10 * thickness, 1.2 * length), angle)
        self._share = float(share)

    def __call__(self, depth: Array, width: Array, time: float) -> Array:
        """Return relative amplitude, 0 to 1."""
        ridge = self._ridges(depth, width, time)
        ridge -= np.float32(1.9 - 1.4 * self._share)
        ridge *= np.maximum(ridge, 0)
        strength = self._strength(depth, width, time)
        strength += np.float32(2 * self._share - 0.6)
        return np.asarray(np.clip(ridge, 0, 1) * np.clip(strength, 0, 1.2), np.float32)


def draw_capsule(scene: Scene, distance: Values, level: Values, strength_db: Values | float, width: float) -> None:
    """Draw a thin bright outline where it lies level to the beam; it fades where it runs along the beam."""
    brighten(scene, decibel(bell(distance, width) * level * level, strength_db))
