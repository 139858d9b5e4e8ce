"""Simulated necks with known lumens, and a tiny network that was trained on them: stand-ins for patients and model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILTERS = (8, 16, 32)
STEPS = 60
SIDE = 192
LEARNING_RATE = 0.02


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
        rows, columns = working_size(sweep.frames[0].shape, sweep.spacing)
        for frame, mask in zip(sweep.frames, sweep.masks, strict=True):
            both = torch.from_numpy(np.stack([normalize(frame), mask.astype(np.float32)]))
            seen = F.interpolate(both[None], (rows, columns), mode="bilinear", antialias=True)[0]
            pairs.append(F.pad(seen, (0, SIDE - columns, 0, SIDE - rows)))
    network_def = default_network_def(FILTERS)
    network = make_network(network_def).to(memory_format=torch.channels_last)  # four times faster
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, STEPS)
    rng = np.random.default_rng(0)
    for _ in range(STEPS):
        chosen = torch.stack([pairs[index] for index in rng.integers(0, len(pairs), 2)])
        batch = chosen.flip(3) if rng.random() < 0.5 else chosen
        images = batch[:, :1].contiguous(memory_format=torch.channels_last)
        segmentation_loss(network(images), batch[:, 1:], torch.ones_like(batch[:, 1:])).backward()
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
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
