"""Processes that share the files of an archive; one that is killed costs its file and no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from ..errors import WorkerError
from . import worker
from .job import Job
from .machine import Seat
from .order import FileOrder
from .worker_process import WorkerProcess

STARTS = 3  # of a process in one seat, before the seat is given up
ENDED = "The process that worked on it {ended}, most likely for lack of memory: use fewer --jobs."
LOST = "A process for this archive {ended} while it was starting, and was started again."
GIVEN_UP = "A process for this archive could not be started ({reason}): the others go on without it."


class Pool:
    """Runs orders in processes.

    Parameters
    ----------
    seats : sequence of Seat
        One per process; a process is started once there is a file for it.
    job : Job

    Attributes
    ----------
    notes : list of str
        What happened on the way, for the user.
    """

    def __init__(self, seats: Sequence[Seat], job: Job) -> None:
        self._free = [(seat, 0) for seat in reversed(seats)]  # with how often in a row its process did not start
        self._job = job
        self._processes: dict[Connection, WorkerProcess] = {}
        self._returned: list[FileOrder] = []  # of processes that never got to them
        self._last_reason = ""
        self.notes: list[str] = []

    def run(self, orders: Iterator[FileOrder]) -> Iterator[dict[str, Any]]:
        """Yield the report of every file as it is done.

        Raises
        ------
        WorkerError
            If no process can be started.
        """
        try:
            self._start(orders)
            while self._processes:
                for connection in wait(list(self._processes)):
                    assert isinstance(connection, Connection)
                    yield from self._hear(self._processes[connection], orders)
            if self._returned:
                raise WorkerError(f"No process for this archive could be started: {self._last_reason}")
        finally:
            self._end()

    def _next(self, orders: Iterator[FileOrder]) -> FileOrder | None:
        return self._returned.pop() if self._returned else next(orders, None)

    def _start(self, orders: Iterator[FileOrder]) -> None:
        """Start a process for every free seat, as long as there are files."""
        while self._free and (order := self._next(orders)) is not None:
            process = WorkerProcess(*self._free.pop(), self._job)
            self._processes[process.connection] = process
            process.send(order)

    def _hear(self, process: WorkerProcess, orders: Iterator[FileOrder]) -> Iterator[dict[str, Any]]:
        try:
            kind, content = process.connection.recv()
        except (EOFError, OSError):
            yield from self._lost(process, orders)
            return
        if kind == worker.REFUSED:
            process.refused = content
        elif kind == worker.READY:
            process.ready, process.losses = True, 0
        else:
            report, notes = content
            self._note(*notes)
            process.send(self._next(orders))
            yield report

    def _lost(self, process: WorkerProcess, orders: Iterator[FileOrder]) -> Iterator[dict[str, Any]]:
        """Give up a process that has ended; before its time, a fresh one takes its seat."""
        del self._processes[process.connection]
        ended = process.end()
        if not process.ready:
            self._not_started(process, ended)
        elif process.order is not None:
            yield {"file": process.order.name, "error": ENDED.format(ended=ended)}
        if process.losses < STARTS:
            self._free.append((process.seat, process.losses))
        self._start(orders)

    def _not_started(self, process: WorkerProcess, ended: str) -> None:
        """Take back the file of a process that never got to it; count, and say what happened."""
        if process.order is not None:
            self._returned.append(process.order)
        # What is refused once is refused again: the model cannot be loaded, or not on this device.
        process.losses = STARTS if process.refused else process.losses + 1
        self._last_reason = process.refused or f"it {ended} while it was starting; use fewer --jobs, or --jobs 1."
        if process.losses >= STARTS:
            self._note(GIVEN_UP.format(reason=self._last_reason.rstrip(".")))
        else:
            self._note(LOST.format(ended=ended))

    def _note(self, *notes: str) -> None:
        self.notes += [note for note in notes if note not in self.notes]

    def _end(self) -> None:
        processes, self._processes = list(self._processes.values()), {}
        for process in processes:
            process.connection.close()
        for process in processes:
            process.end()
