"""How the strengths of smoothing are drawn that a network is trained for."""

from __future__ import annotations

import torch
from torch import Tensor


def draw_conditions(count: int, strongest: float, least_share: float, most_share: float) -> Tensor:
    """Return conditions of crops, shape (count,), float32, from 1 to `strongest`.

    Parameters
    ----------
    count : int
    strongest : float
        Largest condition.
    least_share, most_share : float
        Share of crops with the smallest and with the largest condition; the rest lies evenly between.
    """
    lot = torch.rand(count)
    conditions = 1 + (strongest - 1) * torch.rand(count)
    conditions = torch.where(lot < least_share, torch.ones(count), conditions)
    return torch.where(lot >= 1 - most_share, torch.full((count,), strongest), conditions)
