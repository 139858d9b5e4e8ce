"""One comparison of despeckling with other filters, on nodes of the scene."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from Speckle2SelfLib.scene import images
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.job import Progress
from Speckle2SelfLib.scene.provenance import attributes
from Speckle2SelfLib.scene.stepped_job import Schedule
from Speckle2SelfLib.scene.sweep import SceneSweep
from Speckle2SelfLib.worker import WorkerClient
from Speckle2SelfLib.worker.stages import Stage

from ..evaluation.boxes import Boxes
from ..evaluation.measuring import MeasuredMethod
from ..worker.evaluation_order import EvaluationOrder
from ..worker.evaluation_task import EvaluationTask
from .comparison_views import ComparisonViews
from .evaluation_pictures import place_pictures, remove_pictures
from .evaluation_table import place_rows
from .table_job import TableJob


@dataclass(frozen=True)
class EvaluatingPlan:
    """All that a comparison needs, checked.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    sweep : SceneSweep
        What is compared.
    frames : list of int
        Numbers of the compared frames.
    sent : list of int
        Numbers of the frames that travel, among them those that the statistics are taken from.
    order : EvaluationOrder
        What the worker is told.
    table : vtkMRMLTableNode or None
        Table to fill anew.
    keep_images : bool
        Whether the pictures become volumes of the scene.
    where : str
        A sentence that says in which boxes it is measured.
    regions : list of vtkMRMLNode
        Nodes that the boxes come from.
    client : WorkerClient
        The worker.
    """

    environment: SceneEnvironment
    sweep: SceneSweep
    frames: list[int]
    sent: list[int]
    order: EvaluationOrder
    table: Any
    keep_images: bool
    where: str
    regions: list[Any]
    client: WorkerClient


class EvaluatingJob(TableJob):
    """Compares methods on a sweep.

    Parameters
    ----------
    plan : EvaluatingPlan
        What to do.
    onProgress : callable or None
        Called with (done, total) pictures after every one, and when another stage begins; False cancels.
    onFinished : callable or None
        Called with the table.
    onError, schedule
        See :class:`~Speckle2SelfLib.scene.stepped_job.SteppedJob`.

    Attributes
    ----------
    done, total : int
        Pictures (a frame by a method) made and to make.
    stage : Stage
        What it waits for.
    method, frame : int
        Number of the method that runs, from 0, and how many of its frames are done.
    table : vtkMRMLTableNode or None
        The result, once finished.
    rows : list of MeasuredMethod
        What is in the table.
    boxes : list of Boxes
        Where each frame was measured.
    csv : str
        Everything as text for a file.
    figure : bytes or None
        The methods side by side, as a PNG file.
    """

    activity = "The comparison"

    def __init__(
        self,
        plan: EvaluatingPlan,
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        self.stage = Stage.SENDING
        self.method = self.frame = 0
        self.total = len(plan.order.pictures)
        self.rows: list[MeasuredMethod] = []
        self.boxes: list[Boxes] = []
        self.csv = ""
        self.figure: bytes | None = None
        self._plan = plan
        self._pictures: dict[tuple[str, int], images.Array] = {}
        self._volumes: dict[tuple[str, int], Any] = {}
        self._marks: dict[str, str] = {}
        self._views: ComparisonViews | None = None
        super().__init__(plan, [*plan.sweep.watched, *plan.regions], onProgress, onFinished, onError, schedule)

    @property
    def methods(self) -> list[str]:
        """Titles of the methods, in the order in which they run; the input is the first."""
        return [method.title for method in self._plan.order.methods]

    @property
    def frames(self) -> list[int]:
        """Numbers of the compared frames."""
        return self._plan.frames

    @property
    def done(self) -> int:
        """Pictures made, as far as known; of a method that cannot run here, all."""
        finished = self._plan.order.methods[: self.method]
        return sum(method.frames for method in finished) + self.frame

    @property
    def frames_of_method(self) -> int:
        """How many frames the method that runs gets."""
        return self._plan.order.methods[self.method].frames

    @property
    def where(self) -> str:
        """A sentence that says in which boxes it is measured."""
        return self._plan.where

    def show(self, frame: int) -> None:
        """Show a compared frame by every method in views of their own; its pictures become volumes of the scene."""
        volumes = self.add_images()
        shown = {method: volume for (method, index), volume in volumes.items() if index == frame}
        shown = {method: volume for method, volume in shown.items() if self._environment.holds(volume)}
        if self._views is None or self._views.count != len(shown):
            if self._views is not None:
                self._views.hide()
            self._views = ComparisonViews(self._environment, len(shown))
        self._views.show(shown, self.table)

    @property
    def view_names(self) -> list[str]:
        """Names of the slice views that :meth:`show` uses."""
        return self._views.view_names if self._views is not None else []

    def hide(self) -> None:
        """Go back to the layout before; pictures that were not asked for go, too."""
        if self._views is None:
            return
        self._views.hide()
        if not self._plan.keep_images:
            remove_pictures(self._environment, self._volumes)
            self._volumes = {}

    def add_images(self) -> dict[tuple[str, int], Any]:
        """Put the pictures into the scene, once, and return the volumes by method and number of the frame."""
        if not any(self._environment.holds(volume) for volume in self._volumes.values()):
            name = f"{self._plan.sweep.name} compared frames"
            self._volumes = place_pictures(self._environment, self._plan.sweep, self._pictures, self._marks, name)
        return self._volumes

    def _state(self) -> Any:
        return self.stage, self.method, self.frame

    def _run(self) -> Generator[bool, None, None]:
        plan = self._plan
        sweep = plan.sweep
        begin = partial(
            EvaluationTask,
            shape=(len(plan.sent), *sweep.frame_shape),
            dtype=sweep.dtype,
            color=sweep.color,
            indices=list(range(self.total)),
            order={"order": plan.order.to_dict()},
        )
        with plan.client.open(begin) as task:
            for position, index in enumerate(plan.sent):
                task.write(position, sweep[index])
                yield True
            task.send()
            names = plan.order.pictures
            while not task.done:
                ready = task.poll()
                for number, picture in ready:
                    method, frame = names[number]
                    self._pictures[method, plan.frames[frame]] = np.array(picture)
                self.stage, self.method, self.frame = task.stage, task.method, task.frame
                yield bool(ready)
            self._check_nodes()
            self._conclude(task)

    def _conclude(self, task: EvaluationTask) -> None:
        plan = self._plan
        numbers = ", ".join(str(frame + 1) for frame in plan.frames)
        self.rows, self.boxes, self.csv, self.figure = task.rows, task.boxes, task.table, task.figure
        self._marks = attributes(task.provenance, len(plan.frames))
        self.notes = [*task.notes, *(f"{method}: {reason}." for method, reason in task.not_measured.items())]
        table = place_rows(
            plan.environment,
            f"{plan.sweep.name} comparison with filters",
            self.rows,
            task.not_measured,
            f"Frames {numbers} of {plan.sweep.name}, counted from 1. {plan.where}",
            plan.sweep.shown or plan.sweep.node,
            plan.table,
        )
        if plan.keep_images:
            try:
                self.add_images()
            except BaseException:
                if plan.table is None:
                    plan.environment.scene.RemoveNode(table)
                raise
        self.table = table
