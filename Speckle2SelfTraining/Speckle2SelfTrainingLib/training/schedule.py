"""The course of the learning rate."""

from __future__ import annotations

import math

from .settings import TrainingSettings

LAST_RATE = 0.01


def learning_rate(step: int, settings: TrainingSettings) -> float:
    """Return the rate of a step: a rise over the warm-up, then constant or half a cosine down to a hundredth."""
    warm = min(1.0, (step + 1) / settings.warmup) if settings.warmup else 1.0
    if settings.schedule == "constant":
        return settings.learning_rate * warm
    share = 0.5 * (1 + math.cos(math.pi * min(1.0, step / settings.steps)))
    return settings.learning_rate * warm * (LAST_RATE + (1 - LAST_RATE) * share)
