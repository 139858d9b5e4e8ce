"""Crops with the teacher's answers, which serve for several steps: the teacher takes longer than the student."""

from __future__ import annotations

import torch
from Speckle2SelfLib.network import SpeckleNetwork
from torch import Tensor

from ..conditions import draw_conditions
from ..default_model.example_crops import ExampleCrops
from ..default_model.examples import MIRRORS, Example, despeckle_all_ways
from .settings import DistillationSettings

FRESH_STEPS = 8  # before this, there are too few to choose from
Answered = tuple[Tensor, Tensor, Tensor]


class AnsweredCrops:
    """Endless batches of speckled crops, their conditions and what the teacher makes of them.

    Parameters
    ----------
    examples : list of Example
        Only their speckled frames are used.
    teacher : SpeckleNetwork
        Conditioned network, which answers in bf16.
    strongest : float
        Its largest condition.
    settings : DistillationSettings
    seed : int
    device : str
    """

    def __init__(
        self,
        examples: list[Example],
        teacher: SpeckleNetwork,
        strongest: float,
        settings: DistillationSettings,
        seed: int,
        device: str = "cpu",
    ) -> None:
        self._crops = ExampleCrops(examples, settings.crop, seed)
        self._settings, self._strongest, self._device = settings, strongest, device
        self._teacher = teacher.to(device).eval().requires_grad_(False)
        self._kept: list[Answered] = []
        self._step = 0

    def batch(self, count: int) -> Answered:
        """Return speckled crops (count, 1, crop, crop), conditions (count,) and answers like the crops, float32."""
        fresh = self._step < FRESH_STEPS or self._step % self._settings.reuse == 0
        self._step += 1
        return self._ask(count) if fresh else self._kept_ones(count)

    def ask_teacher(self, speckled: Tensor, conditions: Tensor) -> Tensor:
        """Return what the teacher makes of crops (N, 1, H, W) at conditions (N,), float32, shape (N, 1, H, W)."""
        with torch.no_grad(), torch.autocast(self._device, torch.bfloat16):
            if self._settings.mirrored:
                answer = despeckle_all_ways(self._teacher, speckled, conditions)
            else:
                answer = self._teacher.despeckle(speckled, conditions)
        return answer.float().clone()  # what was made in inference mode cannot take part in a training

    def _ask(self, count: int) -> Answered:
        settings = self._settings
        speckled = self._crops.batch(count)[0].to(self._device, memory_format=torch.channels_last)
        conditions = draw_conditions(count, self._strongest, settings.end_share, settings.end_share).to(self._device)
        answer = self.ask_teacher(speckled, conditions)
        if settings.reuse > 1:
            self._keep(speckled.half(), conditions, answer.half())
        return speckled, conditions, answer

    def _keep(self, speckled: Tensor, conditions: Tensor, answer: Tensor) -> None:
        self._kept += list(zip(*(torch.split(part, 1) for part in (speckled, conditions, answer)), strict=True))
        del self._kept[: max(0, len(self._kept) - self._settings.kept)]

    def _kept_ones(self, count: int) -> Answered:
        chosen = [self._mirrored(self._kept[int(index)]) for index in torch.randint(len(self._kept), (count,))]
        speckled, conditions, answer = (torch.cat(parts) for parts in zip(*chosen, strict=True))
        return speckled.float(), conditions, answer.float()

    def _mirrored(self, answered: Answered) -> Answered:
        """Mirror a crop and its answer, where mirror images have the same answer, mirrored."""
        if not self._settings.mirrored:
            return answered
        axes = MIRRORS[int(torch.randint(len(MIRRORS), ()))]
        speckled, condition, answer = answered
        return torch.flip(speckled, axes), condition, torch.flip(answer, axes)
