"""One job that makes something of each frame of a node: despeckling, and what other kinds build on it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from ..worker.stages import Stage
from .environment import SceneEnvironment
from .provenance import attributes
from .results import Result
from .runners import Runner, RunReport
from .selection import Selection
from .stepped_job import Schedule, SteppedJob
from .sweep import SceneSweep

Progress = Callable[[int, int], object]


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
    settings : DespeckleSettings, or what else the runner takes
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
    settings: Any
    result: Result
    outputs: tuple[Any, ...]
    runner: Runner


class Job(SteppedJob):
    """Despeckles frames of a node.

    Parameters
    ----------
    plan : JobPlan
        What to do.
    onProgress : callable or None
        Called with (done, total) after every frame, and when another stage begins; False cancels.
    onFinished : callable or None
        Called with the output node.
    onError, schedule
        See :class:`~Speckle2SelfLib.scene.stepped_job.SteppedJob`.

    Attributes
    ----------
    done, total : int
        Frames computed and to compute.
    stage : Stage
        What it waits for.
    outputNode : vtkMRMLNode or None
        The result, once finished.
    """

    activity = "Despeckling"

    def __init__(
        self,
        plan: JobPlan,
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        self.done, self.total = 0, len(plan.selection.indices)
        self.stage = Stage.SENDING
        self.outputNode: Any = None
        self._plan, self._on_progress = plan, onProgress
        watched = [*plan.sweep.watched, *plan.outputs]
        super().__init__(plan.environment, watched, onFinished, onError, schedule)

    @property
    def result(self) -> Any:
        """The output node."""
        return self.outputNode

    def _state(self) -> tuple[int, Stage]:
        return self.done, self.stage

    def _report(self) -> object:
        return self._on_progress(self.done, self.total) if self._on_progress is not None else None

    def _run(self) -> Generator[bool, None, None]:
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
        self.notes = [*report.notes, *plan.result.notes()]
        self.outputNode = plan.result.place(plan.environment, attributes(report.provenance, self.total, report.notes))
