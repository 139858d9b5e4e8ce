"""The scale at which the network sees a sweep, where the size of its pixels does not say it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

SCALES = (0.4, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2)
SAMPLES = 8
USUAL = 1.0

SURE = 0.94
"""Mean confidence at the usual scale from which no other is tried: contours at the best scale are then as good."""

WORTHWHILE = 0.02
"""How much more of the mean confidence another scale must bring: those of neighboring scales hardly differ."""

CONVINCING = 0.93
"""Mean confidence, over the frames with a candidate, that another scale must reach: seen at seven scales, something in
every picture looks a little like a lumen."""

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
    at_usual = confidences(USUAL)
    usual = _mean(at_usual)
    if usual >= SURE:
        return USUAL
    others = {scale: confidences(scale) for scale in SCALES if scale != USUAL}
    best = max(others, key=lambda scale: _mean(others[scale]))
    better = _mean(others[best]) >= usual + WORTHWHILE
    return best if better and _mean([one for one in others[best] if one]) >= CONVINCING else USUAL


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
