"""The training of a narrow network on what a wide one makes of the same crops, at every strength.

Distillation: G. Hinton, O. Vinyals, J. Dean, "Distilling the knowledge in a neural network", arXiv 1503.02531; here the
teacher's frames are the targets, as despeckling is regression. Only the encoder of the full resolution is trained, the
one that inference uses.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfLib.network import NetworkOptions, SpeckleNetwork
from torch import Tensor

from ..averaged_run import AveragedRun, Schedule
from ..default_model.example_crops import ExampleCrops
from ..default_model.examples import Example
from ..pretraining import initialize_without_norm, pair_loss


@dataclass(frozen=True)
class DistillationSettings:
    """Settings of a distillation.

    Parameters
    ----------
    steps : int
        Optimizer steps.
    channels : int
        Width of the student, see :class:`~Speckle2SelfLib.network.NetworkOptions`.
    batch_size, crop : int
        Crops per step and their size in pixels.
    learning_rate, average : float
        See :class:`~..averaged_run.Schedule`.
    edge_weight, gradient_weight : float
        See :func:`~..pretraining.pair_loss`.
    end_share : float
        Share of crops with the smallest and with the largest condition, each; the rest lies between.
    seed : int
    """

    steps: int = 16000
    channels: int = 16
    batch_size: int = 6
    crop: int = 144
    learning_rate: float = 1.5e-3
    average: float = 0.998
    edge_weight: float = 2.0
    gradient_weight: float = 0.5
    end_share: float = 0.2
    seed: int = 777

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> DistillationSettings:
        """Build settings from :meth:`to_dict`'s output.

        Raises
        ------
        SettingsError
            If a field is unknown.
        """
        known = {entry.name for entry in fields(cls)}
        if unknown := set(values) - known:
            raise SettingsError(
                f"Unknown settings: {', '.join(sorted(unknown))}; known are {', '.join(sorted(known))}."
            )
        return cls(**values)


class Distillation(AveragedRun):
    """A training of a narrow network, which can be stopped at any step and resumed.

    Parameters
    ----------
    settings : DistillationSettings
    teacher : SpeckleNetwork
        Conditioned network without norm, which answers for every crop.
    strongest : float
        Its largest condition.
    examples : list of Example
        Only their speckled frames are used.
    folder : Path
        Receives checkpoint, curve and settings.
    device : str
    """

    def __init__(
        self,
        settings: DistillationSettings,
        teacher: SpeckleNetwork,
        strongest: float,
        examples: list[Example],
        folder: Path,
        device: str = "cpu",
    ) -> None:
        torch.manual_seed(settings.seed)
        options = NetworkOptions.from_dict({**teacher.options.to_dict(), "channels": settings.channels})
        network = SpeckleNetwork(options, encoders=1)
        initialize_without_norm(network)
        schedule = Schedule(settings.steps, settings.learning_rate, settings.average, settings.batch_size)
        super().__init__(network, schedule, folder, device)
        self.settings, self._strongest = settings, strongest
        self._teacher = teacher.to(device).eval().requires_grad_(False)
        # A resumed run draws other crops than before the stop, never the same ones again.
        self._crops = ExampleCrops(examples, settings.crop, settings.seed + self.step)

    def prepare(self) -> None:
        """Write down the settings."""
        (self.folder / "settings.json").write_text(json.dumps(self.settings.to_dict(), indent=1), encoding="utf-8")

    def scale_loss(self, encoder: int, count: int) -> Tensor:
        """Return how far the student is from its teacher on so many new crops, a scalar."""
        speckled = self._crops.batch(count)[0].to(self.device, memory_format=torch.channels_last)
        conditions = self._draw_conditions(count).to(self.device)
        with torch.no_grad(), torch.autocast(self.device, torch.bfloat16):
            target = self._teacher.despeckle(speckled, conditions).float()
        output = self.despeckle(speckled, conditions, encoder)
        return pair_loss(output, target, self.settings.edge_weight, self.settings.gradient_weight)

    def _draw_conditions(self, count: int) -> Tensor:
        lot, share = torch.rand(count), self.settings.end_share
        conditions = 1 + (self._strongest - 1) * torch.rand(count)
        conditions = torch.where(lot < share, torch.ones(count), conditions)
        return torch.where(lot >= 1 - share, torch.full((count,), self._strongest), conditions)
