"""Segmentation in the worker process: the kind "segment" of :mod:`Speckle2SelfLib.worker.jobs`.

The job has ``order`` (see :class:`.segment_order.SegmentOrder`), and what :mod:`Speckle2SelfLib.worker.frames_job` says
of its frames, its reports and its end; ``frame`` also reports ``confidence`` and ``found``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from Speckle2SelfLib.worker.frames_job import FramesJob
from Speckle2SelfLib.worker.jobs import JobContext
from Speckle2SelfLib.worker.protocol import Message

from ..segmentation import Segmenter
from .segment_order import SegmentOrder
from .warm_segmenters import WarmSegmenters


def run(message: Message, context: JobContext) -> None:
    """Segment the frames of a file, masks of uint8 into another one."""
    context.stop_if_cancelled()
    job, order = FramesJob.from_message(message), SegmentOrder.from_dict(message["order"])
    warm: WarmSegmenters = context.kept.setdefault("segmenters", WarmSegmenters())
    segmenter = warm.get(order)
    context.stop_if_cancelled()
    job.run(
        context,
        np.dtype(np.uint8),
        job.source.shape[1:3],
        segmenter.engine.device,
        lambda frames: _segmented(segmenter, order, job, frames),
    )
    context.report("done", provenance=segmenter.provenance(), notes=list(segmenter.engine.notes))


def _segmented(
    segmenter: Segmenter, order: SegmentOrder, job: FramesJob, frames: np.ndarray[Any, Any]
) -> Iterator[tuple[int, np.ndarray[Any, Any], dict[str, Any]]]:
    for result in segmenter.stream(frames, spacing=order.spacing, color=job.color, indices=job.indices):
        yield result.index, result.mask, {"confidence": float(result.confidence), "found": bool(result.found)}
