"""Despeckling in the worker process.

The job has ``settings``, ``shape``, ``dtype``, ``color``, ``indices``, ``input`` and ``output`` (paths of frame files);
reported are ``started`` (dtype, device), ``frame`` (position) for each frame and ``done`` (provenance, notes).
"""

from __future__ import annotations

from pathlib import Path

from ..settings import DespeckleSettings
from .frame_files import FrameFile
from .jobs import JobContext
from .protocol import Message


def run(message: Message, context: JobContext) -> None:
    """Despeckle the frames of a file into another one."""
    import numpy as np

    context.stop_if_cancelled()
    indices = [int(index) for index in message["indices"]]
    source = FrameFile(Path(message["input"]), tuple(message["shape"]), message["dtype"])
    despeckler = context.despecklers.get(DespeckleSettings.from_dict(message["settings"]))
    context.stop_if_cancelled()
    dtype = despeckler.output_dtype(np.dtype(source.dtype))
    target = FrameFile(Path(message["output"]), (len(indices), *source.shape[1:]), dtype.str)
    target.allocate()
    context.report("started", dtype=dtype.str, device=despeckler.engine.device)

    frames, results = source.map(), target.map("r+")
    positions = {index: position for position, index in enumerate(indices)}
    stream = despeckler.stream(
        frames, color=bool(message["color"]), indices=indices, progress=lambda done, total: not context.cancelled()
    )
    for index, frame in stream:
        results[positions[index]] = frame
        context.report("frame", position=positions[index])
        context.stop_if_cancelled()
    provenance, notes = despeckler.provenance(), list(despeckler.engine.notes)
    # Windows removes no file that is mapped, and the client removes both as soon as it hears that the job is done.
    del stream, frames, results
    context.report("done", provenance=provenance, notes=notes)
