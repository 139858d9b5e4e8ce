"""Drives a running job from Qt's event loop.

A Python thread hardly runs while the desktop idles in Qt's event loop (the main thread holds the GIL there), so
the job lives in a worker process and this timer collects what it reports, in short slices on the main thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import qt

INTERVAL_MS = 30
REFRESH_MS = 1000


class PolledJob(Protocol):
    """The two things that the timer needs of a job."""

    @property
    def running(self) -> bool:
        """Whether the job is not finished, failed or cancelled yet."""
        ...

    def poll(self) -> None:
        """Collect what the worker reported and call the job's callbacks; never waits."""
        ...


class JobTimer:
    """Poll one job until it no longer runs.

    Parameters
    ----------
    refresh : callable
        Called once a second while a job runs, so that the time left is right while a slow frame is awaited.
    """

    def __init__(self, refresh: Callable[[], None]) -> None:
        self._job: PolledJob | None = None
        self._timer = qt.QTimer()
        self._timer.interval = INTERVAL_MS
        self._timer.connect("timeout()", self._tick)
        self._refresh = qt.QTimer()
        self._refresh.interval = REFRESH_MS
        self._refresh.connect("timeout()", refresh)

    def watch(self, job: PolledJob) -> None:
        """Start polling `job`, in place of the one before."""
        self._job = job
        self._timer.start()
        self._refresh.start()

    def stop(self) -> None:
        """Stop polling."""
        self._timer.stop()
        self._refresh.stop()
        self._job = None

    def _tick(self) -> None:
        job = self._job
        if job is None or not job.running:
            self.stop()
            return
        job.poll()
