"""The worker as the application sees it: started on first use, kept warm, polled without ever blocking."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import Cancelled, DependencyError, WorkerError
from ..settings import DespeckleSettings
from . import protocol
from .frame_files import FrameFile, FrameWriter
from .process import WorkerProcess
from .stages import Stage

if TYPE_CHECKING:
    import numpy as np

POLL_SECONDS = 0.01


@dataclass
class WorkerClient:
    """Starts a worker process when the first job comes and keeps it for the next ones.

    Parameters
    ----------
    command : list of str or None
        What to start instead of the worker of this library.
    folder : Path or None
        Where frames go for the time of a job, the system's temporary folder by default.
    start_seconds : float
        How long a worker may take to say hello; the first import of torch takes long under a virus scanner.
    silence_seconds : float
        How long it may compute without any message before it counts as hung.
    cancel_seconds : float
        How long it may take to give up a cancelled job before the next job gets a fresh worker instead.
    """

    command: list[str] | None = None
    folder: Path | None = None
    start_seconds: float = 120.0
    silence_seconds: float = 600.0
    cancel_seconds: float = 10.0
    _process: WorkerProcess | None = field(default=None, init=False, repr=False)
    _task: WorkerTask | None = field(default=None, init=False, repr=False)
    _given_up: dict[int, float] = field(default_factory=dict, init=False, repr=False)
    _jobs: int = field(default=0, init=False, repr=False)

    @property
    def hello(self) -> protocol.Message | None:
        """The running worker's first message, or None before it came."""
        return self._process.hello if self._process else None

    @property
    def pid(self) -> int | None:
        """Process id of the running worker, or None."""
        return self._process.pid if self._process else None

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._task is not None

    def start(self) -> None:
        """Start the worker without waiting for it, so that it is warm when the first job comes."""
        if self._process is not None and self._process.exit_status is not None:
            self.close()
        if self._process is None:
            self._given_up.clear()
            self._process = WorkerProcess(self.command, self.folder)

    def begin(
        self,
        shape: Sequence[int],
        dtype: np.dtype[Any],
        settings: DespeckleSettings,
        *,
        color: bool = False,
        indices: Sequence[int] | None = None,
    ) -> WorkerTask:
        """Open a job; its frames are written into it one by one before it is sent.

        Parameters
        ----------
        shape : sequence of int
            (N, H, W) or (N, H, W, C) of the whole sweep.
        dtype : numpy dtype
            Type of the frames.
        settings : DespeckleSettings
            What to compute.
        color : bool
            Whether the last axis is RGB or RGBA.
        indices : sequence of int or None
            Frames to compute, all by default.

        Raises
        ------
        WorkerError
            If another job is under way, or no worker can be started.
        """
        if self.busy:
            raise WorkerError("The worker process is busy with another job; cancel that one or wait until it is done.")
        self.start()
        assert self._process is not None
        self._jobs += 1
        # Windows keeps files that are still mapped: what a cancelled job had to leave goes now.
        self._process.remove_jobs()
        wanted = list(range(shape[0])) if indices is None else [int(index) for index in indices]
        self._task = WorkerTask(self, self._process, self._jobs, tuple(shape), dtype, settings, color, wanted)
        return self._task

    def close(self) -> None:
        """End the worker; the next job starts a fresh one."""
        process, self._process = self._process, None
        task, self._task = self._task, None
        if task is not None:
            task.release()
        if process is not None:
            process.end()

    def receive(self, job: int) -> list[protocol.Message]:
        """Return the new messages of one job.

        Raises
        ------
        WorkerError
            If the worker has ended, is hung or is of another version; it is ended and the next job gets a fresh one.
        """
        try:
            return self._receive(job)
        except (WorkerError, DependencyError):
            self.close()
            raise

    def _receive(self, job: int) -> list[protocol.Message]:
        process = self._process
        if process is None:
            raise WorkerError("The worker process was ended while a job was under way; try again.")
        exit_status = process.exit_status  # before reading: what it said last is read in any case
        messages = []
        for message in process.receive():
            if message["type"] == "hello":
                process.hello = message
                _check_hello(message)
            elif message.get("job") == job:
                messages.append(message)
            elif message["type"] in ("cancelled", "done", "error"):
                self._given_up.pop(int(message["job"]), None)
        if not messages:
            self._check_alive(process, exit_status)
        return messages

    def _check_alive(self, process: WorkerProcess, exit_status: int | None) -> None:
        if exit_status is not None:
            raise process.ended()
        now = time.monotonic()
        silence = now - process.last_heard
        if process.hello is None:
            if silence > self.start_seconds:
                raise process.failure(f"The worker process did not start within {self.start_seconds:g} seconds")
        elif any(now - since > self.cancel_seconds for since in self._given_up.values()):
            raise process.failure("The worker process did not give up the job before this one")
        elif silence > self.silence_seconds:
            raise process.failure(f"The worker process did not answer for {self.silence_seconds:g} seconds")

    def forget(self, task: WorkerTask, unanswered: bool) -> None:
        """Take a finished or cancelled task off the worker (called by the task)."""
        if self._task is task:
            self._task = None
        if unanswered:
            self._given_up[task.job] = time.monotonic()


