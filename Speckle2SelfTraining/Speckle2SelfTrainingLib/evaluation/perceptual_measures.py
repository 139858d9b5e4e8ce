"""LPIPS, only where its package and its weights are on the machine already: nothing is ever downloaded."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .frames import Gray8

Distance = Callable[[Gray8, Gray8], float]


@functools.cache
def lpips_distance() -> tuple[Distance | None, str]:
    """Return the LPIPS distance (AlexNet) of two 8-bit frames, or None and why it is not measured."""
    if importlib.util.find_spec("lpips") is None:
        return None, "not measured: the package lpips is not installed"
    import torch

    if not list(Path(torch.hub.get_dir(), "checkpoints").glob("alexnet-*.pth")):
        return None, "not measured: the AlexNet weights of LPIPS are not on this machine"
    import lpips

    network = lpips.LPIPS(net="alex", verbose=False).eval()

    def distance(frame: Gray8, truth: Gray8) -> float:
        pair = [torch.from_numpy(np.repeat(one[None, None] / 127.5 - 1, 3, 1)).float() for one in (frame, truth)]
        with torch.inference_mode():
            return float(network(*pair))

    return distance, ""
