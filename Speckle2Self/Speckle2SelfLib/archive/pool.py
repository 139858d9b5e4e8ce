"""Processes that share the files of an archive; one that is killed costs its file and no other."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from ..errors import WorkerError
from ..settings import DespeckleSettings
from . import worker
from .machine import Seat, thread_limits
from .order import FileOrder

PATIENCE = 20.0  # seconds that a process gets to remove what is half-written
ENDED = "The process that worked on it ended too early, most likely for lack of memory: use fewer --jobs."


class _Process:
    """One worker process as its parent sees it."""

    def __init__(self, seat: Seat, settings: DespeckleSettings) -> None:
        self.seat = seat
        self.order: FileOrder | None = None
        self.ready = False
        # A fork of a process with threads (torch, OpenMP) can hang; a fresh interpreter cannot.
        context = multiprocessing.get_context("spawn")
        self.connection: Connection
        self.connection, others = context.Pipe()
        arguments = (others, settings.replace(device=seat.device), seat.threads)
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

    def end(self) -> None:
        """End it: by itself once the pipe is closed, by force if it does not."""
        self.connection.close()
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


class Pool:
    """Runs orders in processes.

    Parameters
    ----------
    seats : sequence of Seat
        One per process; a process is started once there is a file for it.
    settings : DespeckleSettings

    Attributes
    ----------
    notes : list of str
        What happened on the way, for the user.
    """

    def __init__(self, seats: Sequence[Seat], settings: DespeckleSettings) -> None:
        self._free = list(reversed(seats))
        self._settings = settings
        self._processes: dict[Connection, _Process] = {}
        self.notes: list[str] = []

    def run(self, orders: Iterator[FileOrder]) -> Iterator[dict[str, Any]]:
        """Yield the report of every file as it is done.

        Raises
        ------
        WorkerError
            If a process cannot load the model.
        """
        try:
            self._start(orders)
            while self._processes:
                for connection in wait(list(self._processes)):
                    assert isinstance(connection, Connection)
                    yield from self._hear(self._processes[connection], orders)
        finally:
            self._end()

    def _start(self, orders: Iterator[FileOrder]) -> None:
        """Start a process for every free seat, as long as there are files."""
        while self._free and (order := next(orders, None)) is not None:
            process = _Process(self._free.pop(), self._settings)
            self._processes[process.connection] = process
            process.send(order)

    def _hear(self, process: _Process, orders: Iterator[FileOrder]) -> Iterator[dict[str, Any]]:
        try:
            kind, content = process.connection.recv()
        except (EOFError, OSError):
            yield from self._lost(process, orders)
            return
        if kind == worker.REFUSED:
            raise WorkerError(f"A process for this archive could not be started: {content}")
        process.ready = True
        if kind == worker.REPORT:
            report, notes = content
            self.notes += [note for note in notes if note not in self.notes]
            process.send(next(orders, None))
            yield report

    def _lost(self, process: _Process, orders: Iterator[FileOrder]) -> Iterator[dict[str, Any]]:
        """Give up a process that has ended; before its time, a fresh one takes its seat."""
        del self._processes[process.connection]
        process.end()
        if not process.ready:
            raise WorkerError("A process for this archive ended while it was starting: use --jobs 1.")
        if process.order is not None:
            self._free.append(process.seat)
            yield {"file": process.order.name, "error": ENDED}
            self._start(orders)

    def _end(self) -> None:
        processes, self._processes = list(self._processes.values()), {}
        for process in processes:
            process.connection.close()
        for process in processes:
            process.end()
