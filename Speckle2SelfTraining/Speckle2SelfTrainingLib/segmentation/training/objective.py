"""What a segmentation training minimizes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ...training.objective import TOTAL
from ..recipe import segmentation_loss
from .batches import SegmentationBatch


class SegmentationObjective:
    """The recipe's loss where there are labels, and the distance to the base model's answers where there are none.

    The recipe's overlap is that of a batch as one: where a batch goes through the network in parts, it is that of each.

    Parameters
    ----------
    base : nn.Module or None
        Is put into evaluation mode and never trained.
    base_weight : float
    """

    def __init__(self, base: nn.Module | None = None, base_weight: float = 0.0) -> None:
        self._base = base.eval().requires_grad_(False) if base is not None and base_weight else None
        self._weight = base_weight

    def __call__(self, network: nn.Module, batch: SegmentationBatch) -> dict[str, Tensor]:
        """Return the losses of a batch by name, each of shape (N,)."""
        logits = network(batch.images).float()
        labelled = segmentation_loss(logits, batch.targets, batch.valid)
        losses = {TOTAL: labelled}
        if self._base is not None:
            losses = {TOTAL: labelled, "labelled": labelled, "base": self._distance(logits, batch)}
            losses[TOTAL] = labelled + self._weight * losses["base"]
        return {name: loss.expand(len(batch)) for name, loss in losses.items()}

    def _distance(self, logits: Tensor, batch: SegmentationBatch) -> Tensor:
        assert self._base is not None
        unknown = 1 - batch.valid
        with torch.no_grad():
            answers = torch.sigmoid(self._base(batch.images).float())
        distances = F.binary_cross_entropy_with_logits(logits, answers, weight=unknown, reduction="sum")
        distance: Tensor = distances / unknown.sum().clamp_min(1)
        return distance
