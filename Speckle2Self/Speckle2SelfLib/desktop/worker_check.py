"""Tries torch where it will be used: in the worker process, not in the application."""

from __future__ import annotations

import time

import slicer

from ..worker.client import shared_worker

_POLL_SECONDS = 0.02
_NO_JOB = 0


def endIdleWorker() -> None:
    """End the worker unless it is at work: it has old files open, which Windows does not let pip replace."""
    worker = shared_worker()
    if not worker.busy:
        worker.close()


def checkWorker() -> None:
    """Start the worker, wait for its first words and keep it warm; the application's windows stay alive meanwhile.

    Raises
    ------
    DependencyError
        If torch cannot be imported there, with its own error.
    WorkerError
        If the worker does not start.
    """
    worker = shared_worker()
    worker.start()
    while not worker.busy and worker.hello is None:
        worker.receive(_NO_JOB)
        slicer.app.processEvents()
        time.sleep(_POLL_SECONDS)
