"""The worker's ear: a thread that reads commands, so that a cancel is heard while the network runs."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from . import protocol

ABANDONED = 75
"""Exit status after a cancelled job that did not stop in time."""
DEAF = 74
"""Exit status after a command that could not be read."""


class CommandReader:
    """Reads commands from a stream in a thread of its own.

    Parameters
    ----------
    stream : binary stream
        Standard input; its end means that the parent has ended, however it ended.
    at_end : callable
        Called before the process exits because the stream ended.
    """

    def __init__(self, stream: BinaryIO, at_end: Callable[[], None]) -> None:
        self._stream = stream
        self._at_end = at_end
        self._jobs: queue.Queue[protocol.Message] = queue.Queue()
        self._cancelled: set[int] = set()
        self._running: int | None = None
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def next_job(self) -> protocol.Message:
        """Wait for the next job."""
        message = self._jobs.get()
        self._running = int(message["job"])
        return message

    def answered(self) -> None:
        """Take note that the running job has ended, in whatever way."""
        self._running = None

    def is_cancelled(self, job: int) -> bool:
        """Say whether the client has taken this job back."""
        return job in self._cancelled

    def _read(self) -> None:
        status = DEAF
        try:
            self._take_all()
            status = 0
        except Exception:
            traceback.print_exc()  # the application shows it
        finally:
            self._end(status)  # nobody could cancel or end a worker that does not listen

    def _take_all(self) -> None:
        for line in self._stream:
            message = protocol.decode(line)
            if message is not None and message["type"] == "file":  # too long for the pipe
                message = _take_file(Path(message["path"]))
            if message is None:
                continue
            if message["type"] == "job":
                self._jobs.put(message)
            elif message["type"] == "cancel":
                self._cancel(int(message["job"]), message.get("patience"))

    def _cancel(self, job: int, patience: float | None) -> None:
        self._cancelled.add(job)
        if patience is not None:
            timer = threading.Timer(patience, self._insist, [job])
            timer.daemon = True
            timer.start()

    def _insist(self, job: int) -> None:
        """End a job that was asked to stop and is still in the same long step, and the process with it."""
        if self._running == job:
            self._end(ABANDONED)

    def _end(self, status: int) -> None:
        self._at_end()
        # Not sys.exit: only this thread would end, and the main one may be deep in the network.
        os._exit(status)


def _take_file(path: Path) -> protocol.Message | None:
    line = path.read_bytes()
    with contextlib.suppress(OSError):  # Windows: a virus scanner may have it open; it goes with the session
        path.unlink()
    return protocol.decode(line)
