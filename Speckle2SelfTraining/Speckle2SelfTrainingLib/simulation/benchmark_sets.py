"""Three named sets of simulated frames to measure on; nothing is ever trained on them.

They differ from what training draws (:class:`Speckle2SelfTrainingLib.pairs.PairRecipe`) in seed, in the family of the
anatomy (:mod:`.shapes` and :mod:`.limb` are used nowhere else) and in the probe, whose beam has side lobes.
The same name gives the same pixels on the same platform, whatever the number of frames, threads or processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from Speckle2SelfLib.errors import SettingsError

from .display import GrayMap
from .limb import Limb
from .machine import Machine
from .parallel import ordered_map
from .probes import Probe
from .scene import Anatomy
from .settings import MAXIMUM_NUMBER, MAXIMUM_SIZE, MINIMUM_SIZE, check_whole
from .shapes import FlatShapes
from .sweep import SimulatedFrame, Sweep

__all__ = ["BENCHMARK_SETS", "FRAMES", "BenchmarkSet", "PairFrame", "benchmark_set", "benchmark_sweep"]

PairFrame = SimulatedFrame
FRAMES = 24
SIZE = 512


@dataclass(frozen=True)
class BenchmarkSet:
    """What a named set shows, and how.

    Parameters
    ----------
    name : str
    about : str
        One line for people.
    seed : int
    anatomy : callable
        Draws an anatomy for a machine.
    machine : callable
        Draws a machine from a generator and the rows of a frame.
    """

    name: str
    about: str
    seed: int
    anatomy: Callable[[np.random.Generator, Machine], Anatomy]
    machine: Callable[[np.random.Generator, int], Machine]

    def sweep(self, index: int, size: int = SIZE) -> Sweep:
        """Return the sweep whose first frame is frame `index` of the set."""
        rng = np.random.default_rng((self.seed, index))
        machine = self.machine(rng, size)
        anatomy = self.anatomy(rng, machine)
        return Sweep(int(rng.integers(2**63)), machine, anatomy, (size, size))


def _linear(rng: np.random.Generator, size: int) -> Machine:
    """Draw settings of a 7.5 MHz linear probe, 40 mm wide and deep."""
    return Machine(
        probe=Probe(40.0, 40.0, size, round(size * 0.75)),
        axial_mm=0.26,
        lateral_mm=0.38,
        focus=float(rng.choice([14.0, 20.0, 26.0])),
        cycles=2.5,
        gray_map=GrayMap(float(rng.uniform(20, 32)), float(rng.choice([50, 60, 70])), float(rng.uniform(0.9, 1.3))),
        noise_db=float(rng.uniform(-56, -32)),
        noise_slope=0.35,
        side_lobes=True,
    )


def _convex(rng: np.random.Generator, size: int) -> Machine:
    """Draw settings of a 4 MHz convex probe of 50 mm radius, 90 mm deep."""
    return Machine(
        probe=Probe(90.0, 56.0, size, round(size * 0.6), 50.0),
        axial_mm=0.52,
        lateral_mm=0.95,
        focus=float(rng.choice([35.0, 50.0, 65.0])),
        cycles=2.7,
        gray_map=GrayMap(float(rng.uniform(20, 32)), float(rng.choice([55, 65, 75])), float(rng.uniform(0.9, 1.3))),
        noise_db=float(rng.uniform(-56, -32)),
        noise_slope=0.2,
        side_lobes=True,
    )


def _shapes(rng: np.random.Generator, machine: Machine) -> Anatomy:
    return FlatShapes(rng, machine.field_of_view)


def _limb(rng: np.random.Generator, machine: Machine) -> Anatomy:
    return Limb(rng, machine.field_of_view, machine.probe.radius)


BENCHMARK_SETS = {
    entry.name: entry
    for entry in (
        BenchmarkSet("flat-shapes", "flat shapes with sharp borders, linear probe", 741_001, _shapes, _linear),
        BenchmarkSet("anatomy", "vessels among muscle and fascia, linear probe", 741_002, _limb, _linear),
        BenchmarkSet("anatomy-other-probe", "the same anatomy, deep, by a convex probe", 741_003, _limb, _convex),
    )
}


def benchmark_set(name: str, frames: int = FRAMES, *, size: int = SIZE, processes: int = 1) -> Iterator[PairFrame]:
    """Regenerate a benchmark set, every frame of its own anatomy.

    Parameters
    ----------
    name : str
        One of ``BENCHMARK_SETS``.
    frames : int
        The first this many frames of the set.
    size : int
        Rows and columns of a frame.
    processes : int
        Processes that share the frames; the pixels do not depend on it.

    Yields
    ------
    PairFrame
        ``speckled`` and ``clean`` (uint8, (H, W)), ``lumen`` and ``sector`` (bool, (H, W)), ``spacing`` (mm).

    Raises
    ------
    SettingsError
        If there is no set of this name, or a number is outside what is accepted.
    """
    check_whole("frames", frames, 1, MAXIMUM_NUMBER)
    check_whole("size", size, MINIMUM_SIZE, MAXIMUM_SIZE)
    return ordered_map(_Frames(chosen(name), size), frames, processes)


def benchmark_sweep(
    name: str, index: int = 0, frames: int = FRAMES, *, size: int = SIZE, processes: int = 1
) -> Iterator[PairFrame]:
    """Simulate the sweep that starts with frame `index` of a benchmark set (for flicker); see :func:`benchmark_set`."""
    return ordered_map(chosen(name).sweep(index, size).frame, frames, processes)


def chosen(name: str) -> BenchmarkSet:
    """Return the set of this name, or raise SettingsError."""
    if name not in BENCHMARK_SETS:
        raise SettingsError(f"There is no benchmark set {name!r}; choose one of {', '.join(BENCHMARK_SETS)}.")
    return BENCHMARK_SETS[name]


@dataclass(frozen=True)
class _Frames:
    entry: BenchmarkSet
    size: int

    def __call__(self, index: int) -> PairFrame:
        return self.entry.sweep(index, self.size).frame(0)
