"""The training of the shipped model: a student of simulated truth, of an earlier model and of flattening.

The condition 1 asks for the faithful target, the largest one for that with the flattest tissue, the middle between
them for flat tissue, all others for a blend of neighbors. Each encoder sees its own perturbed view, so that the result
can be fine-tuned with the self-supervised losses.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from Speckle2SelfLib.network import SpeckleNetwork
from torch import Tensor

from ..averaged_run import AveragedRun, Schedule
from ..conditions import draw_conditions
from ..flattening import Flattening
from ..pairs import PairRecipe
from ..pretraining import pair_loss
from .example_crops import ExampleCrops
from .examples import Example, Flattenings


@dataclass(frozen=True)
class StudentSettings:
    """Settings of the training of the shipped model.

    Parameters
    ----------
    steps : int
        Optimizer steps.
    batch_size, crop : int
        Crops per step and their size in pixels.
    learning_rate, average : float
        See :class:`~..averaged_run.Schedule`.
    coarse_every, coarse_batch : int
        Every so many steps the encoders of the coarse scales are trained, too, on so many crops.
    edge_weight, gradient_weight : float
        See :func:`~..pretraining.pair_loss`.
    strongest : float
        Largest condition, at which tissue is flattened most.
    faithful_share, flattest_share : float
        Share of crops with the smallest and with the largest condition; the rest lies between.
    window : int
        Rows and columns of an example, pixels.
    real_repeats : int
        How often a real example stands among the simulated ones.
    seed : int
    pairs : PairRecipe
        Simulated examples.
    flattenings : Flattenings
    """

    steps: int = 19500
    batch_size: int = 5
    crop: int = 144
    learning_rate: float = 5e-4
    average: float = 0.998
    coarse_every: int = 8
    coarse_batch: int = 2
    edge_weight: float = 3.0
    gradient_weight: float = 0.5
    strongest: float = 1.8
    faithful_share: float = 0.25
    flattest_share: float = 0.25
    window: int = 288
    real_repeats: int = 2
    seed: int = 777
    pairs: PairRecipe = field(default_factory=lambda: PairRecipe(frames=420))
    flattenings: Flattenings = field(default_factory=Flattenings)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-ready values."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> StudentSettings:
        """Build settings from :meth:`to_dict`'s output."""
        known = {entry.name for entry in fields(cls)}
        given = {key: value for key, value in values.items() if key in known}
        given["pairs"] = PairRecipe.from_dict(given.get("pairs", {}))
        kinds = given.get("flattenings", asdict(Flattenings()))
        given["flattenings"] = Flattenings(**{name: Flattening(**kind) for name, kind in kinds.items()})
        return cls(**given)


class Student(AveragedRun):
    """The training of the shipped model; it can be stopped at any step and resumed.

    Parameters
    ----------
    settings : StudentSettings
    start : SpeckleNetwork
        Conditioned network with three encoders: the teacher, whose weights the student starts from.
    examples : list of Example
    folder : Path
        Receives checkpoint, curve and settings.
    device : str
    """

    def __init__(
        self,
        settings: StudentSettings,
        start: SpeckleNetwork,
        examples: list[Example],
        folder: Path,
        device: str = "cpu",
    ) -> None:
        torch.manual_seed(settings.seed)
        network = SpeckleNetwork(start.options)
        network.load_state_dict(start.state_dict())
        schedule = Schedule(
            settings.steps,
            settings.learning_rate,
            settings.average,
            settings.batch_size,
            settings.coarse_every,
            settings.coarse_batch,
        )
        super().__init__(network, schedule, folder, device)
        self.settings = settings
        # A resumed run draws other crops than before the stop, never the same ones again.
        self._crops = ExampleCrops(examples, settings.crop, settings.seed + self.step)

    def prepare(self) -> None:
        """Write down the settings."""
        (self.folder / "settings.json").write_text(json.dumps(self.settings.to_dict(), indent=1))

    def scale_loss(self, encoder: int, count: int) -> Tensor:
        """Return the loss of one encoder on so many new crops, a scalar."""
        settings = self.settings
        speckled, targets = (crops.to(self.device) for crops in self._crops.batch(count))
        conditions = draw_conditions(count, settings.strongest, settings.faithful_share, settings.flattest_share).to(
            self.device
        )
        share = (conditions - 1) / (settings.strongest - 1)
        output = self.despeckle(speckled, conditions, encoder)
        return pair_loss(output, blend(targets, share), settings.edge_weight, settings.gradient_weight)


def blend(targets: Tensor, share: Tensor) -> Tensor:
    """Return what lies at `share` of the way from the faithful over the flat to the flattest target.

    Parameters
    ----------
    targets : Tensor, shape (N, 3, H, W)
    share : Tensor, shape (N,), 0 to 1

    Returns
    -------
    Tensor, shape (N, 1, H, W)
    """
    faithful, flat, flattest = targets[:, :1], targets[:, 1:2], targets[:, 2:]
    way = 2 * share.reshape(-1, 1, 1, 1)
    return torch.where(way <= 1, torch.lerp(faithful, flat, way), torch.lerp(flat, flattest, way - 1))
