"""What the figures were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from pathlib import Path
from typing import Any

from Speckle2SelfLib import __version__
from Speckle2SelfLib.archive.machine import available_memory, available_processors

PACKAGES = ("torch", "numpy", "scipy", "scikit-image", "SimpleITK", "zea", "keras", "jax", "bm3d")
MIB = 1024**2


def describe_machine() -> dict[str, Any]:
    """Return processor, memory, threads and versions as plain values; no name of a machine or of a user."""
    import torch

    memory = available_memory()
    gpus = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    return {
        "speckle2self": __version__,
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "processors": available_processors(),
        "threads": torch.get_num_threads(),
        "free_memory_mib": None if memory is None else memory // MIB,
        "gpus": gpus if torch.cuda.is_available() else [],
        "python": platform.python_version(),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
        "load_at_start": load(),
    }


def load() -> float | None:
    """Return how many processes wanted a processor in the last minute, where the system says."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def devices(device: str) -> list[str]:
    """Return what is measured on: for "auto" the CPU and, where there is one, the GPU."""
    if device != "auto":
        return [device]
    from Speckle2SelfLib.engine import choose_device

    best = choose_device("auto")[0]
    return ["cpu"] if best == "cpu" else ["cpu", best]


def wait(device: str) -> None:
    """Wait until a GPU has computed what it was given."""
    import torch

    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    elif device == "mps":
        torch.mps.synchronize()


def _processor() -> str:
    if sys.platform == "linux":
        try:
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
        except OSError:
            pass
    return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
