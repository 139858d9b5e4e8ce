"""Calibration of models for int8, on simulated frames: of a network that is about to be saved, or of saved bundles.

Run it with::

    python -m Speckle2SelfTrainingLib.calibration BUNDLE...

Only ``configs/metadata.json`` of each bundle changes; equal bundles get equal calibrations.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from Speckle2SelfLib.bundle import load_bundle
from Speckle2SelfLib.errors import ModelError
from Speckle2SelfLib.frame_path.change import HIGHEST_INPUT, LOWEST_INPUT, normalized
from Speckle2SelfLib.frame_path.statistics import robust_range
from Speckle2SelfLib.int8.calibration import Calibration
from Speckle2SelfLib.int8.observing import calibrate
from Speckle2SelfLib.network import SpeckleNetwork
from torch import Tensor

from .simulation.sweep import simulate_sweep

SEED = 20260
SWEEPS = 8
SIZE = (192, 192)
FAITHFUL = 1.0
BRIGHTER = 1.75


def calibration_of(network: SpeckleNetwork, strongest: float | None) -> Calibration | None:
    """Return the calibration of a network; None for one that does not bear rounding. Takes two seconds.

    Parameters
    ----------
    network : SpeckleNetwork
        In evaluation mode, on any device; it is not changed.
    strongest : float or None
        Its largest condition; None for one without.
    """
    if not network.options.bears_rounding:
        return None
    conditions = [FAITHFUL] if strongest is None else [FAITHFUL, strongest]
    own = copy.deepcopy(network).to("cpu", torch.float32)
    return calibrate(own, ((frame, condition) for frame in _frames() for condition in conditions))


def calibrate_bundle(folder: Path) -> bool:
    """Write the calibration of a bundle folder into its metadata; return whether its network bears it.

    Raises
    ------
    ModelError
        If the folder holds no bundle.
    """
    place = folder / "configs" / "metadata.json"
    if not place.is_file():
        raise ModelError(f"{folder.name!r} is not the folder of a model: it lacks 'configs/metadata.json'.")
    bundle = load_bundle(folder)
    calibration = calibration_of(bundle.network(), bundle.strongest)
    if calibration is None:
        return False
    metadata = json.loads(place.read_text(encoding="utf-8"))
    metadata["speckle2self"]["int8"] = replace(calibration, weights=bundle.sha256).to_dict()
    temporary = place.with_name(f".{place.name}")
    temporary.write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, place)
    return True


def _frames() -> Iterator[Tensor]:
    """Yield simulated frames as networks see them, (1, 1, H, W), always the same."""
    for seed in range(SEED, SEED + SWEEPS):
        (frame,) = simulate_sweep(np.random.default_rng(seed), frames=1, size=SIZE)
        gray = frame.speckled.astype(np.float32)
        everything = np.ones(gray.shape, bool)
        share = torch.from_numpy(normalized(gray, everything, *robust_range(gray[None], everything)))[None, None]
        yield share
        # Where a few pixels are far brighter than all others: inscriptions, reflections.
        yield (BRIGHTER * share).clamp(LOWEST_INPUT, HIGHEST_INPUT)


def main(arguments: list[str] | None = None) -> int:
    """Calibrate bundles."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundles", nargs="+", type=Path, metavar="BUNDLE")
    for folder in parser.parse_args(arguments).bundles:
        done = calibrate_bundle(folder)
        print(f"{folder.name}: {'calibrated' if done else 'its network does not bear int8'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
