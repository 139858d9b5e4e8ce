"""The course of the learning rate."""

from __future__ import annotations

import math

WARM_UP = 0.05
"""Share of the steps in which the rate rises from zero."""

LOWEST = 0.01
"""The last rate, as a share of the highest."""


def learning_rate(step: int, steps: int, highest: float) -> float:
    """Return the rate of a step: a short rise, then half a cosine down to 1 % of the highest.

    Parameters
    ----------
    step : int
        From 0.
    steps : int
        All of the training.
    highest : float
    """
    warm = max(1, round(WARM_UP * steps))
    if step < warm:
        return highest * (step + 1) / warm
    done = min(1.0, (step - warm) / max(1, steps - warm))
    return highest * (LOWEST + (1 - LOWEST) * (1 + math.cos(math.pi * done)) / 2)
