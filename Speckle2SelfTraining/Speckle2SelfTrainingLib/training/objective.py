"""What a training minimizes: a loss per frame, so that any division of a batch has the same gradient."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol, TypeVar

import torch
from Speckle2SelfLib.frame_path.strength import FAITHFUL
from Speckle2SelfLib.network import SpeckleNetwork
from torch import Tensor, nn

from ..flattening import Flattening, flatten
from ..losses import (
    consistency_per_frame,
    distance_per_frame,
    edge_emphasis,
    gradient_consistency_per_frame,
    reconstruction_per_frame,
)
from .batches import Batch
from .conditions import condition_at
from .settings import TrainingSettings
from .teacher import Teacher
from .views import Views, make_views

TOTAL = "loss"
# Of crops, in every step: nearer and fewer pixels than for the shipped model, so that a step takes seconds at most.
ADAPTATION_FLATTENING = Flattening(reach=18, passes=1)


B = TypeVar("B", contravariant=True)


class Objective(Protocol[B]):
    """Losses of a batch, each of shape (N,); the one called "loss" is minimized, the others are for the curves."""

    def __call__(self, network: nn.Module, batch: B) -> dict[str, Tensor]:
        """Run the network on a batch and return the losses."""
        ...


class SelfSupervision:
    """The losses of the paper, and what the settings add to them.

    Frames with a truth take part in the supervised term where it has a weight, and in the others where it has none.

    Parameters
    ----------
    settings : TrainingSettings
    strongest : float or None
        Largest condition that the network knows; None for a network without a condition.
    teacher : Teacher or None
        Needed where the settings give it a weight.
    """

    def __init__(self, settings: TrainingSettings, strongest: float | None, teacher: Teacher | None = None) -> None:
        self._settings, self._strongest, self._teacher = settings, strongest, teacher
        self._count = len(settings.scales) if settings.self_supervised else 1

    def __call__(self, network: nn.Module, batch: Batch) -> dict[str, Tensor]:
        """Return the losses of a batch by name, each of shape (N,)."""
        settings = self._settings
        supervised = batch.paired if settings.supervised_weight else torch.zeros_like(batch.paired)
        # The truth of a pair has its texture: it is what the faithful condition asks for.
        conditions = condition_at(batch.strengths * (1 - supervised), self._strongest)
        views = make_views(batch, settings, self._count)
        outputs = _run(network, views.scales, conditions)
        terms = {name: (1 - supervised) * term for name, term in self._self_supervised(outputs, views).items()}
        total = torch.stack(list(terms.values())).sum(dim=0)
        if settings.supervised_weight:
            distances = [distance_per_frame(output, views.truth) for output in outputs]
            terms["supervised"] = supervised * torch.stack(distances).mean(dim=0)
            total = total + settings.supervised_weight * terms["supervised"]
        if self._teacher is not None and (settings.teacher_weight or settings.remix_weight):
            taught = supervised == 0
            terms["teacher"] = torch.zeros_like(supervised)
            if bool(taught.any()):
                terms["teacher"][taught] = self._taught(
                    network, views.only(taught), outputs[0][taught], conditions[taught]
                )
            total = total + terms["teacher"]
        return {TOTAL: total, **terms}

    def _self_supervised(self, outputs: list[Tensor], views: Views) -> dict[str, Tensor]:
        settings = self._settings
        emphasis = None
        if settings.edge_weight != 1:
            emphasis = edge_emphasis(views.scales[0], settings.edge_weight)
        terms = {
            "reconstruction": reconstruction_per_frame(
                outputs,
                views.scales,
                settings.reconstruction_weights[: self._count],
                settings.reconstruction,
                emphasis,
            ),
            "consistency": consistency_per_frame(
                outputs, settings.consistency_weights if self._count > 1 else None, settings.consistency
            ),
        }
        if settings.gradient_weight and self._count > 1:
            terms["gradient"] = settings.gradient_weight * gradient_consistency_per_frame(outputs)
        return terms

    def _taught(self, network: nn.Module, views: Views, output: Tensor, conditions: Tensor) -> Tensor:
        """Return the distance to the teacher's answer, on the frames and on frames made of it and a moved residual."""
        settings = self._settings
        assert self._teacher is not None
        frames = views.scales[0]
        answer = self._flattened(self._teacher(frames, conditions, views.neighbors), conditions)
        total = settings.teacher_weight * distance_per_frame(output, answer)
        if settings.remix_weight:
            moved = (frames - answer).roll(1, dims=0).flip(-1)
            remixed = _run(network, [answer + moved], conditions)[0]
            total = total + settings.remix_weight * distance_per_frame(remixed, answer)
        return total

    def _flattened(self, answer: Tensor, conditions: Tensor) -> Tensor:
        """Flatten an answer the more, the stronger the condition; a network without condition gets it flattest."""
        similarity = self._settings.teacher_flattening
        if not similarity:
            return answer
        flat = flatten(answer, replace(ADAPTATION_FLATTENING, similarity=similarity))
        if self._strongest is None or self._strongest <= FAITHFUL:
            return flat
        share = (conditions - FAITHFUL) / (self._strongest - FAITHFUL)
        return torch.lerp(answer, flat, share.reshape(-1, 1, 1, 1))


def _run(network: nn.Module, views: list[Tensor], conditions: Tensor) -> list[Tensor]:
    """Return the outputs in fp32: losses lose too much in half precision."""
    assert isinstance(network, SpeckleNetwork)
    ordered = [view.contiguous(memory_format=torch.channels_last) for view in views]
    encoders: list[Any] = list(range(len(views))) if len(network.encoder_names) >= len(views) else [0] * len(views)
    return [
        network.despeckle(view, conditions, encoder=encoder).float()
        for view, encoder in zip(ordered, encoders, strict=True)
    ]
