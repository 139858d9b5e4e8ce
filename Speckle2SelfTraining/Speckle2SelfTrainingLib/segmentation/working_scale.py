"""The scale at which the network sees a sweep, where the size of its pixels does not say it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

SCALES = (0.6, 0.75, 1.0, 1.3, 1.7)
SAMPLES = 8
USUAL = 1.0
WORTHWHILE = 1.02
"""How much better another scale must be than the usual one: confidences of neighboring scales differ little."""

Confidences = Callable[[float], Sequence[float]]


def sample_numbers(count: int) -> list[int]:
    """Return at most 8 frame numbers spread evenly over a sweep, as middles of equal parts."""
    taken = min(count, SAMPLES)
    return [(2 * place + 1) * count // (2 * taken) for place in range(taken)]


def search_scale(confidences: Confidences) -> float:
    """Return the scale at which the network is surest.

    Parameters
    ----------
    confidences : callable
        Takes a scale and returns the confidence of every sampled frame, 0 where nothing was found.

    Returns
    -------
    float
        One of :data:`SCALES`; 1 where no other is clearly better.
    """
    totals = {scale: float(sum(confidences(scale))) for scale in SCALES}
    best = max(totals, key=lambda scale: totals[scale])
    return best if totals[best] > WORTHWHILE * totals[USUAL] else USUAL
