"""Where the time up to the first frame goes."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .contestants import OURS
from .machine import devices
from .memory import child_environment
from .rows import Row
from .settings import BenchmarkSettings, size_text

SECTION = "startup"
# Nothing is compiled. The weights are read and the network is built; its engine moves it to the device and puts it into
# the precision and order in which it computes; the first frame pays for what PyTorch does at first use.
STAGES = ("Python", "the library", "PyTorch", "other packages", "weights", "engine", "first frame", "second frame")
MODULE_IMPORT, TOTAL = "import of the library without PyTorch", "up to the first frame"
RUNS = 3

Say = Callable[[str], object]


def measure(settings: BenchmarkSettings, say: Say) -> Iterator[Row]:
    """Yield the seconds of every stage of a start, medians of fresh processes on a warm disk."""
    size = size_text(settings.reference)
    for device in devices(settings.device):
        say(f"start up to the first frame on {device}")
        runs = [start_once(settings, device) for _ in range(min(RUNS, settings.repeats) + 1)][1:]
        for stage in (*STAGES, TOTAL):
            seconds = statistics.median(run[stage] for run in runs)
            yield Row(SECTION, OURS, stage, seconds, "s", device, size, 1, len(runs))
        library = statistics.median(run["the library"] for run in runs)
        yield Row(SECTION, OURS, MODULE_IMPORT, library * 1000, "ms", device, size, 1, len(runs))


def start_once(settings: BenchmarkSettings, device: str) -> dict[str, float]:
    """Start a fresh Python, despeckle two frames and return the seconds of every stage."""
    child = Path(__file__).with_name("startup_child.py")
    given = json.dumps({"size": settings.reference, "device": device, "model": settings.model})
    start = time.time()
    output = subprocess.run(
        [sys.executable, str(child), given],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=child_environment(),
    ).stdout
    stamps: dict[str, float] = json.loads(output.splitlines()[-1])
    times = [start, *(stamps[name] for name in STAGES)]
    stages = {name: after - before for name, before, after in zip(STAGES, times, times[1:], strict=False)}
    stages[TOTAL] = stamps["first frame"] - start
    return stages
