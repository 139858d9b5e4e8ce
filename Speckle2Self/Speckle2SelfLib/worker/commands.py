"""The worker's ear: a thread that reads commands, so that a cancel is heard while the network runs."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from typing import BinaryIO

from . import protocol


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
        threading.Thread(target=self._read, name="commands", daemon=True).start()

    def next_job(self) -> protocol.Message:
        """Wait for the next job."""
        return self._jobs.get()

    def is_cancelled(self, job: int) -> bool:
        """Say whether the client has taken this job back."""
        return job in self._cancelled

    def _read(self) -> None:
        for line in self._stream:
            message = protocol.decode(line)
            if message is None:
                continue
            if message["type"] == "job":
                self._jobs.put(message)
            elif message["type"] == "cancel":
                self._cancelled.add(int(message["job"]))
        self._at_end()
        # Not sys.exit: only this thread would end, and the main one may be deep in the network.
        os._exit(0)
