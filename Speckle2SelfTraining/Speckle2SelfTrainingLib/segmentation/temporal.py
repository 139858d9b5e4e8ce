"""Neighboring frames of a sweep decide together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .candidates import Candidate, Probability
from .maps import FrameMap

REACH = 2
"""Frames before and after that take part."""

SIMILAR = 0.8
"""Correlation of thumbnails from which two frames that follow each other show the same place."""


@dataclass(frozen=True)
class View:
    """A frame's map with its candidates, the heaviest first."""

    map: FrameMap
    candidates: Sequence[Candidate]


@dataclass(frozen=True)
class Choice:
    """The map and the candidates of a frame that its neighbors agree with."""

    probability: Probability
    candidates: Sequence[Candidate]


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