def _check_hello(hello: protocol.Message) -> None:
    protocol.check_hello(hello)
    if hello["problem"]:
        raise DependencyError(f"PyTorch does not work in the worker process ({hello['problem']}); reinstall PyTorch.")


class WorkerTask:
    """One job of a worker: write its frames, send it, poll it until it is done.

    Attributes
    ----------
    done : bool
        Whether all frames have been handed over.
    provenance : dict of str
        What ran, from the worker; empty until done.
    notes : list of str
        What the user should know, e.g. that memory ran out and the batch was halved.
    device : str
        Where the network runs; empty until the worker started the job.
    """

    def __init__(
        self,
        client: WorkerClient,
        process: WorkerProcess,
        job: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        settings: DespeckleSettings,
        color: bool,
        indices: list[int],
    ) -> None:
        self.job, self.indices = job, indices
        self.done, self.device = False, ""
        self.provenance: dict[str, str] = {}
        self.notes: list[str] = []
        self._client, self._process = client, process
        self._settings, self._color = settings, color
        self._folder = process.folder / f"job-{job}"
        self._folder.mkdir(parents=True)
        self._input = FrameFile(self._folder / "input", shape, dtype.str)
        self._writer = FrameWriter(self._input)
        self._results: np.ndarray[Any, Any] | None = None
        self._sent = self._closed = self._has_frames = False

    @property
    def stage(self) -> Stage:
        """What the job waits for, as far as the worker has said."""
        if not self._sent:
            return Stage.SENDING
        if self._process.hello is None:
            return Stage.STARTING
        if self._results is None:
            return Stage.LOADING
        return Stage.DESPECKLING if self._has_frames else Stage.MEASURING

    def write(self, index: int, frame: np.ndarray[Any, Any]) -> None:
        """Write frame ``index`` of the sweep, (H, W) or (H, W, C)."""
        self._writer.write(index, frame)

    def send(self) -> None:
        """Hand the job to the worker; the frames must have been written."""
        self._writer.finish()
        self._sent = True
        self._process.last_heard = time.monotonic()
        self._process.send(
            {
                "type": "job",
                "job": self.job,
                "settings": self._settings.to_dict(),
                "shape": list(self._input.shape),
                "dtype": self._input.dtype,
                "color": self._color,
                "indices": self.indices,
                "input": str(self._input.path),
                "output": str(self._folder / "output"),
            }
        )

    def poll(self) -> list[tuple[int, np.ndarray[Any, Any]]]:
        """Return the frames that are ready since the last call, without waiting.

        Returns
        -------
        list of (int, ndarray)
            Position in ``indices`` and frame, (H, W) or (H, W, C); a frame is valid until the task is closed.

        Raises
        ------
        Speckle2SelfError
            What the worker reported, or WorkerError if it ended or hung.
        Cancelled
            If the worker confirms a cancel.
        """
        ready: list[tuple[int, np.ndarray[Any, Any]]] = []
        for message in self._client.receive(self.job):
            kind = message["type"]
            if kind == "started":
                self.device = str(message["device"])
                self._map_results(message["dtype"])
            elif kind == "frame" and self._results is not None:
                position = int(message["position"])
                ready.append((position, self._results[position]))
                self._has_frames = True
            elif kind == "done":
                self.done, self.provenance, self.notes = True, message["provenance"], message["notes"]
            elif kind == "error":
                self.done = True
                raise protocol.to_exception(message)
            elif kind == "cancelled":
                self.done = True
                raise Cancelled("Despeckling was cancelled.")
        return ready

    def _map_results(self, dtype: str) -> None:
        shape = (len(self.indices), *self._input.shape[1:])
        self._results = FrameFile(self._folder / "output", shape, dtype).map()

    def wait(self) -> list[tuple[int, np.ndarray[Any, Any]]]:
        """Return all frames, waiting for them."""
        frames = []
        while not self.done:
            ready = self.poll()
            frames.extend(ready)
            if not ready and not self.done:
                time.sleep(POLL_SECONDS)
        return frames

    def close(self) -> None:
        """Free what the job holds; a job that is not done is cancelled, which takes effect here at once.

        The worker hears of it and stops at the next frame; the next job waits for that, not this call.
        """
        if self._closed:
            return
        unanswered = self._sent and not self.done
        if unanswered:
            with contextlib.suppress(WorkerError):  # it has ended, so there is nothing to stop
                self._process.send({"type": "cancel", "job": self.job})
        self._client.forget(self, unanswered)
        self.release()

    def release(self) -> None:
        """Remove the job's files."""
        self._closed = True
        self._results = None
        self._writer.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> WorkerTask:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


_shared: WorkerClient | None = None


def shared_worker() -> WorkerClient:
    """Return the one worker of this application, which all its modules use."""
    global _shared
    if _shared is None:
        # Nothing is registered for the end of the application: the worker sees its standard input close then.
        _shared = WorkerClient()
    return _shared
