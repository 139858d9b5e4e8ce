"""What reflects, sampled on a grid, and what can be sampled so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .fields import Array, Values

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


def decibel(amplitude: Values, level: Values | float) -> Array:
    """Power in dB of a relative amplitude in [0, 1] on top of a level, floored at ``QUIET_DB``."""
    return np.asarray(np.maximum(20 * np.log10(np.maximum(amplitude, 1e-6)) + level, QUIET_DB), np.float32)
