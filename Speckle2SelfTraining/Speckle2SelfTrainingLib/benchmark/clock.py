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
    failure : str
        What it died of; empty where it did not.
    """

    seconds: list[float] = field(default_factory=list)
    warm: bool = True
    failure: str = ""

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

    Returns
    -------
    dict of name to Timing
        What fails gets no further repeat; the others go on.
    """
    timings = {name: Timing() for name in runs}
    for turn in range(repeats + 1):
        for name, timing in timings.items():
            if turn and (timing.failure or not timing.warm or sum(timing.seconds) > patience):
                continue
            try:
                seconds = _seconds(runs[name], clock)
            except Exception as error:  # of any method: it is named, and the others are measured
                timing.failure = one_line(error)
                continue
            if turn:
                timing.seconds.append(seconds)
            elif seconds > patience:
                timings[name] = Timing([seconds], warm=False)
    return timings


def one_line(error: BaseException) -> str:
    """Return an error's kind and the first line of what it says."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def _seconds(run: Run, clock: Clock) -> float:
    start = clock()
    run()
    return clock() - start
