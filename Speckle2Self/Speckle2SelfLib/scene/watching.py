"""Observers of nodes and of the scene that are all taken back in one go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Observers:
    """What somebody observes.

    VTK keeps a callback, and all that it belongs to, alive for as long as the observer exists: :meth:`clear` must be
    called.
    """

    def __init__(self) -> None:
        self._observed: dict[tuple[int, str], tuple[Any, int]] = {}

    def add(self, subject: Any, events: tuple[Any, ...], callback: Callable[[Any, Any], None]) -> None:
        """Observe events of a VTK object; one that is observed already, or None, is left as it is."""
        for event in events:
            key = (id(subject), str(event))
            if subject is not None and key not in self._observed:
                self._observed[key] = (subject, subject.AddObserver(event, callback))

    def clear(self) -> None:
        """Observe nothing any more."""
        for subject, tag in self._observed.values():
            subject.RemoveObserver(tag)
        self._observed.clear()
