"""How many frames of a stream come, are shown and are left out."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 2.0


class FrameRates:
    """Counts frames, and how many of them there are in a second.

    Parameters
    ----------
    clock : callable
        Returns seconds; replaced in tests.

    Attributes
    ----------
    received, shown, dropped : int
        Frames since the beginning: those that came, those whose result was shown, and those that newer ones replaced.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.received = self.shown = self.dropped = 0
        self._clock = clock
        self._times: dict[str, deque[float]] = {"received": deque(), "shown": deque()}

    def count_received(self) -> None:
        """Count a frame that came."""
        self.received += 1
        self._note("received")

    def count_shown(self) -> None:
        """Count a frame whose result is shown."""
        self.shown += 1
        self._note("shown")

    def per_second(self) -> tuple[float, float]:
        """Return how many frames came and how many were shown in a second, over the last two seconds."""
        return self._rate("received"), self._rate("shown")

    def _note(self, kind: str) -> None:
        self._times[kind].append(self._clock())
        self._forget(kind)  # nobody may ever ask for the rate of a stream that is followed for hours

    def _rate(self, kind: str) -> float:
        self._forget(kind)
        return len(self._times[kind]) / WINDOW_SECONDS

    def _forget(self, kind: str) -> None:
        times, now = self._times[kind], self._clock()
        while times and now - times[0] > WINDOW_SECONDS:
            times.popleft()
