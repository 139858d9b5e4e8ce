"""The whole command line: start of Python, files and despeckling; time and peak memory by length of the sweep."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from .contestants import OURS
from .frames import LongSweep, distinct_frames
from .machine import devices
from .memory import MIB, UNKNOWN, child_environment
from .rows import Row, skipped
from .settings import BenchmarkSettings, size_text

SECTION = "command"
SECONDS, MEMORY, REST, RATE = "whole run", "peak memory", "memory besides input and output", "frames of the whole run"

Say = Callable[[str], object]


def measure(settings: BenchmarkSettings, say: Say) -> Iterator[Row]:
    """Yield time and peak memory of ``speckle2self despeckle`` for sweeps of several lengths."""
    size = size_text(settings.reference)
    pixels = settings.reference[0] * settings.reference[1]
    for device in devices(settings.device):
        for count in settings.growth_frames:
            say(f"speckle2self despeckle with {count} frames of {size} on {device}")
            with tempfile.TemporaryDirectory(prefix="speckle2self-benchmark-") as folder:
                given = write_sweep(Path(folder, "sweep.nrrd"), LongSweep(distinct_frames(settings.reference), count))
                seconds, peak = run(["despeckle", str(given), str(Path(folder, "out.nrrd")), "--device", device])
            note = "start of Python and files included"
            yield Row(SECTION, OURS, SECONDS, seconds, "s", device, size, count, 1, note)
            yield Row(SECTION, OURS, RATE, count / seconds, "frames/s", device, size, count, 1, note)
            if peak is None:
                yield skipped(SECTION, OURS, MEMORY, "MiB", UNKNOWN, device=device, size=size, frames=count)
                continue
            yield Row(SECTION, OURS, MEMORY, peak, "MiB", device, size, count, 1)
            yield Row(SECTION, OURS, REST, peak - 2 * count * pixels / MIB, "MiB", device, size, count, 1)


def write_sweep(path: Path, sweep: LongSweep) -> Path:
    """Write a sweep as raw NRRD, frame by frame."""
    rows, columns = np.asarray(sweep[0]).shape
    header = (
        "NRRD0004\ntype: uint8\ndimension: 3\nspace: left-posterior-superior\n"
        f"sizes: {columns} {rows} {len(sweep)}\nspace directions: (0.1,0,0) (0,0.1,0) (0,0,0.5)\n"
        "kinds: domain domain domain\nencoding: raw\nspace origin: (0,0,0)\n\n"
    )
    with open(path, "wb") as file:
        file.write(header.encode("ascii"))
        for index in range(len(sweep)):
            file.write(np.ascontiguousarray(sweep[index]).tobytes())
    return path


def run(arguments: list[str]) -> tuple[float, float | None]:
    """Run the command line and return its seconds and its peak memory in MiB.

    Raises
    ------
    RuntimeError
        If it fails.
    """
    command = [sys.executable, "-m", "Speckle2SelfLib", *arguments]
    child = Path(__file__).with_name("command_child.py")
    answer = subprocess.run(
        [sys.executable, str(child), *command], stdout=subprocess.PIPE, text=True, check=True, env=child_environment()
    ).stdout
    status, seconds, peak = json.loads(answer.splitlines()[-1])
    if status:
        raise RuntimeError(f"speckle2self {arguments[0]} ended with status {status}")
    return seconds, peak
