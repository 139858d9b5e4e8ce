"""One despeckling job: small steps, driven from outside, that leave the scene alone until the last one."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from ..errors import Cancelled
from ..settings import DespeckleSettings
from ..worker.stages import Stage
from .environment import SceneEnvironment
from .provenance import attributes
from .results import Result
from .runners import Runner, RunReport
from .selection import Selection
from .sweep import SceneSweep

STEP_SECONDS = 0.03
SCHEDULE_MILLISECONDS = 30

Progress = Callable[[int, int], object]
Schedule = Callable[[Callable[[], None], int], object]


@dataclass(frozen=True)
class JobPlan:
    """All that a job needs, checked.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    sweep : SceneSweep
        The input's frames.
    selection : Selection
        Frames to compute.
    settings : DespeckleSettings
        What to compute.
    result : Result
        Where frames are collected.
    outputs : tuple of vtkMRMLNode
        Existing nodes that get the result.
    runner : Runner
        What computes.
    """

    environment: SceneEnvironment
    sweep: SceneSweep
    selection: Selection
    settings: DespeckleSettings
    result: Result
    outputs: tuple[Any, ...]
    runner: Runner


class Job:
    """A job that runs whenever :meth:`poll` is called, for 30 ms at most while the worker computes.

    Parameters
    ----------
    plan : JobPlan
        What to do.
    onProgress : callable or None
        Called with (done, total) after every frame, and when another stage begins.
    onFinished : callable or None
        Called with the output node.
    onError : callable or None
        Called with the exception; with :class:`~Speckle2SelfLib.errors.Cancelled` after a cancel, or when input or
        output left the scene.
    schedule : callable or None
        ``schedule(callback, milliseconds)`` calls back once, e.g. ``lambda f, ms: qt.QTimer.singleShot(ms, f)``;
        the job then polls itself.

    Attributes
    ----------
    running : bool
        Whether it is under way.
    waiting : bool
        Whether there was nothing to do at the last poll but wait for the worker.
    done, total : int
        Frames computed and to compute.
    stage : Stage
        What it waits for.
    outputNode : vtkMRMLNode or None
        The result, once finished.
    error : Exception or None
        Why there is none.
    notes : list of str
        What the user should know, e.g. that memory ran out and the batch was halved.
    seconds : float
        How long it has been running, or ran.
    """

    def __init__(
        self,
        plan: JobPlan,
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        self.running = True
        self.done, self.total = 0, len(plan.selection.indices)
        self.stage = Stage.SENDING
        self.outputNode: Any = None
        self.error: Exception | None = None
        self.notes: list[str] = []
        self.waiting = False
        self._plan = plan
        self._on_progress, self._on_finished, self._on_error = onProgress, onFinished, onError
        self._schedule = schedule
        self._started, self._ended = time.monotonic(), 0.0
        self._steps = self._run()
        self._reschedule()

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
            self._fail(Cancelled("Despeckling was cancelled; nothing was changed."))

    def _advance(self) -> bool:
        """Do one step; return False if there is nothing to do but wait."""
        self._check_nodes()
        before = (self.done, self.stage)
        try:
            busy = next(self._steps)
        except StopIteration:
            self._finish()
            return False
        if (self.done, self.stage) != before and self._on_progress is not None:
            self._on_progress(self.done, self.total)
        return busy

    def _run(self) -> Generator[bool, None, None]:
        """Do the work; yield after each step whether there is more to do than to wait."""
        plan = self._plan
        stream = plan.runner.run(plan.sweep, plan.settings, plan.selection.indices)
        try:
            while True:
                try:
                    ready = next(stream)
                except StopIteration as stop:
                    report: RunReport = stop.value
                    break
                if isinstance(ready, Stage):
                    self.stage = ready
                    ready = None
                for position, frame in ready or []:
                    plan.result.write(position, frame)
                    self.done += 1
                yield ready is not None
        finally:
            stream.close()
        self._check_nodes()
        self.notes = report.notes
        self.outputNode = plan.result.place(plan.environment, attributes(report.provenance, self.total))

    def _check_nodes(self) -> None:
        for node in (*self._plan.sweep.watched, *self._plan.outputs):
            if not self._plan.environment.holds(node):
                raise Cancelled(f"Despeckling was cancelled because {node.GetName()!r} was removed from the scene.")

    def _finish(self) -> None:
        self._end()
        if self._on_finished is not None:
            self._on_finished(self.outputNode)

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
