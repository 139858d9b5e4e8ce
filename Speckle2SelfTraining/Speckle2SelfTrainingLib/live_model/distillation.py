"""The training of a narrow network on what a wide one makes of the same crops, at every strength.

Distillation: G. Hinton, O. Vinyals, J. Dean, "Distilling the knowledge in a neural network", arXiv 1503.02531; here the
teacher's frames are the targets, as despeckling is regression. Only the encoder of the full resolution is trained, the
one that inference uses.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from Speckle2SelfLib.network import NetworkOptions, SpeckleNetwork
from torch import Tensor

from ..averaged_run import AveragedRun, Schedule
from ..default_model.examples import Example
from ..pretraining import initialize_without_norm
from .answered_crops import AnsweredCrops
from .loss import answer_loss
from .settings import DistillationSettings


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
    start : SpeckleNetwork, optional
        A network of one encoder as an earlier course left it; the student starts at random without.
    """

    def __init__(
        self,
        settings: DistillationSettings,
        teacher: SpeckleNetwork,
        strongest: float,
        examples: list[Example],
        folder: Path,
        device: str = "cpu",
        start: SpeckleNetwork | None = None,
    ) -> None:
        torch.manual_seed(settings.seed)
        options = NetworkOptions.from_dict({**teacher.options.to_dict(), "channels": settings.channels})
        network = SpeckleNetwork(options, encoders=1)
        if start is None:
            initialize_without_norm(network)
        else:
            network.load_state_dict(start.state_dict())
        schedule = Schedule(settings.steps, settings.learning_rate, settings.average, settings.batch_size)
        super().__init__(network, schedule, folder, device)
        self.settings = settings
        # A resumed run draws other crops than before the stop, never the same ones again.
        self._crops = AnsweredCrops(examples, teacher, strongest, settings, settings.seed + self.step, device)

    def prepare(self) -> None:
        """Write down the settings."""
        (self.folder / "settings.json").write_text(json.dumps(self.settings.to_dict(), indent=1), encoding="utf-8")

    def scale_loss(self, encoder: int, count: int) -> Tensor:
        """Return how far the student is from its teacher on so many crops, a scalar."""
        speckled, conditions, answer = self._crops.batch(count)
        return answer_loss(self.despeckle(speckled, conditions, encoder), answer, self.settings)
