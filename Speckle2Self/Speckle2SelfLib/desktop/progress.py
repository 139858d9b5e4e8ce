"""What the panel says about a running job: frame k of N, frames per second, time left."""

from __future__ import annotations

import time
from collections.abc import Callable

from slicer.i18n import tr as _


class ProgressText:
    """Turn counts of finished frames into one line of text.

    The rate is taken from the first finished frame on, so that starting the worker and loading the model
    (seconds, once) do not spoil the estimate.

    Parameters
    ----------
    clock : callable
        Returns seconds; replaced in tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first: tuple[int, float] | None = None

    def line(self, done: int, total: int) -> str:
        """Return the text for `done` of `total` frames."""
        if done <= 0:
            return str(_("Preparing {total} frames...").format(total=total))
        position = str(_("Frame {done} of {total}").format(done=done, total=total))
        rate = self._frames_per_second(done)
        if rate is None:
            return position
        left = _duration((total - done) / rate)
        speed = str(_("{rate} frames per second, {left} left").format(rate=f"{rate:.1f}", left=left))
        return f"{position}, {speed}"

    def _frames_per_second(self, done: int) -> float | None:
        now = self._clock()
        if self._first is None:
            self._first = (done, now)
        frames, seconds = done - self._first[0], now - self._first[1]
        return frames / seconds if frames > 0 and seconds > 0 else None


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes:
        return str(_("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest))
    return str(_("{seconds} s").format(seconds=rest))
