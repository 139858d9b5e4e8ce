"""A process that does file after file of an archive; its parent sends orders through a pipe and gets reports back.

The end of the pipe is the end of the parent, however it came: the process then drops what it is doing, removes what is
half-written and ends.
"""

from __future__ import annotations

import _thread
import contextlib
import queue
import signal
import threading
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from ..errors import Speckle2SelfError
from .job import Job
from .one_file import process
from .order import FileOrder

READY, REFUSED, REPORT = "ready", "refused", "report"


def work(connection: Connection, job: Job, threads: int) -> None:
    """Serve orders until an order of None or the end of the pipe.

    Sends (READY, "") or (REFUSED, sentence), then for every order (REPORT, (report, notes)).
    """
    # Ctrl-C of a terminal reaches all processes of a command; the parent ends this one in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupt)
    orders: queue.SimpleQueue[FileOrder | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(connection, orders), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError, ConnectionResetError):
        _serve(connection, orders, job, threads)


def _serve(connection: Connection, orders: queue.SimpleQueue[FileOrder | None], job: Job, threads: int) -> None:
    try:
        import torch

        torch.set_num_threads(threads)
        loaded = job.loaded()
    except (Speckle2SelfError, ImportError, OSError, RuntimeError, MemoryError) as error:
        connection.send((REFUSED, str(error).partition("\n")[0] or type(error).__name__))
        return
    connection.send((READY, ""))
    while (order := orders.get()) is not None:
        report: dict[str, Any] = process(order, loaded)
        connection.send((REPORT, (report, list(loaded.engine.notes))))


def _listen(connection: Connection, orders: queue.SimpleQueue[FileOrder | None]) -> None:
    try:
        while (order := connection.recv()) is not None:
            orders.put(order)
        orders.put(None)
    except (EOFError, OSError):
        _thread.interrupt_main(signal.SIGTERM)
        orders.put(None)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
