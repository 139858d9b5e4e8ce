"""Peak memory of despeckling a sweep, in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from Speckle2SelfLib.kept_memory import NAMES

from .settings import Size

MIB = 1024**2
PACKAGES = ("Speckle2SelfLib", "Speckle2SelfTrainingLib")
UNKNOWN = "not measured: this system does not tell the peak memory of a process"


@lru_cache(maxsize=64)
def fresh_peak(way: str, model: str, device: str, size: Size, count: int) -> float | None:
    """Return by how much a process grows at most while it despeckles a sweep, or what the GPU holds; MiB.

    Python, PyTorch and the network are there before; the frames are, too. None where the system does not tell.

    Parameters
    ----------
    way : {"ours", "authors", "plain"}
    model, device : str
    size : (int, int)
    count : int
        Frames of the sweep.
    """
    given = json.dumps({"way": way, "model": model, "device": device, "size": size, "count": count})
    answer = subprocess.run(
        [sys.executable, "-m", "Speckle2SelfTrainingLib.benchmark.memory_child", given],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=child_environment(ours=way == "ours"),
    ).stdout
    peak: float | None = json.loads(answer.splitlines()[-1])
    return peak


def child_environment(*, ours: bool = True) -> dict[str, str]:
    """Return the environment in which a Python finds the packages as they are used here.

    Parameters
    ----------
    ours : bool
        Memory is kept as our commands keep it; others run as Python does by itself.
    """
    folders = [str(Path(sys.modules[name].__file__ or "").resolve().parents[1]) for name in PACKAGES]
    kept = {name: value for name, value in os.environ.items() if ours or name not in NAMES}
    return {**kept, "PYTHONPATH": os.pathsep.join(folders)}
