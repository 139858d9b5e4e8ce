"""Simulated necks with known lumens, and a tiny network that was trained on them: stand-ins for patients and model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILTERS = (8, 16, 32)
STEPS = 70


@dataclass(frozen=True)
class NeckSweep:
    """Frames (N, H, W) of a simulated neck, uint8; their lumens, 0 and 1; millimeters per row and column."""

    frames: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    spacing: tuple[float, float]


def simulated_neck(seed: int, *, frames: int = 6, size: int = 160, step: float = 0.02) -> NeckSweep:
    """Simulate a sweep across a neck; equal seeds give the same neck."""
    from Speckle2SelfTrainingLib.simulation.machine import Machine
    from Speckle2SelfTrainingLib.simulation.neck import TransverseNeck
    from Speckle2SelfTrainingLib.simulation.sweep import draw_sweep

    rng = np.random.default_rng(seed)
    machine = Machine.random(rng, convex=False, samples=size, lines=round(0.6 * size), aspect=1.0)
    anatomy = TransverseNeck(rng, machine.field_of_view)
    sweep = draw_sweep(rng, size=(size, size), machine=machine, anatomy=anatomy, step=step)
    made = [sweep.frame(index) for index in range(frames)]
    return NeckSweep(
        np.stack([one.speckled for one in made]),
        np.stack([one.lumen for one in made]).astype(np.uint8),
        (made[0].spacing, made[0].spacing),
    )


def train_lumen_model(folder: Path, sweeps: list[NeckSweep]) -> Path:
    """Train a tiny network for seconds and save it as a bundle, which knows the given necks and hardly any other."""
    import torch
    from Speckle2SelfTrainingLib.segmentation import SegmentationModel, write_segmentation_model
    from Speckle2SelfTrainingLib.segmentation.metadata import segmentation_metadata
    from Speckle2SelfTrainingLib.segmentation.recipe import (
        default_network_def,
        make_network,
        normalize,
        segmentation_loss,
        working_size,
    )
    from torch.nn import functional as F  # noqa: N812

    torch.manual_seed(0)
    pairs = []
    for sweep in sweeps:
        size = [side // 32 * 32 for side in working_size(sweep.frames[0].shape, sweep.spacing)]
        for frame, mask in zip(sweep.frames, sweep.masks, strict=True):
            both = torch.from_numpy(np.stack([normalize(frame), mask.astype(np.float32)]))
            pairs.append(F.interpolate(both[None], size, mode="bilinear", antialias=True)[0])
    network_def = default_network_def(FILTERS)
    network = make_network(network_def)
    optimizer = torch.optim.AdamW(network.parameters(), lr=6e-3)
    rng = np.random.default_rng(0)
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = 6e-3 * (1 - step / STEPS)
        batch = torch.stack([_window(pairs[index], rng) for index in rng.integers(0, len(pairs), 4)])
        loss = segmentation_loss(network(batch[:, :1]), batch[:, 1:], torch.ones_like(batch[:, 1:]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    metadata = segmentation_metadata(
        "tiny-lumen",
        version="0.0.1",
        changelog={"0.0.1": "Trained for seconds by a test."},
        description="A tiny U-Net that knows two simulated necks.",
        data_source="Simulated",
        license="Apache-2.0",
        network_def=network_def,
    )
    return write_segmentation_model(folder, SegmentationModel.unsaved(network, network_def), metadata)


def _window(pair: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:  # noqa: F821
    side = 128
    row, column = (int(rng.integers(0, length - side + 1)) for length in pair.shape[1:])
    window = pair[:, row : row + side, column : column + side]
    return window.flip(2) if rng.random() < 0.5 else window
