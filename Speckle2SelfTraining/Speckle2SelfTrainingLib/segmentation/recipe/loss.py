"""What a wrong lumen costs: overlap over the batch, and every pixel by itself."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention


def segmentation_loss(logits: Tensor, targets: Tensor, valid: Tensor) -> Tensor:
    """Return Dice loss plus cross entropy over the pixels whose truth is known.

    The Dice loss is that of the batch as one: a frame without a lumen has no Dice of its own, and a false vessel on it
    costs as much as one elsewhere.

    Parameters
    ----------
    logits, targets, valid : float Tensor (B, 1, H, W)
        The network's output; the share of lumen in each pixel, 0..1; the share whose truth is known, 0..1.

    Returns
    -------
    Tensor, float32, no dimension
    """
    from monai.losses import MaskedDiceLoss

    logits, valid = logits.float(), valid.float()
    # Activated here: earlier versions of MONAI mask the logits, so that an unknown pixel counts as half a lumen.
    overlap = MaskedDiceLoss(batch=True)(torch.sigmoid(logits), targets, valid)
    pixels = F.binary_cross_entropy_with_logits(logits, targets, weight=valid, reduction="sum") / valid.sum().clamp_min(
        1
    )
    loss: Tensor = overlap + pixels
    return loss.to(torch.float32)
