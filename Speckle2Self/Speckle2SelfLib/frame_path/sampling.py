"""Which frames of a sweep its statistics are taken from; imports nothing, so that a panel may ask at any time."""

from __future__ import annotations

MAXIMUM_SAMPLES = 32


def sample_indices(count: int) -> list[int]:
    """Return at most 32 frame numbers spread evenly over a sweep of `count` frames, first and last included."""
    taken = min(count, MAXIMUM_SAMPLES)
    return [round(place * (count - 1) / max(1, taken - 1)) for place in range(taken)]
