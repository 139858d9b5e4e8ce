"""The newest frame of a live stream, in the worker process: the intensity range runs along from frame to frame.

The job has ``stream`` (its name), ``settings``, ``input``, ``shape`` (1, H, W[, C]), ``dtype``, ``color`` and
``output``; it ends with ``done`` (dtype, frame_shape, provenance, notes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..settings import DespeckleSettings
from .jobs import JobContext
from .live_answer import answer, frames_of
from .protocol import Message

if TYPE_CHECKING:
    from ..despeckler import Despeckler
    from ..live import LiveDespeckler


@dataclass
class FollowedStream:
    """A stream and what its last frames told.

    Parameters
    ----------
    name : str
        Another name is another stream.
    color : bool
        Whether its frames are RGB or RGBA.
    live : LiveDespeckler
    """

    name: str
    color: bool
    live: LiveDespeckler

    @classmethod
    def start(cls, name: str, color: bool, despeckler: Despeckler) -> FollowedStream:
        """Follow a stream of which nothing is known."""
        from ..live import LiveDespeckler

        return cls(name, color, LiveDespeckler(despeckler, color=color))


def run(message: Message, context: JobContext) -> None:
    """Despeckle the newest frame of a stream."""
    import numpy as np

    context.stop_if_cancelled()
    despeckler = context.despecklers.get(DespeckleSettings.from_dict(message["settings"]))
    context.stop_if_cancelled()
    name, color = str(message["stream"]), bool(message["color"])
    stream = context.kept.get("follow")
    if stream is None or (stream.name, stream.color) != (name, color):
        context.kept["follow"] = stream = FollowedStream.start(name, color, despeckler)
    stream.live.use(despeckler)
    answer(message, context, stream.live(np.array(frames_of(message)[0])), despeckler)
