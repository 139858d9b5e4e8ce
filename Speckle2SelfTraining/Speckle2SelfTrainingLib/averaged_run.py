"""A training of all encoders and the decoder with targets, which can be stopped at any step and resumed."""

from __future__ import annotations

import math
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from Speckle2SelfLib.network import SpeckleNetwork
from Speckle2SelfLib.perturbation import PUBLISHED_SCALES, resample_down_and_up
from torch import Tensor, nn

WARM_UP_STEPS = 200
CHECKPOINT, CURVE = "checkpoint.pt", "curve.csv"


@dataclass(frozen=True)
class Schedule:
    """Course of a training.

    Parameters
    ----------
    steps : int
        Optimizer steps.
    learning_rate : float
        Peak of Adam's learning rate; it warms up over 200 steps and falls as a cosine.
    average : float
        Decay of the running average of the weights, which is what is saved.
    batch_size : int
        Crops per step.
    coarse_every, coarse_batch : int
        Every so many steps the encoders of the coarse scales are trained, too, on so many crops; 0 is never.
    """

    steps: int
    learning_rate: float
    average: float
    batch_size: int
    coarse_every: int = 0
    coarse_batch: int = 0

    def rate(self, step: int) -> float:
        """Return the learning rate of a step."""
        warm = min(1.0, (step + 1) / WARM_UP_STEPS)
        return self.learning_rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / self.steps)))


class AveragedRun(ABC):
    """The loop of a supervised training with a running average of the weights.

    Parameters
    ----------
    network : SpeckleNetwork
        With the weights to start from.
    schedule : Schedule
    folder : Path
        Receives ``checkpoint.pt`` (written to a temporary file, then renamed) and ``curve.csv``; a run that was
        stopped goes on from there.
    device : str
    """

    def __init__(self, network: SpeckleNetwork, schedule: Schedule, folder: Path, device: str) -> None:
        self.schedule, self.folder, self.device = schedule, folder, device
        folder.mkdir(parents=True, exist_ok=True)
        self.network = network.to(device)
        self.average = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        self.optimizer = torch.optim.Adam(self.network.parameters(), schedule.learning_rate, betas=(0.9, 0.99))
        self.step = 0
        self._resume()

    @abstractmethod
    def prepare(self) -> None:
        """Make what the steps need, before the first one."""

    @abstractmethod
    def scale_loss(self, encoder: int, count: int) -> Tensor:
        """Return the loss of one encoder on so many new crops, a scalar."""

    def run(self, report: Callable[[int, float], None] | None = None, save_every: int = 200) -> SpeckleNetwork:
        """Train up to the last step and return the averaged network; `report(step, loss)` every 20 steps."""
        self.prepare()
        recent: list[float] = []
        while self.step < self.schedule.steps:
            recent.append(self._advance())
            if self.step % 20 == 0:
                self._log(float(np.mean(recent)))
                if report:
                    report(self.step, float(np.mean(recent)))
                recent.clear()
            if self.step % save_every == 0 or self.step == self.schedule.steps:
                self._save()
        return self.averaged()

    def averaged(self) -> SpeckleNetwork:
        """Return a network with the running average of the weights."""
        network = SpeckleNetwork(self.network.options, len(self.network.encoder_names))
        network.load_state_dict(self.average)
        return network.eval()

    def curve(self, points: int = 100) -> list[tuple[int, float]]:
        """Return step and mean loss since the point before, at most `points` of them, over all runs in this folder."""
        path = self.folder / CURVE
        rows = np.loadtxt(path, delimiter=",", ndmin=2) if path.is_file() else np.empty((0, 3))
        groups = np.array_split(rows, min(points, len(rows))) if len(rows) else []
        return [(int(group[-1, 0]), round(float(group[:, 1].mean()), 5)) for group in groups]

    def despeckle(self, speckled: Tensor, conditions: Tensor, encoder: int) -> Tensor:
        """Run one encoder on its own view of speckled crops, in bf16; returns fp32, shape (N, 1, H, W)."""
        view = resample_down_and_up(speckled, PUBLISHED_SCALES[encoder])
        view = view.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device, torch.bfloat16):
            output: Tensor = self.network.despeckle(view, conditions, encoder=encoder)
        return output.float()

    def _advance(self) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate(self.step)
        loss = self._backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        decay = min(self.schedule.average, (self.step + 1) / (self.step + 10))
        for name, value in self.network.state_dict().items():
            self.average[name].lerp_(value, 1 - decay)
        self.step += 1
        return loss

    def _backward(self) -> float:
        """Add the gradients of one step and return the loss of the full-resolution encoder."""
        schedule = self.schedule
        loss = self.scale_loss(0, schedule.batch_size)
        loss.backward()  # type: ignore[no-untyped-call]
        if schedule.coarse_every and self.step % schedule.coarse_every == 0:
            for encoder in (1, 2):
                coarse = 0.5 * self.scale_loss(encoder, schedule.coarse_batch)
                coarse.backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())

    def _log(self, loss: float) -> None:
        with (self.folder / CURVE).open("a") as file:
            file.write(f"{self.step},{loss:.6f},{time.time():.0f}\n")

    def _save(self) -> None:
        state = {
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
        }
        temporary = self.folder / f"{CHECKPOINT}.tmp"
        torch.save(state, temporary)
        os.replace(temporary, self.folder / CHECKPOINT)

    def _resume(self) -> None:
        checkpoint = self.folder / CHECKPOINT
        if not checkpoint.is_file():
            return
        state = torch.load(checkpoint, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average = state["average"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.step = int(state["step"])
        self._forget_after(self.step)

    def _forget_after(self, step: int) -> None:
        """Drop what the curve says of steps that were lost when the run was stopped."""
        path = self.folder / CURVE
        if path.is_file():
            lines = [line for line in path.read_text().splitlines() if int(line.partition(",")[0]) <= step]
            path.write_text("".join(f"{line}\n" for line in lines))
