"""Batches of varied windows on the training device.

Every random number is drawn from (seed, step, place in the batch): a step has the same batch whenever it is made, on
however many processes, in however many parts, which is what makes a resumed training exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from ..recipe import make_batch
from .settings import SegmentationTrainingSettings
from .store import LabelledFrame, LabelledStore

CHOICE_STREAM, WINDOW_STREAM = 0, 1


@dataclass(frozen=True)
class SegmentationBatch:
    """Windows of one step.

    Attributes
    ----------
    images, targets, valid : float32 Tensor (N, 1, crop, crop)
        The picture, the share of lumen and the share whose truth is known, 0..1.
    """

    images: Tensor
    targets: Tensor
    valid: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def part(self, start: int, stop: int) -> Self:
        """Return samples `start` to `stop`."""
        return type(self)(*(layer[start:stop] for layer in (self.images, self.targets, self.valid)))


class LabelledBatches:
    """Windows of a :class:`LabelledStore`, its subjects drawn alike.

    Parameters
    ----------
    store : LabelledStore
    settings : SegmentationTrainingSettings
    device : str
    """

    def __init__(self, store: LabelledStore, settings: SegmentationTrainingSettings, device: str) -> None:
        self._store, self._settings, self._device = store, settings, device
        with_lumen = {frame.subject for frame in store.frames if frame.lumen}
        labelled = [frame for frame in store.frames if frame.labelled]
        self._usual = _by_subject([frame for frame in labelled if frame.subject in with_lumen])
        self._negative = _by_subject([frame for frame in labelled if frame.subject not in with_lumen])
        self._unlabelled = _by_subject([frame for frame in store.frames if not frame.labelled])
        self._ready: tuple[tuple[int, int, int], Future[SegmentationBatch]] | None = None
        self._thread = ThreadPoolExecutor(1, "next-batch") if settings.prefetch else None

    def make(self, step: int, rank: int = 0, size: int = 1) -> SegmentationBatch:
        """Return the share of process `rank` of `size` in the batch of a step."""
        if self._thread is None:
            return self._make(step, rank, size)
        ready, self._ready = self._ready, None
        fits = ready is not None and ready[0] == (step, rank, size)
        batch = ready[1].result() if ready is not None and fits else self._make(step, rank, size)
        self._ready = ((step + 1, rank, size), self._thread.submit(self._make, step + 1, rank, size))
        return batch

    def _make(self, step: int, rank: int, size: int) -> SegmentationBatch:
        settings = self._settings
        rng = np.random.default_rng((settings.seed, CHOICE_STREAM, step))
        chosen = [self._draw(rng) for _ in range(settings.batch_size)]
        windows = []
        for place in range(rank * len(chosen) // size, (rank + 1) * len(chosen) // size):
            own = np.random.default_rng((settings.seed, WINDOW_STREAM, step, place))
            windows.append(make_batch([chosen[place].example], settings, own))
        layers = [torch.cat(parts).to(self._device) for parts in zip(*windows, strict=True)]
        return SegmentationBatch(*layers)

    def _draw(self, rng: np.random.Generator) -> LabelledFrame:
        kind, subject, place = rng.random(3)
        group = self._usual
        if self._unlabelled and self._settings.base_weight and kind >= 1 - self._settings.unlabelled_share:
            group = self._unlabelled
        elif self._negative and kind < self._settings.negative_share:
            group = self._negative
        frames = group[int(subject * len(group))]
        return frames[int(place * len(frames))]


def _by_subject(frames: Sequence[LabelledFrame]) -> list[list[LabelledFrame]]:
    groups: dict[str, list[LabelledFrame]] = {}
    for frame in frames:
        groups.setdefault(frame.subject, []).append(frame)
    return list(groups.values())
