"""Despeckling in the worker process.

The job has ``settings``, and what :mod:`.frames_job` says of its frames, its reports and its end.
"""

from __future__ import annotations

from ..settings import DespeckleSettings
from .frames_job import FramesJob
from .jobs import JobContext
from .protocol import Message


def run(message: Message, context: JobContext) -> None:
    """Despeckle the frames of a file into another one."""
    import numpy as np

    context.stop_if_cancelled()
    job = FramesJob.from_message(message)
    despeckler = context.despecklers.get(DespeckleSettings.from_dict(message["settings"]))
    context.stop_if_cancelled()
    familiarity = despeckler.familiarity()
    job.run(
        context,
        despeckler.output_dtype(np.dtype(job.source.dtype)),
        job.source.shape[1:],
        despeckler.engine.device,
        lambda frames: (
            (index, frame, {})
            for index, frame in despeckler.stream(
                frames,
                color=job.color,
                indices=job.indices,
                progress=lambda done, total: not context.cancelled(),
                familiarity=familiarity,
            )
        ),
    )
    notes = [*despeckler.engine.notes, *familiarity.notes()]
    context.report("done", provenance=despeckler.provenance(), notes=notes)
