"""Drives a live job from Qt's event loop: when something changes, and while an answer is awaited."""

from __future__ import annotations

from typing import Any

import qt


class LiveTimer:
    """Poll one live job until it has stopped; costs nothing while nothing changes.

    Parameters
    ----------
    job : LiveJob
        A preview or a stream; its ``wake`` is set.
    """

    def __init__(self, job: Any) -> None:
        self._job = job
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.connect("timeout()", self._tick)
        job.wake = self.wake
        self.wake()

    def wake(self) -> None:
        """Poll at the next turn of the event loop, so that changes that come together count as one."""
        self._start(0)

    def _tick(self) -> None:
        milliseconds = self._job.poll()
        if milliseconds is not None:
            self._start(milliseconds)

    def _start(self, milliseconds: int) -> None:
        self._timer.interval = milliseconds
        self._timer.start()
