"""Training in the worker process: the kind "train" of :mod:`Speckle2SelfLib.worker.jobs`.

The job has ``order`` (see :class:`.order.TrainingOrder`) and ``folder``, which holds the sweeps and gets the bundle.
Reported are ``started``, ``progress`` (the fields of TrainingProgress, the preview as number and shape of a file) for
each step, ``saving`` and ``done`` (result, notes).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from Speckle2SelfLib.worker.frame_files import FrameFile
from Speckle2SelfLib.worker.jobs import JobContext
from Speckle2SelfLib.worker.protocol import Message

from ..training import FrameSource, Training, TrainingProgress, save_trained, split_sources
from ..training.sources import Luminances
from .order import ARCHIVE, BUNDLE, SweepFile, TrainingOrder


def run(message: Message, context: JobContext) -> None:
    """Train on the sweeps of the job's folder and leave a bundle there."""
    context.stop_if_cancelled()
    order, folder = TrainingOrder.from_dict(message["order"]), Path(message["folder"])
    given = [_source(folder, sweep) for sweep in order.validation]
    sources, held_out = split_sources(
        [_source(folder, sweep) for sweep in order.sweeps], given or None, seed=order.settings.seed
    )
    context.stop_if_cancelled()
    training = Training(order.settings, sources, held_out, folder / "training", base=order.base, device=order.device)
    context.report("started")
    result = training.run(_reporter(folder, context))
    context.stop_if_cancelled()
    context.report("saving")
    bundle = save_trained(training, result, folder / BUNDLE, order.name)
    if order.zipped:
        shutil.make_archive(str(folder / ARCHIVE).removesuffix(".zip"), "zip", bundle.parent, bundle.name)
    context.stop_if_cancelled()
    kept = {name: getattr(result, name) for name in ("steps", "best_step", "best_loss", "stopped", "seconds")}
    context.report("done", result=kept, notes=list(result.notes))


def _source(folder: Path, sweep: SweepFile) -> FrameSource:
    frames = FrameFile(folder / sweep.file, sweep.shape, sweep.dtype).map()
    return FrameSource.from_array(sweep.name, Luminances(frames) if sweep.color else frames)


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
