"""One frame of a sweep at once, in the worker process: a preview, equal to what a whole job gives for that frame.

The job has ``settings``, ``input``, ``shape``, ``dtype`` and ``color`` of the sweep, ``index`` and ``output``; it ends
with ``done`` (dtype, frame_shape, provenance, notes). Frames that are neither asked for nor sampled may be holes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..settings import DespeckleSettings
from .jobs import JobContext
from .live_answer import answer, frames_of
from .protocol import Message

if TYPE_CHECKING:
    import numpy as np

    from ..despeckler import Despeckler
    from ..frame_path.statistics import SweepStatistics

KEPT_STATISTICS = 8


@dataclass
class PreviewedSweep:
    """Statistics of the sweep that is previewed, one for each choice of the settings that they depend on.

    Parameters
    ----------
    path : str
        File of the sweep; another file is another sweep.
    """

    path: str
    _known: dict[tuple[object, ...], SweepStatistics] = field(default_factory=dict)

    def statistics(self, despeckler: Despeckler, frames: np.ndarray[Any, Any], color: bool) -> SweepStatistics | None:
        """Return the statistics of the sweep, measured at most once for these settings; None where none are needed."""
        if not despeckler.needs_statistics:
            return None
        key = despeckler.statistics_choices
        if key not in self._known:
            self._known[key] = despeckler.analyze(frames, color=color)
            while len(self._known) > KEPT_STATISTICS:
                del self._known[next(iter(self._known))]
        return self._known[key]


def run(message: Message, context: JobContext) -> None:
    """Despeckle one frame of a sweep whose statistics are kept for the next one."""
    context.stop_if_cancelled()
    despeckler = context.despecklers.get(DespeckleSettings.from_dict(message["settings"]))
    context.stop_if_cancelled()
    frames, color = frames_of(message), bool(message["color"])
    sweep = context.kept.get("preview")
    if sweep is None or sweep.path != message["input"]:
        context.kept["preview"] = sweep = PreviewedSweep(message["input"])
    statistics = sweep.statistics(despeckler, frames, color)
    context.stop_if_cancelled()
    indices = [int(message["index"])]
    ((_, result),) = despeckler.stream(frames, color=color, indices=indices, statistics=statistics)
    answer(message, context, result, despeckler)
