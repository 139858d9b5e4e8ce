"""A simulation job: the frames that settings ask for, and a description of how they were made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from .benchmark_sets import benchmark_set, chosen
from .kinds import KINDS
from .machine import Machine
from .parallel import available_processors, ordered_map
from .settings import SimulationSettings
from .sweep import SimulatedFrame, Sweep

MAXIMUM_PROCESSES = 8
FRAMES_PER_PROCESS = 16  # below, starting a process costs more time than it saves


def sweep_of(settings: SimulationSettings) -> Sweep:
    """Return the sweep that settings without a benchmark set ask for."""
    rng = np.random.default_rng(settings.seed)
    size, lines = settings.size, max(64, int(settings.size * 0.6))
    if settings.machine == "fine-grain":
        machine = Machine.fine_grain(rng, samples=size, lines=max(64, size // 2))
    else:
        machine = Machine.random(rng, convex=settings.probe == "convex", samples=size, lines=lines, aspect=1)
    if settings.dynamic_range is not None:
        machine = replace(machine, gray_map=replace(machine.gray_map, dynamic_range=float(settings.dynamic_range)))
    anatomy = KINDS[settings.kind](rng, machine)
    exported = None if settings.final_size == size else (settings.final_size, settings.final_size)
    return Sweep(int(rng.integers(2**63)), machine, anatomy, (size, size), exported=exported)


def frames_of(settings: SimulationSettings, processes: int | None = None) -> Iterator[SimulatedFrame]:
    """Yield the frames of a job; their pixels do not depend on the number of processes.

    Parameters
    ----------
    settings : SimulationSettings
    processes : int or None
        None takes as many as there are processors, fewer for few frames.
    """
    if processes is None:
        processes = min(available_processors(), MAXIMUM_PROCESSES, 1 + settings.number // FRAMES_PER_PROCESS)
    if settings.benchmark is not None:
        return benchmark_set(settings.benchmark, settings.number, size=settings.size, processes=processes)
    return ordered_map(sweep_of(settings).frame, settings.number, processes)


def describe(settings: SimulationSettings) -> dict[str, Any]:
    """Return probe and machine of a job: one description, or one per frame of a benchmark set."""
    if settings.benchmark is None:
        return {"machine": sweep_of(settings).machine.describe()}
    entry = chosen(settings.benchmark)
    sweeps = (entry.sweep(index, settings.size) for index in range(settings.number))
    return {
        "about": entry.about,
        "seed": entry.seed,
        "machine_of_frame": [sweep.machine.describe() for sweep in sweeps],
    }
