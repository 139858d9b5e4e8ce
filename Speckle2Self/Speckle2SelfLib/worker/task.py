"""One job of the worker as the application sees it, of whatever kind: its folder, its messages, its end."""

from __future__ import annotations

import contextlib
import shutil
import time
from typing import TYPE_CHECKING, Any, Self

from ..errors import Cancelled, WorkerError
from . import protocol
from .process import WorkerProcess

if TYPE_CHECKING:
    from .client import WorkerClient


class WorkerTask:
    """One job of a worker: fill its folder, send it, read what it reports until it is done.

    Parameters
    ----------
    client : WorkerClient
        Whose job it is.
    process : WorkerProcess
        Where it runs.
    job : int
        Its number.

    Attributes
    ----------
    folder : Path
        Temporary files of this job, removed when it is closed.
    sent, done : bool
        Whether the worker has been told, and whether it has said its last word.
    sent_at : float
        When it was told, by ``time.monotonic``.
    """

    kind = ""
    cancel_text = "The job was cancelled."
    patience: float | None = None
    """Seconds that a cancelled job may go on in the worker before it is ended by force; None waits for it."""
    gives_way = False
    """Whether a job of another kind that is opened meanwhile takes its place."""

    def __init__(self, client: WorkerClient, process: WorkerProcess, job: int) -> None:
        self.job = job
        self.sent = self.done = False
        self.sent_at = 0.0
        self._client, self._process, self._closed = client, process, False
        self.folder = process.folder / f"job-{job}"
        self.folder.mkdir(parents=True)

    @property
    def worker_is_up(self) -> bool:
        """Whether the worker process has said hello."""
        return self._process.hello is not None

    @property
    def closed(self) -> bool:
        """Whether it has been closed, by its owner or because it gave way."""
        return self._closed

    def _send(self, **fields: Any) -> None:
        self.sent = True
        self.sent_at = self._process.last_heard = time.monotonic()
        self._process.send({"type": "job", "job": self.job, "kind": self.kind, **fields})

    def _receive(self) -> list[protocol.Message]:
        """Return what the worker reported since the last call.

        Raises
        ------
        Speckle2SelfError
            What the worker reported, or WorkerError if it ended or hung.
        Cancelled
            If the worker confirms a cancel.
        """
        messages = self._client.receive(self.job)
        last = messages[-1] if messages else {"type": ""}
        self.done = last["type"] in protocol.LAST_WORDS
        if last["type"] == "error":
            raise protocol.to_exception(last)
        if last["type"] == "cancelled":
            raise Cancelled(self.cancel_text)
        return messages

    def close(self) -> None:
        """Free what the job holds; a job that is not done is cancelled, which takes effect here at once.

        The worker hears of it and stops as soon as it can; the next job waits for that, not this call.
        """
        if self._closed:
            return
        unanswered = self.sent and not self.done
        if unanswered:
            with contextlib.suppress(WorkerError):  # it has ended, so there is nothing to stop
                self._process.send({"type": "cancel", "job": self.job, "patience": self.patience})
        self._client.forget(self, unanswered)
        self.release()

    def release(self) -> None:
        """Remove the job's files."""
        self._closed = True
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
