"""One process of an archive as its parent sees it."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from multiprocessing.connection import Connection

from . import worker
from .job import Job
from .machine import Seat, thread_limits
from .order import FileOrder

PATIENCE = 20.0  # seconds that a process gets to remove what is half-written


class WorkerProcess:
    """A process that does files, one at a time.

    Parameters
    ----------
    seat : Seat
        The device and the threads that it gets.
    losses : int
        How many processes in a row ended in this seat while they were starting.
    job : Job

    Attributes
    ----------
    order : FileOrder or None
        What it does now.
    ready : bool
        Whether it has loaded the model.
    refused : str
        Why it could not.
    """

    def __init__(self, seat: Seat, losses: int, job: Job) -> None:
        self.seat = seat
        self.losses = losses
        self.order: FileOrder | None = None
        self.ready = False
        self.refused = ""
        # A fork of a process with threads (torch, OpenMP) can hang; a fresh interpreter cannot.
        context = multiprocessing.get_context("spawn")
        self.connection: Connection
        self.connection, others = context.Pipe()
        arguments = (others, job.on_device(seat.device), seat.threads)
        self.process = context.Process(target=worker.work, args=arguments, daemon=True)
        try:
            with thread_limits(seat.threads):
                self.process.start()
        finally:
            others.close()

    def send(self, order: FileOrder | None) -> None:
        """Give it a file to do, or None to end."""
        self.order = order
        with contextlib.suppress(OSError):  # it has ended, which receiving will show
            self.connection.send(order)

    def end(self) -> str:
        """End it, by itself once the pipe is closed, by force if it does not; return how it ended, as words."""
        self.connection.close()
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        status = self.process.exitcode or 0
        self.process.close()
        return "ended too early" if status >= 0 else f"was killed ({_signal_name(-status)})"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
