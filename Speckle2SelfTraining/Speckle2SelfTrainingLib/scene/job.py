"""One training job on the scene."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from Speckle2SelfLib.bundle.placing import BundlePlace
from Speckle2SelfLib.errors import Speckle2SelfError
from Speckle2SelfLib.frame_path.frames import Frames
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.stepped_job import Schedule, SteppedJob
from Speckle2SelfLib.scene.sweep import SceneSweep
from Speckle2SelfLib.worker import WorkerClient

from ..training import TrainingProgress
from ..worker.order import SweepFile
from ..worker.task import TrainingStage, TrainingTask
from .loss_curve import LossCurve
from .preview import Preview
from .views import TrainingViews

Progress = Callable[[TrainingProgress | None], object]

NEUTRAL_NAME = "sweep {number}"
_NAMED_SWEEP = re.compile(r"(?<=')sweep (\d+)(?=[' ])")


class Order(Protocol):
    """What the worker is told, whatever is trained."""

    @property
    def name(self) -> str:
        """Name of the new model."""

    @property
    def settings(self) -> Any:
        """What decides the training; has ``steps``."""

    @property
    def zipped(self) -> bool:
        """Whether the bundle shall be one zip file."""

    def to_dict(self) -> dict[str, Any]:
        """Return the order as JSON-ready values."""


@dataclass(frozen=True)
class TrainingPlan:
    """All that a training needs, checked.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    sweeps : list of SceneSweep
        What is learned from or checked on, in the order in which sweeps are numbered for the worker.
    files : list of (SweepFile, Frames)
        What is sent to the worker.
    order : Order
        What the worker is told.
    task : type of TrainingTask
        The kind of job.
    place : BundlePlace
        Where the bundle goes.
    client : WorkerClient
        The worker.
    keep_preview : bool
        Whether the pictures before and after stay in the scene.
    watched : list of vtkMRMLNode
        Nodes beside those of the sweeps without which the job ends.
    notes : list of str
        What the user should know before.
    pictures : bool
        Whether frames are held out, which the preview shows.
    """

    environment: SceneEnvironment
    sweeps: list[SceneSweep]
    files: list[tuple[SweepFile, Frames]]
    order: Order
    task: type[TrainingTask]
    place: BundlePlace
    client: WorkerClient
    keep_preview: bool
    watched: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pictures: bool = True


def sweep_file(sweep: SceneSweep, number: int, count: int | None = None) -> SweepFile:
    """Return how a sweep travels to the worker; its name, often a patient's, stays here.

    Parameters
    ----------
    sweep : SceneSweep
    number : int
        Of the sweep, counted from 1.
    count : int or None
        Frames, where not all of them travel.
    """
    return SweepFile(
        name=NEUTRAL_NAME.format(number=number),
        file=f"sweep-{number}",
        shape=(len(sweep) if count is None else count, *sweep.frame_shape),
        dtype=sweep.dtype.str,
        color=sweep.color,
    )


class TrainingJob(SteppedJob):
    """Trains on nodes of the scene.

    Parameters
    ----------
    plan : TrainingPlan
        What to do.
    onProgress : callable or None
        Called with the last finished step (None before the first), and when another stage begins; False cancels.
    onFinished : callable or None
        Called with the path of the new bundle.
    onError, schedule
        See :class:`~Speckle2SelfLib.scene.stepped_job.SteppedJob`.

    Attributes
    ----------
    progress : TrainingProgress or None
        The last finished step.
    stage : TrainingStage
        What it waits for.
    path : Path or None
        The new bundle, once finished.
    summary : dict
        Steps, best_step, best_loss, stopped ("steps", "minutes" or "patience") and seconds, once finished.
    """

    activity = "The training"

    def __init__(
        self,
        plan: TrainingPlan,
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        self.progress: TrainingProgress | None = None
        self.stage = TrainingStage.SENDING
        self.path: Path | None = None
        self.summary: dict[str, Any] = {}
        self._plan, self._on_progress = plan, onProgress
        self._curve: LossCurve | None = None
        self._preview: Preview | None = None
        self._views = TrainingViews(plan.environment, plan.pictures)
        nodes = [*plan.watched, *(node for sweep in plan.sweeps for node in sweep.watched)]
        watched = list({node.GetID(): node for node in nodes}.values())
        super().__init__(plan.environment, watched, onFinished, onError, schedule)

    @property
    def steps(self) -> int:
        """Steps to do, at most."""
        return int(self._plan.order.settings.steps)

    @property
    def result(self) -> Path | None:
        """The path of the new bundle."""
        return self.path

    @property
    def chart(self) -> Any:
        """The chart of the loss, None before the worker has begun."""
        return self._curve.chart if self._curve is not None else None

    @property
    def previewVolumes(self) -> tuple[Any, ...]:
        """A held-out frame before and after, as volumes; empty before the first validation."""
        return self._preview.volumes if self._preview is not None else ()

    def show(self) -> None:
        """Show loss and preview in a layout of their own; what comes later appears there, too."""
        self._views.show(self._curve, self._preview)

    def hide(self) -> None:
        """Go back to the layout before; of a finished training, pictures that are not kept go, too."""
        self._views.hide()
        if not self.running and self._preview is not None:
            self._preview.remove()

    def _state(self) -> Any:
        return self.stage, self.progress.step if self.progress is not None else 0

    def _report(self) -> object:
        return self._on_progress(self.progress) if self._on_progress is not None else None

    def _run(self) -> Generator[bool, None, None]:
        plan = self._plan
        try:
            with plan.client.open(partial(plan.task, order=plan.order)) as task:
                yield from self._send(task)
                self._curve = LossCurve(plan.environment, plan.order.name)
                self._preview = Preview(plan.environment, plan.order.name, plan.sweeps)
                while not task.done:
                    steps = task.poll()
                    self._take(steps)
                    self.stage = task.stage
                    yield bool(steps)
                self._check_nodes()
                plan.place.publish(task.bundle)
                self._conclude(task)
        except Speckle2SelfError as error:
            raise type(error)(self._with_node_names(str(error))) from error
        finally:
            self._leave()

    def _send(self, task: TrainingTask) -> Generator[bool, None, None]:
        for file, frames in self._plan.files:
            task.open(file)
            for index in range(len(frames)):
                task.write(index, frames[index])
                yield True
            task.finish()
        task.send()
        self.stage = task.stage

    def _take(self, steps: Sequence[TrainingProgress]) -> None:
        assert self._curve is not None
        assert self._preview is not None
        if steps:
            self.progress = steps[-1]
        self._curve.add(steps)
        pictures = [step.preview for step in steps if step.preview is not None]
        if pictures:
            self._preview.show(pictures[-1])
        self._views.update(self._curve, self._preview)

    def _conclude(self, task: TrainingTask) -> None:
        assert self._curve is not None
        assert self._preview is not None
        self.summary, self.path = task.result, self._plan.place.path
        self.notes = [*self._plan.notes, *(self._with_node_names(note) for note in task.notes)]
        self._curve.keep()
        if self._plan.keep_preview:
            self._preview.keep()

    def _leave(self) -> None:
        """Remove from the scene what is not kept; pictures that the user looks at stay until :meth:`hide`."""
        failed = self.path is None
        if failed:
            self._views.hide()
        if self._curve is not None:
            self._curve.remove()
        if self._preview is not None and (failed or not self._views.shown):
            self._preview.remove()

    def _with_node_names(self, text: str) -> str:
        """Return a sentence about "sweep 2" with the name that the user knows it by."""
        sweeps = self._plan.sweeps
        return _NAMED_SWEEP.sub(lambda found: str(sweeps[int(found.group(1)) - 1].name), text)
