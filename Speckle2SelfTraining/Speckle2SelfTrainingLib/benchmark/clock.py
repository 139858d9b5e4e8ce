"""Interleaved, warm repeats and what they say."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Run = Callable[[], object]
Clock = Callable[[], float]


@dataclass
class Timing:
    """Seconds of the repeats of one thing.

    Parameters
    ----------
    seconds : list of float
    warm : bool
        Whether a run before the first repeat was thrown away.
    """

    seconds: list[float] = field(default_factory=list)
    warm: bool = True

    @property
    def median(self) -> float:
        """The median."""
        return statistics.median(self.seconds)

    def percentile(self, share: float) -> float:
        """Return the smallest time that is not exceeded in this share (0 to 1) of the repeats."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def interleaved(
    runs: Mapping[str, Run], repeats: int, patience: float, clock: Clock = time.perf_counter
) -> dict[str, Timing]:
    """Measure several things in turns, so that what else the machine does meets all of them alike.

    Parameters
    ----------
    runs : mapping of name to callable
    repeats : int
    patience : float
        A thing that took longer than this altogether gets no further repeat; where its first run took longer, that
        is its only one, and counts although it was not warm.
    clock : callable
        Seconds.
    """
    timings = {name: Timing() for name in runs}
    waiting = dict(runs)
    for name, run in runs.items():
        first = _seconds(run, clock)
        if first > patience:
            timings[name] = Timing([first], warm=False)
            del waiting[name]
    for _ in range(repeats):
        for name, run in list(waiting.items()):
            timings[name].seconds.append(_seconds(run, clock))
            if sum(timings[name].seconds) > patience:
                del waiting[name]
    return timings


def _seconds(run: Run, clock: Clock) -> float:
    start = clock()
    run()
    return clock() - start
