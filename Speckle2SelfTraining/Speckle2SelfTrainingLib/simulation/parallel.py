"""A bounded pool of processes that gives results in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from Speckle2SelfLib.errors import WorkerError

Result = TypeVar("Result")
AHEAD = 2  # results per process that wait in memory

_function: Callable[[int], Any]


def available_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ordered_map(function: Callable[[int], Result], count: int, processes: int) -> Iterator[Result]:
    """Yield ``function(0)``, ``function(1)``, ... from up to `processes` processes.

    Few results are computed ahead of the one asked for, so that memory stays bounded however long the list is.

    Parameters
    ----------
    function : callable
        Must be picklable; sent once to every process.
    count : int
    processes : int
        1 computes in this process.

    Raises
    ------
    WorkerError
        If a process ends before its result is there.
    """
    if processes <= 1 or count <= 1:
        yield from map(function, range(count))
        return
    # A fork of a process with threads (torch, OpenMP) can hang; a fresh interpreter cannot.
    context = multiprocessing.get_context("spawn")
    workers = min(processes, count)
    pool = ProcessPoolExecutor(workers, context, initializer=_receive, initargs=(function,))
    try:
        waiting: deque[Future[Result]] = deque()
        for index in range(count):
            waiting.append(pool.submit(_compute, index))
            if len(waiting) >= AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise WorkerError(
            "A process of the simulation ended too early, most likely for lack of memory: use fewer processes."
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _receive(function: Callable[[int], Any]) -> None:
    global _function
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the parent, which then ends its processes in order
    _function = function


def _compute(index: int) -> Any:
    return _function(index)
