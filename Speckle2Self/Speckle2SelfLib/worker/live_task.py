"""One frame for somebody who watches, as the application sees it; any other job takes its place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .frame_files import FrameFile
from .process import WorkerProcess
from .task import WorkerTask

if TYPE_CHECKING:
    import numpy as np

    from .client import WorkerClient


@dataclass(frozen=True)
class LiveAnswer:
    """What came back for a frame.

    Parameters
    ----------
    frame : array (H, W) or (H, W, C)
        The result.
    provenance : dict of str
        What ran.
    notes : list of str
        What the user should know.
    """

    frame: np.ndarray[Any, Any]
    provenance: dict[str, str]
    notes: list[str]


class LiveTask(WorkerTask):
    """A request for one frame.

    A preview or a stream is a series of such short jobs: between two of them the worker is free for others, and what
    goes on from one to the next (the sweep's statistics, the range of a stream) is kept in the worker.

    Parameters
    ----------
    client, process, job
        See :class:`~Speckle2SelfLib.worker.WorkerTask`.
    kind : {"preview", "follow"}
        Which kind of job.
    """

    gives_way = True
    cancel_text = "The live result was cancelled."

    def __init__(self, client: WorkerClient, process: WorkerProcess, job: int, kind: str) -> None:
        super().__init__(client, process, job)
        self.kind = kind
        self.session: Path = process.folder

    def send(self, **order: Any) -> None:
        """Hand the request to the worker.

        Parameters
        ----------
        **order
            What a job of this kind is told, as JSON-ready values.
        """
        self._send(**order, output=str(self.folder / "output"))

    def poll(self) -> LiveAnswer | None:
        """Return the result once it is there, and close the task then; never waits.

        Raises
        ------
        Speckle2SelfError
            What the worker reported, or WorkerError if it ended or hung.
        """
        messages = self._receive()
        if not self.done:
            return None
        import numpy as np

        done = messages[-1]
        output = FrameFile(self.folder / "output", (1, *done["frame_shape"]), done["dtype"])
        frame = np.array(output.map()[0])
        self.close()
        return LiveAnswer(frame, done["provenance"], done["notes"])
