"""A training job as the application sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from Speckle2SelfLib.worker.frame_files import FrameFile, FrameWriter
from Speckle2SelfLib.worker.process import WorkerProcess
from Speckle2SelfLib.worker.task import WorkerTask

from ..segmentation.training import SegmentationProgress
from ..training import TrainingProgress
from .order import ARCHIVE, BUNDLE, SweepFile

if TYPE_CHECKING:
    import numpy as np
    from Speckle2SelfLib.worker import WorkerClient


class Order(Protocol):
    """What a job is told, whatever is trained."""

    @property
    def zipped(self) -> bool:
        """Whether the bundle shall be one zip file."""

    def to_dict(self) -> dict[str, Any]:
        """Return the order as JSON-ready values."""


class TrainingStage(Enum):
    """What a training job waits for, one after the other."""

    SENDING = "the frames go to the worker"
    STARTING = "the worker process starts and imports torch"
    PREPARING = "the sweeps are measured and the first step is computed"
    TRAINING = "steps are reported"
    SAVING = "the bundle is written"


class TrainingTask(WorkerTask):
    """One training of a worker: write its frames, send it, poll it until it is done.

    Parameters
    ----------
    client, process, job
        See :class:`~Speckle2SelfLib.worker.WorkerTask`.
    order : Order
        What to train: TrainingOrder, or that of another kind.

    Attributes
    ----------
    stage : TrainingStage
        What it waits for.
    result : dict
        Steps, best step and so on, as in ``TrainingResult``; empty until done.
    notes : list of str
        What the user should know.
    """

    kind = "train"
    progress_type: type[TrainingProgress] = TrainingProgress
    cancel_text = "The training was cancelled."
    patience = 0.5

    def __init__(self, client: WorkerClient, process: WorkerProcess, job: int, order: Order) -> None:
        super().__init__(client, process, job)
        self.result: dict[str, Any] = {}
        self.notes: list[str] = []
        self._order = order
        self._writer: FrameWriter | None = None
        self._stage: TrainingStage | None = None

    @property
    def stage(self) -> TrainingStage:
        """What the job waits for, as far as the worker has said."""
        if not self.sent:
            return TrainingStage.SENDING
        if not self.worker_is_up:
            return TrainingStage.STARTING
        return self._stage or TrainingStage.PREPARING

    @property
    def bundle(self) -> Path:
        """The finished bundle, there until the task is closed."""
        return self.folder / (ARCHIVE if self._order.zipped else BUNDLE)

    def open(self, sweep: SweepFile) -> None:
        """Begin to write the frames of a sweep; one after the other."""
        self._writer = FrameWriter(FrameFile(self.folder / sweep.file, sweep.shape, sweep.dtype))

    def write(self, index: int, frame: np.ndarray[Any, Any]) -> None:
        """Write frame ``index`` of the sweep, (H, W) or (H, W, C)."""
        assert self._writer is not None
        self._writer.write(index, frame)

    def finish(self) -> None:
        """End the sweep."""
        assert self._writer is not None
        self._writer.finish()

    def send(self) -> None:
        """Hand the job to the worker; all sweeps must have been written."""
        self._send(order=self._order.to_dict(), folder=str(self.folder))

    def poll(self) -> Sequence[TrainingProgress]:
        """Return the steps that were done since the last call, without waiting.

        Raises
        ------
        Speckle2SelfError
            What the worker reported, or WorkerError if it ended or hung.
        Cancelled
            If the worker confirms a cancel.
        """
        steps = []
        for message in self._receive():
            if message["type"] == "progress":
                self._stage = TrainingStage.TRAINING
                steps.append(self._progress(message))
            elif message["type"] == "saving":
                self._stage = TrainingStage.SAVING
            elif message["type"] == "done":
                self.result, self.notes = message["result"], message["notes"]
        return steps

    def _progress(self, message: dict[str, Any]) -> TrainingProgress:
        names = [entry.name for entry in fields(self.progress_type) if entry.name != "preview"]
        progress = self.progress_type(**{name: message[name] for name in names})
        self.notes = progress.notes
        if message["preview"] is not None:
            import numpy as np

            pixels = np.fromfile(self.folder / message["preview"]["file"], np.uint8)
            before, after = pixels.reshape(message["preview"]["shape"])
            progress.preview = (before, after)
        return progress

    def release(self) -> None:
        """Remove the job's files."""
        if self._writer is not None:
            self._writer.close()
        super().release()


class SegmentationTrainingTask(TrainingTask):
    """One training of a segmentation model: its frames and masks are written as the order's ``files`` say.

    Parameters
    ----------
    client, process, job
        See :class:`~Speckle2SelfLib.worker.WorkerTask`.
    order : SegmentationTrainingOrder
        What to train.
    """

    kind = "train-segmentation"
    progress_type = SegmentationProgress
