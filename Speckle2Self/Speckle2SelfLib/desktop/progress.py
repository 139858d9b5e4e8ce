"""What the panel says about a running job: what it waits for, frame k of N, frames per second, time left."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from slicer.i18n import tr as _

from ..worker.stages import Stage

SAMPLE_SECONDS = 0.5
NEWEST = 0.3


class ProgressText:
    """Turn counts of finished frames into one line of text.

    Speed and time left come from the last few samples: an exponential mean of the time per frame, so that a job that
    becomes slower says so soon. What came before the first frame (starting the worker, loading the model) does not
    count, and frames of one batch, which come at once, are one sample.

    Parameters
    ----------
    clock : callable
        Returns seconds; replaced in tests.
    waiting : mapping of Stage to str, or None
        What to say before the first frame, by stage, where it is another job than despeckling.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, waiting: Mapping[Stage, str] | None = None) -> None:
        self._clock, self._waiting = clock, waiting or {}
        self._last: tuple[int, float] | None = None
        self._seconds_per_frame = self._seconds_per_sample = 0.0

    def line(self, done: int, total: int, stage: Stage = Stage.COMPUTING) -> str:
        """Return the text for `done` of `total` frames, or for what is awaited before the first one."""
        if done <= 0:
            return self._waiting.get(stage) or _waiting(stage)
        position = str(_("Frame {done} of {total}").format(done=done, total=total))
        rate = self._frames_per_second(done)
        if rate is None:
            return position
        left = duration((total - done) / rate)
        return str(_("{position}, {speed}, {left} left").format(position=position, speed=_speed(rate), left=left))

    def _frames_per_second(self, done: int) -> float | None:
        now = self._clock()
        if self._last is None:
            self._last = (done, now)
        frames, seconds = done - self._last[0], now - self._last[1]
        if frames > 0 and seconds >= SAMPLE_SECONDS:
            weight = NEWEST if self._seconds_per_sample else 1.0
            self._seconds_per_frame += weight * (seconds / frames - self._seconds_per_frame)
            self._seconds_per_sample += weight * (seconds - self._seconds_per_sample)
            self._last, seconds = (done, now), 0.0
        if not self._seconds_per_sample:
            return None
        # what takes longer than usual counts already while it is awaited
        overdue = max(0.0, seconds / self._seconds_per_sample - 1)
        return 1 / (self._seconds_per_frame * (1 + NEWEST * overdue))


def _waiting(stage: Stage) -> str:
    texts = {
        Stage.SENDING: _("Sending the frames to the worker..."),
        Stage.STARTING: _("Starting the worker..."),
        Stage.LOADING: _("Loading the model..."),
        Stage.MEASURING: _("Measuring the sweep and despeckling the first frames..."),
        Stage.COMPUTING: _("Despeckling..."),
    }
    return str(texts[stage])


def _speed(rate: float) -> str:
    if rate >= 0.95:
        return str(_("{rate} frames per second").format(rate=f"{rate:.1f}"))
    return str(_("{seconds} seconds per frame").format(seconds=f"{1 / rate:.1f}"))


def duration(seconds: float) -> str:
    """Return a time in minutes and seconds, as text."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes:
        return str(_("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest))
    return str(_("{seconds} s").format(seconds=rest))
