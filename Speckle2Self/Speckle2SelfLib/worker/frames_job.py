"""A job that computes something for each frame of a sweep, as the worker sees it.

The job has ``shape``, ``dtype``, ``color``, ``indices``, ``input`` and ``output`` (paths of frame files); reported are
``started`` (dtype, frame_shape, device), ``frame`` (position, and what the kind of job adds) for each frame, and by the
kind of job ``done`` (provenance, notes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .frame_files import FrameFile
from .jobs import JobContext
from .protocol import Message

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class FramesJob:
    """The frames of one job, in files.

    Parameters
    ----------
    source : FrameFile
        The sweep; frames that are not needed are holes.
    output : Path
        File for the results.
    indices : list of int
        Frames to compute.
    color : bool
        Whether the last axis is RGB or RGBA.
    """

    source: FrameFile
    output: Path
    indices: list[int]
    color: bool

    @classmethod
    def from_message(cls, message: Message) -> FramesJob:
        """Return the frames that a job's message names."""
        source = FrameFile(Path(message["input"]), tuple(message["shape"]), message["dtype"])
        indices = [int(index) for index in message["indices"]]
        return cls(source, Path(message["output"]), indices, bool(message["color"]))

    def run(
        self,
        context: JobContext,
        dtype: np.dtype[Any],
        frame_shape: tuple[int, ...],
        device: str,
        compute: Callable[[Array], Iterable[tuple[int, Array, dict[str, Any]]]],
    ) -> None:
        """Write the results of frames to the output, and report each.

        Parameters
        ----------
        context : JobContext
            The running job.
        dtype, frame_shape
            Of a result.
        device : str
            Where the network runs.
        compute : callable
            Gets the sweep and yields for each frame its index, its result and what else to report of it.

        Raises
        ------
        Cancelled
            If the client took the job back.
        """
        target = FrameFile(self.output, (len(self.indices), *frame_shape), dtype.str)
        target.allocate()
        context.report("started", dtype=dtype.str, frame_shape=list(frame_shape), device=device)
        positions = {index: position for position, index in enumerate(self.indices)}
        # Windows removes no file that is mapped, and the client removes both as soon as it hears that the job is done:
        # nothing here outlives this call.
        results = target.map("r+")
        for index, frame, more in compute(self.source.map()):
            results[positions[index]] = frame
            context.report("frame", position=positions[index], **more)
            context.stop_if_cancelled()
