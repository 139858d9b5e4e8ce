"""A job that computes something for each frame of a sweep, as the application sees it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from . import protocol
from .frame_files import FrameFile, FrameWriter
from .process import WorkerProcess
from .stages import Stage
from .task import WorkerTask

if TYPE_CHECKING:
    import numpy as np

    from .client import WorkerClient

POLL_SECONDS = 0.01


class FramesTask(WorkerTask):
    """One job on the frames of a sweep: write its frames, send it, poll it until it is done.

    Parameters
    ----------
    client, process, job
        See :class:`~Speckle2SelfLib.worker.WorkerTask`.
    shape : sequence of int
        (N, H, W) or (N, H, W, C) of the whole sweep.
    dtype : numpy dtype
        Type of the frames.
    color : bool
        Whether the last axis is RGB or RGBA.
    indices : list of int
        Frames to compute.
    order : dict
        What else a job of this kind is told, as JSON-ready values.

    Attributes
    ----------
    done : bool
        Whether all frames have been handed over.
    provenance : dict of str
        What ran, from the worker; empty until done.
    notes : list of str
        What the user should know, e.g. that memory ran out and the batch was halved.
    device : str
        Where the network runs; empty until the worker started the job.
    """

    def __init__(
        self,
        client: WorkerClient,
        process: WorkerProcess,
        job: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        color: bool,
        indices: list[int],
        order: dict[str, Any],
    ) -> None:
        super().__init__(client, process, job)
        self.indices, self.device = indices, ""
        self.provenance: dict[str, str] = {}
        self.notes: list[str] = []
        self._order, self._color = order, color
        self._input = FrameFile(self.folder / "input", shape, dtype.str)
        self._writer = FrameWriter(self._input)
        self._results: np.ndarray[Any, Any] | None = None
        self._has_frames = False

    @property
    def stage(self) -> Stage:
        """What the job waits for, as far as the worker has said."""
        if not self.sent:
            return Stage.SENDING
        if not self.worker_is_up:
            return Stage.STARTING
        if self._results is None:
            return Stage.LOADING
        return Stage.COMPUTING if self._has_frames else Stage.MEASURING

    def write(self, index: int, frame: np.ndarray[Any, Any]) -> None:
        """Write frame ``index`` of the sweep, (H, W) or (H, W, C)."""
        self._writer.write(index, frame)

    def send(self) -> None:
        """Hand the job to the worker; the frames must have been written."""
        self._writer.finish()
        self._send(
            **self._order,
            shape=list(self._input.shape),
            dtype=self._input.dtype,
            color=self._color,
            indices=self.indices,
            input=str(self._input.path),
            output=str(self.folder / "output"),
        )

    def poll(self) -> list[tuple[int, Any]]:
        """Return the results that are ready since the last call, without waiting.

        Returns
        -------
        list of (int, result)
            Position in ``indices`` and what :meth:`_result` makes of it; its pixels are valid until the task is closed.

        Raises
        ------
        Speckle2SelfError
            What the worker reported, or WorkerError if it ended or hung.
        Cancelled
            If the worker confirms a cancel.
        """
        ready: list[tuple[int, Any]] = []
        for message in self._receive():
            kind = message["type"]
            if kind == "started":
                self.device = str(message["device"])
                self._map_results(message["dtype"], message["frame_shape"])
            elif kind == "frame" and self._results is not None:
                position = int(message["position"])
                ready.append((position, self._result(self._results[position], message)))
                self._has_frames = True
            elif kind == "done":
                self.provenance, self.notes = message["provenance"], message["notes"]
        return ready

    def _result(self, frame: np.ndarray[Any, Any], message: protocol.Message) -> Any:
        """Return what the caller gets for a frame: the pixels themselves, unless the kind of job has more to say."""
        return frame

    def _map_results(self, dtype: str, frame_shape: list[int]) -> None:
        self._results = FrameFile(self.folder / "output", (len(self.indices), *frame_shape), dtype).map()

    def wait(self) -> list[tuple[int, Any]]:
        """Return all results, waiting for them."""
        frames = []
        while not self.done:
            ready = self.poll()
            frames.extend(ready)
            if not ready and not self.done:
                time.sleep(POLL_SECONDS)
        return frames

    def release(self) -> None:
        """Remove the job's files."""
        self._results = None
        self._writer.close()
        super().release()
