"""Short words that the worker tests share."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from Speckle2SelfLib.settings import DespeckleSettings


def speckled(shape: tuple[int, ...], dtype: Any = np.uint8, seed: int = 0) -> np.ndarray:
    """Frames with speckle-like noise in the range 0 to 200."""
    rng = np.random.default_rng(seed)
    return np.minimum(rng.rayleigh(40.0, shape), 200).astype(dtype)


def settings_of(model: str, **changes: Any) -> DespeckleSettings:
    return DespeckleSettings(model=model, device="cpu", **changes)


def begin(client: Any, frames: np.ndarray, settings: DespeckleSettings, **options: Any) -> Any:
    """Open a job, write its frames and send it."""
    task = client.begin(frames.shape, frames.dtype, settings, **options)
    try:
        for index, frame in enumerate(frames):
            task.write(index, frame)
        task.send()
    except BaseException:
        task.close()
        raise
    return task


def compute(client: Any, frames: np.ndarray, settings: DespeckleSettings, **options: Any) -> np.ndarray:
    """Despeckle frames in the worker and wait for them."""
    with begin(client, frames, settings, **options) as task:
        ready = sorted((position, np.array(frame)) for position, frame in task.wait())
        return np.stack([frame for _, frame in ready])


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Wait for something, and say whether it came."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def alive(pid: int) -> bool:
    """Say whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def program(text: str) -> list[str]:
    """The command of a stand-in for the worker: a Python program that misbehaves."""
    return [sys.executable, "-c", text]
