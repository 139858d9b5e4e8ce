"""What all trainings of the worker process share: running, reporting and saving.

Reported are ``started``, ``progress`` (the fields of TrainingProgress, the preview as number and shape of a file) for
each step, ``saving`` and ``done`` (result, notes).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from Speckle2SelfLib.frame_path.frames import Frames
from Speckle2SelfLib.worker.frame_files import FrameFile
from Speckle2SelfLib.worker.jobs import JobContext

from ..training import TrainingProgress
from ..training.resumable import ResumableTraining
from ..training.sources import Luminances
from .order import ARCHIVE, BUNDLE, SweepFile

CONCLUSION = ("steps", "best_step", "best_loss", "stopped", "seconds")


class NamedOrder(Protocol):
    """What of an order decides how the bundle is written."""

    @property
    def name(self) -> str:
        """Name of the new model."""

    @property
    def zipped(self) -> bool:
        """Whether the bundle shall be one zip file."""


def conduct(
    training: ResumableTraining[Any, Any],
    save: Callable[..., Path],
    order: NamedOrder,
    folder: Path,
    context: JobContext,
) -> None:
    """Train, report, and leave a bundle in the job's folder.

    Parameters
    ----------
    training : ResumableTraining
    save : callable
        ``save(training, result, path, name)`` writes the bundle.
    order : NamedOrder
    folder : Path
        Of the job.
    context : JobContext

    Raises
    ------
    Cancelled
        If the client takes the job back.
    """
    context.report("started")
    result = training.run(_reporter(folder, context))
    context.stop_if_cancelled()
    context.report("saving")
    bundle = save(training, result, folder / BUNDLE, order.name)
    if order.zipped:
        shutil.make_archive(str(folder / ARCHIVE).removesuffix(".zip"), "zip", bundle.parent, bundle.name)
    context.stop_if_cancelled()
    kept = {name: getattr(result, name) for name in CONCLUSION}
    context.report("done", result=kept, notes=list(result.notes))


def luminances(folder: Path, sweep: SweepFile) -> Frames:
    """Return the luminance of a sweep in the job's folder, read when asked for."""
    frames = FrameFile(folder / sweep.file, sweep.shape, sweep.dtype).map()
    return Luminances(frames) if sweep.color else frames


def _reporter(folder: Path, context: JobContext) -> Callable[[TrainingProgress], bool]:
    previews = 0

    def report(progress: TrainingProgress) -> bool:
        nonlocal previews
        fields: dict[str, Any] = {**vars(progress), "preview": None}
        if progress.preview is not None:
            previews += 1
            fields["preview"] = _write_preview(folder, previews, progress.preview)
        context.report("progress", **fields)
        return not context.cancelled()

    return report


def _write_preview(folder: Path, number: int, preview: tuple[Any, Any]) -> dict[str, Any]:
    pictures = np.stack([np.asarray(picture, np.uint8) for picture in preview])
    (folder / f"preview-{number}").write_bytes(pictures.tobytes())
    return {"file": f"preview-{number}", "shape": list(pictures.shape)}
