"""What a conditioned network is told: from keeping the texture of tissue to flattening it most."""

from __future__ import annotations

from typing import TypeVar

from Speckle2SelfLib.frame_path.strength import FAITHFUL
from torch import Tensor

Share = TypeVar("Share", float, Tensor)


def condition_at(share: Share, strongest: float | None) -> Share:
    """Return the condition at a share of the way from the faithful to the strongest one.

    Parameters
    ----------
    share : float or Tensor, 0 to 1
    strongest : float or None
        Largest condition that the network knows; None for a network without a condition, which ignores it.
    """
    return FAITHFUL + ((strongest or FAITHFUL) - FAITHFUL) * share
