"""A despeckling job as the application sees it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..settings import DespeckleSettings
from .frame_files import FrameFile, FrameWriter
from .process import WorkerProcess
from .stages import Stage
from .task import WorkerTask

if TYPE_CHECKING:
    import numpy as np

    from .client import WorkerClient

POLL_SECONDS = 0.01


class DespeckleTask(WorkerTask):
    """One despeckling job of a worker: write its frames, send it, poll it until it is done.

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

    kind = "despeckle"
    cancel_text = "Despeckling was cancelled."

    def __init__(
        self,
        client: WorkerClient,
        process: WorkerProcess,
        job: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        settings: DespeckleSettings,
        color: bool,
        indices: list[int],
    ) -> None:
        super().__init__(client, process, job)
        self.indices, self.device = indices, ""
        self.provenance: dict[str, str] = {}
        self.notes: list[str] = []
        self._settings, self._color = settings, color
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
        return Stage.DESPECKLING if self._has_frames else Stage.MEASURING

    def write(self, index: int, frame: np.ndarray[Any, Any]) -> None:
        """Write frame ``index`` of the sweep, (H, W) or (H, W, C)."""
        self._writer.write(index, frame)

    def send(self) -> None:
        """Hand the job to the worker; the frames must have been written."""
        self._writer.finish()
        self._send(
            settings=self._settings.to_dict(),
            shape=list(self._input.shape),
            dtype=self._input.dtype,
            color=self._color,
            indices=self.indices,
            input=str(self._input.path),
            output=str(self.folder / "output"),
        )

    def poll(self) -> list[tuple[int, np.ndarray[Any, Any]]]:
        """Return the frames that are ready since the last call, without waiting.

        Returns
        -------
        list of (int, ndarray)
            Position in ``indices`` and frame, (H, W) or (H, W, C); a frame is valid until the task is closed.

        Raises
        ------
        Speckle2SelfError
            What the worker reported, or WorkerError if it ended or hung.
        Cancelled
            If the worker confirms a cancel.
        """
        ready: list[tuple[int, np.ndarray[Any, Any]]] = []
        for message in self._receive():
            kind = message["type"]
            if kind == "started":
                self.device = str(message["device"])
                self._map_results(message["dtype"])
            elif kind == "frame" and self._results is not None:
                position = int(message["position"])
                ready.append((position, self._results[position]))
                self._has_frames = True
            elif kind == "done":
                self.provenance, self.notes = message["provenance"], message["notes"]
        return ready

    def _map_results(self, dtype: str) -> None:
        shape = (len(self.indices), *self._input.shape[1:])
        self._results = FrameFile(self.folder / "output", shape, dtype).map()

    def wait(self) -> list[tuple[int, np.ndarray[Any, Any]]]:
        """Return all frames, waiting for them."""
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
