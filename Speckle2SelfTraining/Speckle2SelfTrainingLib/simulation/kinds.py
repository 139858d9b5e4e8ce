"""The kinds of anatomy that can be asked for by name.

"limb" and "shapes" belong to the benchmark sets (:mod:`.benchmark_sets`), and "phantom" is made of the same shapes:
nothing is trained on these three. "neck", "along", "layers" and "tissue" are for training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .anatomy import random_neck, random_soft_tissue
from .fields import Array
from .limb import Limb
from .machine import Machine
from .neck import TransverseNeck
from .phantom import Phantom
from .scene import Anatomy, Scene
from .shapes import FlatShapes

NECK_DEPTH = 36.0  # mm that a neck is drawn for


@dataclass(frozen=True)
class Enlarged:
    """An anatomy seen larger, so that a deep probe shows it in full.

    Parameters
    ----------
    anatomy : Anatomy
    factor : float
    """

    anatomy: Anatomy
    factor: float

    def sample(self, depth: Array, width: Array, time: float = 0.0) -> Scene:
        """Return the scene at positions in mm."""
        smaller = np.float32(1 / self.factor)
        scene = self.anatomy.sample(depth * smaller, width * smaller, time)
        scene.attenuation = scene.attenuation * smaller
        return scene


def _neck(rng: np.random.Generator, machine: Machine) -> Anatomy:
    depth, width = machine.field_of_view
    if machine.probe.radius is None:
        return TransverseNeck(rng, (depth, width))
    factor = depth / NECK_DEPTH
    return Enlarged(TransverseNeck(rng, (NECK_DEPTH, width / factor)), factor)


# By the names in settings.ANATOMIES.
KINDS: dict[str, Callable[[np.random.Generator, Machine], Anatomy]] = {
    "neck": _neck,
    "along": lambda rng, machine: random_neck(rng, machine.field_of_view, longitudinal=True),
    "layers": lambda rng, machine: random_neck(rng, machine.field_of_view),
    "tissue": lambda rng, machine: random_soft_tissue(rng, machine.field_of_view),
    "limb": lambda rng, machine: Limb(rng, machine.field_of_view, machine.probe.radius),
    "shapes": lambda rng, machine: FlatShapes(rng, machine.field_of_view),
    "phantom": lambda rng, machine: Phantom(rng, machine.field_of_view),
    "uniform": lambda rng, machine: Phantom(rng, machine.field_of_view, filled=False),
}
