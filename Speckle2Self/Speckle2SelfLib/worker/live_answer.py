"""What the worker makes of a single frame while somebody watches, and how it is handed over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .frame_files import FrameFile
from .jobs import JobContext
from .protocol import Message

if TYPE_CHECKING:
    import numpy as np

    from ..despeckler import Despeckler


def frames_of(message: Message) -> np.ndarray[Any, Any]:
    """Return the frames that a message names, (N, H, W) or (N, H, W, C), mapped anew.

    Mapped anew for each job: Windows removes no file that somebody maps, and promises nothing about what a mapping
    shows of later writing.
    """
    return FrameFile(Path(message["input"]), tuple(message["shape"]), message["dtype"]).map()


def answer(message: Message, context: JobContext, frame: np.ndarray[Any, Any], despeckler: Despeckler) -> None:
    """Write a result, (H, W) or (H, W, C), to the output that the message names, and end the job."""
    target = FrameFile(Path(message["output"]), (1, *frame.shape), frame.dtype.str)
    target.allocate()
    target.map("r+")[0] = frame
    context.report(
        "done",
        dtype=frame.dtype.str,
        frame_shape=list(frame.shape),
        provenance=despeckler.provenance(),
        notes=list(despeckler.engine.notes),
    )
