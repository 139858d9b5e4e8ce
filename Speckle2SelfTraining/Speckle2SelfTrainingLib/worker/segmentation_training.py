"""Training of a segmentation model in the worker process: kind "train-segmentation" of Speckle2SelfLib.worker.jobs.

The job has ``order`` (see :class:`.segmentation_order.SegmentationTrainingOrder`) and ``folder``, which holds frames
and masks and gets the bundle. What it reports is written in :mod:`.conducting`.
"""

from __future__ import annotations

from pathlib import Path

from Speckle2SelfLib.worker.frame_files import FrameFile
from Speckle2SelfLib.worker.jobs import JobContext
from Speckle2SelfLib.worker.protocol import Message

from ..segmentation.training import (
    LabelledSource,
    SegmentationTraining,
    save_segmentation_model,
    split_by_subject,
)
from .conducting import conduct, luminances
from .segmentation_order import LabelledFiles, SegmentationTrainingOrder


def run(message: Message, context: JobContext) -> None:
    """Train on the labelled frames of the job's folder and leave a bundle there."""
    context.stop_if_cancelled()
    order, folder = SegmentationTrainingOrder.from_dict(message["order"]), Path(message["folder"])
    settings = order.settings
    sources = [_source(folder, files) for files in order.sources]
    given = [_source(folder, files) for files in order.validation]
    split = split_by_subject(sources, given or None, settings.validation_share, settings.seed)
    context.stop_if_cancelled()
    training = SegmentationTraining(
        settings,
        split.training,
        split.held_out,
        folder / "training",
        order.base,
        order.device,
        notes=split.notes,
    )
    conduct(training, save_segmentation_model, order, folder, context)


def _source(folder: Path, files: LabelledFiles) -> LabelledSource:
    masks = FrameFile(folder / files.masks.file, files.masks.shape, files.masks.dtype).map()
    frames = luminances(folder, files.frames)
    return LabelledSource.from_arrays(files.frames.name, frames, masks, files.spacing, subject=files.subject)
