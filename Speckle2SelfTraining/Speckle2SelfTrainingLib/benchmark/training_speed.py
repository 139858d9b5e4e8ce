"""Steps per second of our trainings and of the authors' loop re-enacted, on batches of the same size."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from Speckle2SelfLib.network import SpeckleNetwork
from Speckle2SelfLib.perturbation import perturb
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ..training.settings import adaptation_settings, published_settings
from ..training.sources import FrameSource
from ..training.trainer import Training
from .clock import Run, interleaved
from .contestants import AUTHORS, OURS
from .frames import distinct_frames
from .machine import devices
from .rows import Row
from .settings import BenchmarkSettings, size_text

SECTION, STEPS = "training", "steps"
ADAPTING = f"{OURS}, adapting the shipped model"
SIMULATED_PAIRS = 8  # how many are there does not change how long a step takes
GPU_BATCH, GPU_CROP = 16, 512  # the published ones

Frames = NDArray[np.uint8]
Say = Callable[[str], object]


def measure(settings: BenchmarkSettings, say: Say) -> Iterator[Row]:
    """Yield the steps per second of our trainings and of the authors' loop on every device."""
    for device in devices(settings.device):
        gpu = device.startswith("cuda")
        batch, crop = (GPU_BATCH, GPU_CROP) if gpu else (settings.training_batch, settings.training_crop)
        say(f"training on {device}, batches of {batch} crops of {crop}x{crop}")
        frames = distinct_frames((max(32, crop), max(32, crop)))
        with tempfile.TemporaryDirectory(prefix="speckle2self-benchmark-") as folder:
            ours = _trainings(frames, batch, crop, Path(folder), device)
            authors = AuthorsLoop(frames, batch, device)
            runs: dict[str, Run] = {name: partial(_step, training, device) for name, training in ours.items()}
            timings = interleaved({**runs, AUTHORS: authors.step}, settings.training_steps, math.inf)
        for name, timing in timings.items():
            recipe = "adaptation" if name == ADAPTING else "published recipe"
            precision = ours[name].loop.precision if name in ours else "fp32"
            note = f"{recipe}, batch {batch}, precision {precision}"
            size, count = size_text((crop, crop)), len(timing.seconds)
            yield Row(SECTION, name, STEPS, 1 / timing.median, "steps/s", device, size, batch, count, note)


def _trainings(frames: Frames, batch: int, crop: int, folder: Path, device: str) -> dict[str, Training]:
    """Return a training anew and an adaptation of the shipped model as they are by default, but for batch and crop."""
    half = len(frames) // 2
    sources = [FrameSource.from_array("a", frames[:half])], [FrameSource.from_array("b", frames[half:])]
    size = {"batch_size": batch, "crop": crop, "steps": 10_000}
    anew = published_settings(**size)
    adapting = adaptation_settings(**size, simulated_frames=SIMULATED_PAIRS)
    return {
        OURS: Training(anew, *sources, folder / "anew", device=device),
        ADAPTING: Training(adapting, *sources, folder / "adapting", "default", device),
    }


def _step(training: Training, device: str) -> None:
    training.loop.advance()
    _wait(device)


class AuthorsLoop:
    """The published training step re-enacted: eager fp32, augmentation frame by frame on the CPU, three encoders.

    Parameters
    ----------
    frames : uint8 array (N, H, W)
    batch : int
    device : str
    """

    def __init__(self, frames: Frames, batch: int, device: str) -> None:
        self._frames = torch.from_numpy(frames.astype(np.float32) / 255)[:, None]
        self._batch, self._device = batch, device
        self._network = SpeckleNetwork(encoders=3).train().to(device)
        self._optimizer = torch.optim.Adam(self._network.parameters(), 1e-3, betas=(0.5, 0.999))
        self._rng = np.random.default_rng(0)

    def step(self) -> float:
        """Do one step and return its loss."""
        samples = [self._sample() for _ in range(self._batch)]
        views = [torch.cat(scale).to(self._device) for scale in zip(*samples, strict=True)]
        outputs = self._network(views)
        pairs = ((0, 1), (0, 2), (1, 2))
        loss = torch.stack([F.mse_loss(output, view) for output, view in zip(outputs, views, strict=True)]).sum()
        loss = loss + torch.stack([F.l1_loss(outputs[one], outputs[other]) for one, other in pairs]).sum()
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        return float(loss.detach())

    def _sample(self) -> list[Tensor]:
        """Return the views of one frame, perturbed, normalized and then moved alike."""
        frame = self._frames[int(self._rng.integers(len(self._frames)))][None]
        views = perturb(frame)
        if self._rng.random() < 0.3:
            views = [view.flip(-1) for view in views]
        if self._rng.random() < 0.3:
            views = [view.flip(-2) for view in views]
        if self._rng.random() < 0.3:
            angle, scale = np.deg2rad(self._rng.uniform(-30, 30)), self._rng.uniform(0.8, 1.2)
            shift = self._rng.uniform(-0.2, 0.2, 2)
            cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
            matrix = torch.tensor([[[cosine, -sine, shift[0]], [sine, cosine, shift[1]]]], dtype=torch.float32)
            grid = F.affine_grid(matrix, list(frame.shape), align_corners=False)
            views = [F.grid_sample(view, grid, align_corners=False) for view in views]
        return views


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()
