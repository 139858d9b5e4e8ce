"""The views of a batch: perturbed, normalized and augmented on the training device."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from Speckle2SelfLib.perturbation import normalize_min_max, resample_down_and_up
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .augmentation import transform
from .batches import PHASES, Batch
from .settings import TrainingSettings


@dataclass(frozen=True)
class Views:
    """What the network is shown and what it is compared with.

    Attributes
    ----------
    scales : list of Tensor, each (N, 1, H, W)
    truth : Tensor (N, 1, H, W)
        Meaningless where a frame has none.
    neighbors : Tensor (N, K, H, W)
    """

    scales: list[Tensor]
    truth: Tensor
    neighbors: Tensor

    def only(self, wanted: Tensor) -> Views:
        """Return those frames for which `wanted`, bool (N,), is true."""
        return Views([scale[wanted] for scale in self.scales], self.truth[wanted], self.neighbors[wanted])


def make_views(batch: Batch, settings: TrainingSettings, count: int) -> Views:
    """Return the first `count` views of every frame and its truth, all transformed by the frame's one draw.

    The order is that of the paper: perturb, normalize every view, augment.
    """
    gains = batch.gains.reshape(-1, 1, 1, 1)
    frames, truth, neighbors = batch.frames * gains, batch.truth * gains, batch.neighbors * gains
    views = [_perturbed(frames, batch, place, settings) for place in range(count)]
    if settings.normalize == "view":
        low = frames.amin(dim=(1, 2, 3), keepdim=True)
        span = frames.amax(dim=(1, 2, 3), keepdim=True) - low
        span = torch.where(span > 0, span, torch.ones_like(span))
        truth, neighbors = (truth - low) / span, (neighbors - low) / span
        views = [normalize_min_max(view) for view in views]
    together = transform(torch.cat([*views, truth, neighbors], dim=1), batch.matrices)
    *scales, truth = (together[:, place : place + 1].contiguous() for place in range(count + 1))
    return Views(scales, truth, together[:, count + 1 :])


def _perturbed(frames: Tensor, batch: Batch, place: int, settings: TrainingSettings) -> Tensor:
    factor = float(batch.factors[0, place])
    if factor == 1:
        return frames
    if not settings.shifted:
        return down_and_up(frames, factor, antialias=settings.antialias)
    row, column = (int(phase) for phase in batch.phases[0, place])
    height, width = frames.shape[-2:]
    padded = F.pad(frames, (PHASES,) * 4, mode="reflect")[..., row:, column:]
    view = down_and_up(padded, factor, antialias=settings.antialias)
    top, left = PHASES - row, PHASES - column
    return view[..., top : top + height, left : left + width]


def down_and_up(frames: Tensor, scale: float, *, antialias: bool) -> Tensor:
    """Down-sample and up-sample (N, 1, H, W) as the paper does, or with a low-pass before down-sampling."""
    if not antialias:
        return resample_down_and_up(frames, scale)
    height, width = frames.shape[-2:]
    small = (max(1, int(height * scale)), max(1, int(width * scale)))
    coarse = F.interpolate(frames, size=small, mode="bilinear", align_corners=False, antialias=True)
    return F.interpolate(coarse, size=(height, width), mode="bilinear", align_corners=False)
