"""Neighboring frames of a sweep decide together, where they show the same place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .candidates import Candidate, Mask, Probability
from .confidence import expected_overlap
from .maps import FrameMap
from .surroundings import box_around

REACH = 2
"""Frames before and after that take part."""

SIMILAR = 0.9
"""Correlation of thumbnails from which two frames show the same place. Frames of dense sweeps have 0.97 to 1, frames of
the same neck at another place 0.4 to 0.8."""

NEIGHBOR_WEIGHT = 0.25
"""Of the next frame's probability at full overlap: steadies boundaries and leaves the pulse, which is slower."""

LEAST_OVERLAP = 0.6
"""Intersection over union from which the next frame's probability counts: a moving probe must not blur the boundary."""

GAP_OVERLAP = 0.3
"""Intersection over union of the frames around a gap, and of what fills it with each of them."""

GAP_THRESHOLD = 0.3
"""Probability, as a share of the threshold's, that must support what fills a gap."""


GROWTH = 16
"""Pixels of the working grid by which an area may grow beyond what it started from."""


@dataclass(frozen=True)
class View:
    """A frame's map with its candidates, the heaviest first."""

    map: FrameMap
    candidates: Sequence[Candidate]


@dataclass(frozen=True)
class Found:
    """A lumen, with the map that its contour is drawn from and the probability that it follows."""

    probability: Probability
    mask: Mask
    confidence: float
    threshold: float


def neighbors(index: int, views: Mapping[int, View]) -> list[View]:
    """Return the frames around one, nearest first, as far as each resembles the one before it."""
    found = []
    for step in (1, -1):
        last = views[index]
        for distance in range(1, REACH + 1):
            view = views.get(index + step * distance)
            if view is None or float(last.map.thumbnail @ view.map.thumbnail) < SIMILAR:
                break
            found.append(view)
            last = view
    return sorted(found, key=lambda view: abs(view.map.index - index))


def agreed(index: int, views: Mapping[int, View], threshold: float, minimum_confidence: float) -> list[Found]:
    """Return the lumens of a frame, those first that its neighbors support most.

    Candidates that no neighbor shares are left out, those of a frame between two that agree may be weaker, and the
    probabilities of the next frames steady the boundary. Without neighbors that show the same place, the frame decides
    alone.

    Parameters
    ----------
    index : int
    views : mapping of int to View
        Of this frame and those around it.
    threshold : float
    minimum_confidence : float
        Of a candidate.
    """
    view, around = views[index], neighbors(index, views)
    sure = [one for one in view.candidates if one.confidence >= minimum_confidence]
    if not sure:
        bridge = _bridge(view, around, threshold, minimum_confidence)
        return [] if bridge is None else [bridge]
    shared = {id(one): _support(one.mask, around) for one in sure}
    if len(around) > 1:
        sure = [one for one in sure if any(_meets(one.mask, other) for other in around)]
    sure = sorted(sure, key=lambda one: -one.weight * (0.2 + shared[id(one)]))
    return [_steadied(view, one, around, threshold) for one in sure]


def alone(view: View, threshold: float, minimum_confidence: float) -> list[Found]:
    """Return the lumens of a frame that decides alone, the heaviest first."""
    sure = (one for one in view.candidates if one.confidence >= minimum_confidence)
    return [Found(view.map.probability, one.mask, one.confidence, threshold) for one in sure]


def _support(mask: Mask, around: Sequence[View]) -> float:
    """Return the mean probability of the neighbors inside an area."""
    return float(np.mean([view.map.probability[mask].mean() for view in around])) if around else 0.0


def _meets(mask: Mask, view: View) -> bool:
    return any(bool((mask & other.mask).any()) for other in view.candidates)


def _steadied(view: View, candidate: Candidate, around: Sequence[View], threshold: float) -> Found:
    own = view.map.probability
    total, weights = own, 1.0
    for other in around:
        if abs(other.map.index - view.map.index) == 1:
            best = max((_overlap(candidate.mask, one.mask) for one in other.candidates), default=0.0)
            weight = NEIGHBOR_WEIGHT * max(0.0, (best - LEAST_OVERLAP) / (1 - LEAST_OVERLAP))
            if weight:
                total, weights = total + np.float32(weight) * other.map.probability, weights + weight
    if weights == 1:
        return Found(own, candidate.mask, candidate.confidence, threshold)
    mean = total / np.float32(weights)
    mask = _grown(mean >= threshold, candidate.mask)
    return Found(mean, mask, candidate.confidence, threshold)


def _bridge(view: View, around: Sequence[View], threshold: float, minimum_confidence: float) -> Found | None:
    """Return what fills the gap between the two next frames, if its own probability supports it."""
    sides = [
        [one.mask for one in other.candidates if one.confidence >= minimum_confidence]
        for other in around
        if abs(other.map.index - view.map.index) == 1
    ]
    if len(sides) < 2:
        return None
    pairs = [(_overlap(before, after), before & after) for before in sides[0] for after in sides[1]]
    overlap, expected = max(pairs, key=lambda pair: pair[0], default=(0.0, None))
    if expected is None or overlap < GAP_OVERLAP:
        return None
    level = GAP_THRESHOLD * threshold
    mask = _grown(view.map.probability >= level, expected)
    if _overlap(mask, expected) < GAP_OVERLAP:
        return None
    return Found(view.map.probability, mask, expected_overlap(view.map.probability, mask), level)


def _grown(above: Mask, seed: Mask) -> Mask:
    """Return the area above a threshold that shares most with a seed, without holes; empty where nothing does."""
    grown = np.zeros_like(above)
    if not (above & seed).any():
        return grown
    box = box_around(seed, GROWTH)
    labels, _ = ndimage.label(above[box])
    shared = np.bincount(labels[seed[box] & above[box]])
    shared[0] = 0
    grown[box] = ndimage.binary_fill_holes(labels == int(np.argmax(shared)))
    return grown


def _overlap(one: Mask, other: Mask) -> float:
    both = int(np.count_nonzero(one & other))
    return both / max(1, int(np.count_nonzero(one)) + int(np.count_nonzero(other)) - both)
