"""Frames per second of the simulator on one core."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from ..simulation.job import sweep_of
from ..simulation.settings import MINIMUM_SIZE, SimulationSettings
from ..simulation.sweep import Sweep
from .clock import interleaved
from .rows import Row
from .settings import BenchmarkSettings, size_text

SECTION, RATE = "simulator", "frames per second and core"
KINDS = (("neck", "linear"), ("layers", "linear"), ("limb", "linear"), ("tissue", "convex"), ("phantom", "linear"))
FRAMES = 2

Say = Callable[[str], object]


def measure(settings: BenchmarkSettings, say: Say) -> Iterator[Row]:
    """Yield the rate of every anatomy by processor time: what else the machine does has no part in it."""
    side = max(MINIMUM_SIZE, settings.reference[0])
    say(f"simulator, {side}x{side}")
    sweeps = {
        f"{anatomy}, {probe}": sweep_of(SimulationSettings(FRAMES, side, probe, anatomy=anatomy))
        for anatomy, probe in KINDS
    }
    runs = {name: partial(_frames, sweep) for name, sweep in sweeps.items()}
    for name, timing in interleaved(runs, settings.repeats, settings.patience, time.process_time).items():
        rate, size = FRAMES / timing.median, size_text((side, side))
        yield Row(SECTION, name, RATE, rate, "frames/s", "cpu", size, FRAMES, len(timing.seconds))


def _frames(sweep: Sweep) -> None:
    for index in range(FRAMES):
        sweep.frame(index)
