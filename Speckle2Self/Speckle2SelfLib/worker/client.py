"""The worker as the application sees it: started on first use, kept warm, polled without ever blocking."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import DependencyError, WorkerBusyError, WorkerError
from ..settings import DespeckleSettings
from . import protocol
from .despeckle_task import DespeckleTask
from .process import WorkerProcess
from .task import WorkerTask

if TYPE_CHECKING:
    import numpy as np

Task = TypeVar("Task", bound=WorkerTask)

GIVE_UP_SECONDS = 1.0
"""How long a cancelled job, deep in a large frame, may keep the next one waiting until a fresh worker takes over."""

LIVE_SECONDS = 3.0
"""How old a live frame that nobody wants any more may be before another job gets a fresh worker; that costs as much."""


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
    _ending: dict[int, float] = field(default_factory=dict, init=False, repr=False)
    _ending_live: dict[int, float] = field(default_factory=dict, init=False, repr=False)
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
            self._ending.clear()
            self._ending_live.clear()
            self._process = WorkerProcess(self.command, self.folder)

    def begin(
        self,
        shape: Sequence[int],
        dtype: np.dtype[Any],
        settings: DespeckleSettings,
        *,
        color: bool = False,
        indices: Sequence[int] | None = None,
    ) -> DespeckleTask:
        """Open a despeckling job; its frames are written into it one by one before it is sent.

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
        wanted = list(range(shape[0])) if indices is None else [int(index) for index in indices]
        return self.open(
            lambda client, process, job: DespeckleTask(
                client, process, job, tuple(shape), dtype, color, wanted, {"settings": settings.to_dict()}
            )
        )

    def open(self, make: Callable[[WorkerClient, WorkerProcess, int], Task], *, live: bool = False) -> Task:
        """Open a job of any kind.

        Parameters
        ----------
        make : callable
            ``make(client, process, job)`` returns the task, e.g. its class.
        live : bool
            Whether it is one of many live frames, which wait for each other.

        Raises
        ------
        WorkerBusyError
            If another job is under way.
        WorkerError
            If no worker can be started.
        """
        if self._task is not None and self._task.gives_way:
            self._task.close()
        if self.busy:
            raise WorkerBusyError("Another job is running, maybe in another module; cancel it or wait for its end.")
        self._replace_if_abandoned(live)
        self.start()
        assert self._process is not None
        self._jobs += 1
        # Windows keeps files that are still mapped: what a cancelled job had to leave goes now.
        self._process.remove_jobs()
        self._task = task = make(self, self._process, self._jobs)
        return task

    def _replace_if_abandoned(self, live: bool) -> None:
        """End a worker in which a cancelled job has not stopped in time: the next job does not wait for that one."""
        if self._process is None or not (self._ending or self._ending_live):
            return
        try:
            self._sort(self._process, job=None)
        except (WorkerError, DependencyError):
            self.close()
        if self._process is None or self._process.hello is None:
            return  # one that is still starting has not begun what was taken back
        moments = [*self._ending.values(), *([] if live else self._ending_live.values())]
        if any(time.monotonic() >= moment for moment in moments):
            self.close()

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
        messages = self._sort(process, job)
        if not messages:
            self._check_alive(process, exit_status)
        return messages

    def _sort(self, process: WorkerProcess, job: int | None) -> list[protocol.Message]:
        """Read all messages, return those of a job and take note of the others."""
        messages = []
        for message in process.receive():
            if message["type"] == "hello":
                process.hello = message
                self._be_patient_again()
                _check_hello(message)
            elif message.get("job") == job:
                messages.append(message)
            elif message["type"] in protocol.LAST_WORDS:
                self._given_up.pop(int(message["job"]), None)
                self._ending.pop(int(message["job"]), None)
                self._ending_live.pop(int(message["job"]), None)
        return messages

    def _be_patient_again(self) -> None:
        """Count anew for jobs that were taken back while the worker started: it could not hear of that before."""
        now = time.monotonic()
        self._given_up = dict.fromkeys(self._given_up, now)
        self._ending = dict.fromkeys(self._ending, now + GIVE_UP_SECONDS)
        self._ending_live = dict.fromkeys(self._ending_live, now + LIVE_SECONDS)

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
        if unanswered and task.gives_way:
            self._ending_live[task.job] = task.sent_at + LIVE_SECONDS
        elif unanswered:
            # one with a patience of its own ends its worker in any case
            wait = 0.0 if task.patience is not None else GIVE_UP_SECONDS
            self._ending[task.job] = time.monotonic() + wait


def _check_hello(hello: protocol.Message) -> None:
    protocol.check_hello(hello)
    problem = hello["problem"]
    if problem:
        raise DependencyError(f"PyTorch does not work in the worker process ({problem}); {_remedy(str(problem))}.")


def _remedy(problem: str) -> str:
    reinstall = "reinstall PyTorch (in 3D Slicer: module PyTorch Utils, uninstall, restart, then press Apply again)"
    if "WinError 126" in problem or "DLL load failed" in problem or ".dll" in problem:
        return (
            f"install the newest Microsoft Visual C++ Redistributable and restart; if that does not help, {reinstall}"
        )
    if problem.startswith("ModuleNotFoundError"):
        return "install PyTorch first (in 3D Slicer: press Apply again, or open the module PyTorch Utils)"
    return reinstall


_shared: WorkerClient | None = None


def shared_worker() -> WorkerClient:
    """Return the one worker of this application, which all its modules use."""
    global _shared
    if _shared is None:
        # Nothing is registered for the end of the application: the worker sees its standard input close then.
        _shared = WorkerClient()
    return _shared
