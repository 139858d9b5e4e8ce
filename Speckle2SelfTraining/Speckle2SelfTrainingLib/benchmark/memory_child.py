"""Despeckles one sweep in a process of its own and prints by how many MiB that grew."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .frames import LongSweep, distinct_frames
from .memory import MIB


def main(given: dict[str, Any]) -> int:
    """Load the network, then measure the sweep."""
    sweep = LongSweep(distinct_frames(tuple(given["size"])), given["count"])
    despeckle = _way(given["way"], given["model"], given["device"])
    device = given["device"]
    peak = _gpu_peak(despeckle, sweep, device) if device.startswith("cuda") else _peak(despeckle, sweep)
    print(json.dumps(peak))
    return 0


def _way(name: str, model: str, device: str) -> Callable[[Any], object]:
    from .contestants import each, stream
    from .ways import AuthorsWay, PlainWay

    if name == "authors":
        return each(AuthorsWay(device))
    if name == "plain":
        return each(PlainWay(model, device))
    from Speckle2SelfLib.despeckler import Despeckler

    return stream(Despeckler(model=model, device=device))


def _peak(despeckle: Callable[[LongSweep], object], sweep: LongSweep) -> float | None:
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not status.exists():
        return _peak_by_usage(despeckle, sweep)
    reset.write_text("5")  # forget the peak of loading
    before = _entry(status, "VmRSS")
    despeckle(sweep)
    return _entry(status, "VmHWM") - before


def _peak_by_usage(despeckle: Callable[[LongSweep], object], sweep: LongSweep) -> float | None:
    try:
        import resource
    except ImportError:
        return None
    unit = MIB if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    despeckle(sweep)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / unit


def _gpu_peak(despeckle: Callable[[LongSweep], object], sweep: LongSweep, device: str) -> float:
    import torch

    torch.cuda.reset_peak_memory_stats(device)
    despeckle(sweep)
    return float(torch.cuda.max_memory_allocated(device)) / MIB


def _entry(status: Path, name: str) -> float:
    lines = status.read_text(encoding="ascii", errors="replace").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
