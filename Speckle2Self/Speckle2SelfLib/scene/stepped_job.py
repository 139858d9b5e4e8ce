"""A job on the scene: small steps, driven from outside, that leave the scene alone until the last one."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from typing import Any

from ..errors import Cancelled
from .environment import SceneEnvironment

STEP_SECONDS = 0.03
SCHEDULE_MILLISECONDS = 30
CALLBACK_SECONDS = 0.25

Schedule = Callable[[Callable[[], None], int], object]


class SteppedJob(ABC):
    """A job that runs whenever :meth:`poll` is called, for 30 ms at most while the worker computes.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    watched : iterable of vtkMRMLNode
        Nodes without which the job ends.
    onFinished : callable or None
        Called with the result.
    onError : callable or None
        Called with the exception; with :class:`~Speckle2SelfLib.errors.Cancelled` after a cancel, or when a watched
        node left the scene.
    schedule : callable or None
        ``schedule(callback, milliseconds)`` calls back once, e.g. ``lambda f, ms: qt.QTimer.singleShot(ms, f)``;
        the job then polls itself.

    Attributes
    ----------
    running : bool
        Whether it is under way.
    waiting : bool
        Whether there was nothing to do at the last poll but wait for the worker.
    error : Exception or None
        Why there is no result.
    notes : list of str
        What the user should know, e.g. that memory ran out and the batch was halved.
    seconds : float
        How long it has been running, or ran.
    """

    activity = "The job"
    """How messages about a cancel begin."""

    def __init__(
        self,
        environment: SceneEnvironment,
        watched: list[Any],
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        self.running = True
        self.waiting = False
        self.error: Exception | None = None
        self.notes: list[str] = []
        self._environment, self._watched = environment, watched
        self._on_finished, self._on_error, self._schedule = onFinished, onError, schedule
        self._started, self._ended = time.monotonic(), 0.0
        self._told = float("-inf")
        self._steps = self._run()
        self._reschedule()

    @abstractmethod
    def _run(self) -> Generator[bool, None, None]:
        """Do the work; yield after each step whether there is more to do than to wait."""

    @abstractmethod
    def _state(self) -> Any:
        """Return what is compared to notice progress."""

    @abstractmethod
    def _report(self) -> object:
        """Tell the caller about progress; False cancels."""

    @property
    @abstractmethod
    def result(self) -> Any:
        """What ``onFinished`` is called with."""

    @property
    def seconds(self) -> float:
        """How long the job has been running, or ran."""
        return (self._ended or time.monotonic()) - self._started

    def poll(self) -> None:
        """Go on with the job for a short while; does nothing once it has ended."""
        until = time.monotonic() + STEP_SECONDS
        try:
            while self.running and time.monotonic() < until:
                self.waiting = not self._advance()
                if self.waiting:
                    break
        except Exception as error:
            self._fail(error)

    def cancel(self) -> None:
        """Give the job up at once; the scene stays as it was before."""
        if self.running:
            self._fail(Cancelled(f"{self.activity} was cancelled; nothing was changed."))

    def wait(self) -> Any:
        """Run the job to its end, keep the desktop's windows alive meanwhile, and return the result.

        Progress is reported several times a second, so that a cancel is heard while a slow step is awaited.

        Raises
        ------
        Exception
            Why there is no result.
        """
        try:
            while self.running:
                if time.monotonic() - self._told > CALLBACK_SECONDS:
                    self._tell()
                self.poll()
                self._environment.idle(wait=self.waiting)
        finally:
            self.cancel()
        if self.error is not None:
            raise self.error
        return self.result

    def _advance(self) -> bool:
        """Do one step; return False if there is nothing to do but wait."""
        self._check_nodes()
        before = self._state()
        try:
            busy = next(self._steps)
        except StopIteration:
            self._finish()
            return False
        if self._state() != before:
            self._tell()
        return busy

    def _tell(self) -> None:
        self._told = time.monotonic()
        if self._report() is False:
            self.cancel()

    def _check_nodes(self) -> None:
        for node in self._watched:
            if not self._environment.holds(node):
                raise Cancelled(f"{self.activity} was cancelled because {node.GetName()!r} was removed from the scene.")

    def _finish(self) -> None:
        self._end()
        if self._on_finished is not None:
            self._on_finished(self.result)

    def _fail(self, error: Exception) -> None:
        self.error = error
        self._end()
        if self._on_error is not None:
            self._on_error(error)

    def _end(self) -> None:
        self.running = False
        self._ended = time.monotonic()
        self._steps.close()

    def _reschedule(self) -> None:
        if self._schedule is not None and self.running:
            self._schedule(self._scheduled_poll, SCHEDULE_MILLISECONDS)

    def _scheduled_poll(self) -> None:
        self.poll()
        self._reschedule()
