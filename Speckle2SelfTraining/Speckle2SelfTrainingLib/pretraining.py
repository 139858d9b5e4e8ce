"""Supervised training of all three encoders and the decoder on simulated pairs: the shipped model's first teacher.

Each encoder sees its own perturbed view and learns the same clean frame, so that the result can be fine-tuned with the
self-supervised losses. The condition is, up to 1, the contrast of the speckle in a crop as a share of what the
simulator made; above 1 it asks for tissue to be flattened between boundaries.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from Speckle2SelfLib.network import NetworkOptions, ResidualBlock, SpeckleNetwork
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .averaged_run import AveragedRun, Schedule
from .losses import edge_share, gradient_magnitude
from .pairs import PairCrops, PairRecipe, iterate_pairs

IMPROVED = NetworkOptions(
    feature_norm=False, output_norm=False, output_relu=False, skips=True, residual=True, conditioned=True
)


@dataclass(frozen=True)
class PretrainingSettings:
    """Settings of a training on simulated pairs.

    Parameters
    ----------
    steps : int
        Optimizer steps.
    batch_size, crop : int
        Crops per step and their size in pixels.
    learning_rate : float
        Peak of Adam's learning rate; it warms up over 200 steps and falls as a cosine.
    coarse_every : int
        Every so many steps the encoders of the coarse scales are trained, too.
    average : float
        Decay of the running average of the weights, which is what is saved.
    edge_weight : float
        Weight of boundaries against flat tissue.
    strongest : float
        Largest condition, at which tissue between boundaries is flattened completely.
    gradient_weight : float
        Weight of the difference of first differences.
    seed : int
    pairs : PairRecipe
    network : NetworkOptions
    """

    steps: int = 10500
    batch_size: int = 8
    crop: int = 112
    learning_rate: float = 6e-4
    coarse_every: int = 4
    average: float = 0.998
    edge_weight: float = 3.0
    strongest: float = 1.4
    gradient_weight: float = 0.5
    seed: int = 777
    pairs: PairRecipe = field(default_factory=PairRecipe)
    network: NetworkOptions = IMPROVED

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-ready values."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> PretrainingSettings:
        """Build settings from :meth:`to_dict`'s output."""
        known = {entry.name for entry in fields(cls)}
        values = {key: value for key, value in values.items() if key in known}
        values["pairs"] = PairRecipe.from_dict(values.get("pairs", {}))
        values["network"] = NetworkOptions(**values.get("network", asdict(IMPROVED)))
        return cls(**values)


def initialize_without_norm(network: SpeckleNetwork) -> None:
    """Start residual blocks near the identity and the output near zero: without norm, deep sums would explode."""
    for block in network.modules():
        if isinstance(block, ResidualBlock):
            _start_small(block.get_submodule("model.1.conv"))
    _start_small(network.decoder.conv_block_4.conv)


def _start_small(convolution: nn.Module) -> None:
    for name, parameter in convolution.named_parameters():
        nn.init.normal_(parameter, std=1e-3 if name == "weight" else 0.0)


def pair_loss(output: Tensor, clean: Tensor, edge_weight: float, gradient_weight: float) -> Tensor:
    """Weighted L1 of values, first differences and coarse means.

    Parameters
    ----------
    output, clean : Tensor, shape (N, 1, H, W), normalized gray
    edge_weight : float
        Weight of boundaries against flat tissue.
    gradient_weight : float
        Weight of the first differences.
    """
    weight = 1 + (edge_weight - 1) * _edge_share(clean)
    error = output - clean
    values = (weight * error.abs()).mean() / weight.mean()
    rows = (weight[:, :, 1:] * (error[:, :, 1:] - error[:, :, :-1]).abs()).mean()
    columns = (weight[..., 1:] * (error[..., 1:] - error[..., :-1]).abs()).mean()
    coarse = F.avg_pool2d(error, 8).abs().mean()
    return values + gradient_weight * (rows + columns) / weight.mean() + coarse


def _edge_share(clean: Tensor) -> Tensor:
    """How much of a boundary lies at every pixel of the truth, 0 to 1."""
    return edge_share(gradient_magnitude(_box(clean, 3)))


def _box(frames: Tensor, size: int) -> Tensor:
    reach = size // 2
    return F.avg_pool2d(F.pad(frames, (reach, reach, reach, reach), mode="replicate"), size, stride=1)


def flatten_tissue(clean: Tensor, share: Tensor) -> Tensor:
    """Smooth the truth between boundaries, whose surroundings stay as they are.

    Parameters
    ----------
    clean : Tensor, shape (N, 1, H, W), normalized gray
    share : Tensor, shape (N, 1, 1, 1)
        0 leaves the truth as it is, 1 flattens it.
    """
    smooth = _box(_box(clean, 9), 9)
    boundary = F.max_pool2d(gradient_magnitude(_box(clean, 3)), 9, stride=1, padding=4)
    # A step of 4 % of the range over two pixels is texture; one of 12 % is a boundary.
    flat = 1 - ((boundary - 0.04) / 0.08).clamp(0, 1)
    return clean + share * _box(flat, 5) * (smooth - clean)


def _draw_strengths(count: int, strongest: float) -> Tensor:
    """Draw a third of the conditions below 1, a third 1, a third above."""
    strength = torch.ones(count)
    third = count // 3
    strength[:third] = torch.rand(third)
    strength[third : 2 * third] = 1 + (strongest - 1) * torch.rand(third).sqrt()
    return strength


class Pretraining(AveragedRun):
    """A training on simulated pairs that can be stopped at any step and resumed.

    Parameters
    ----------
    settings : PretrainingSettings
    folder : Path
        Receives ``checkpoint.pt`` (written to a temporary file, then renamed), ``curve.csv`` and ``settings.json``.
    device : str
    """

    def __init__(self, settings: PretrainingSettings, folder: Path, device: str = "cpu") -> None:
        torch.manual_seed(settings.seed)
        network = SpeckleNetwork(settings.network)
        if not settings.network.feature_norm:
            initialize_without_norm(network)
        schedule = Schedule(
            settings.steps,
            settings.learning_rate,
            settings.average,
            settings.batch_size,
            settings.coarse_every,
            max(1, settings.batch_size // 3),
        )
        super().__init__(network, schedule, folder, device)
        self.settings = settings
        self._crops: PairCrops | None = None

    def prepare(self) -> None:
        """Simulate the pairs and write down the settings."""
        settings = self.settings
        (self.folder / "settings.json").write_text(json.dumps(settings.to_dict(), indent=1))
        # A resumed run draws other crops than before the stop, never the same ones again.
        self._crops = PairCrops(list(iterate_pairs(settings.pairs)), settings.crop, settings.seed + self.step)

    def scale_loss(self, encoder: int, count: int) -> Tensor:
        """Return the loss of one encoder on so many new crops, a scalar."""
        settings = self.settings
        assert self._crops is not None
        speckled, clean = (batch.to(self.device) for batch in self._crops.batch(count))
        strength = _draw_strengths(count, settings.strongest).to(self.device)
        contrast = strength.clamp_max(1).reshape(-1, 1, 1, 1)
        speckled = torch.lerp(clean, speckled, contrast)
        clean = flatten_tissue(clean, (strength.reshape(-1, 1, 1, 1) - contrast) / (settings.strongest - 1))
        output = self.despeckle(speckled, strength, encoder)
        return pair_loss(output, clean, settings.edge_weight, settings.gradient_weight)
