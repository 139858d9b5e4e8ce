"""Training in the worker process: the kind "train" of :mod:`Speckle2SelfLib.worker.jobs`.

The job has ``order`` (see :class:`.order.TrainingOrder`) and ``folder``, which holds the sweeps and gets the bundle.
What it reports is written in :mod:`.conducting`.
"""

from __future__ import annotations

from pathlib import Path

from Speckle2SelfLib.worker.jobs import JobContext
from Speckle2SelfLib.worker.protocol import Message

from ..training import FrameSource, Training, save_trained, split_sources
from .conducting import conduct, luminances
from .order import SweepFile, TrainingOrder


def run(message: Message, context: JobContext) -> None:
    """Train on the sweeps of the job's folder and leave a bundle there."""
    context.stop_if_cancelled()
    order, folder = TrainingOrder.from_dict(message["order"]), Path(message["folder"])
    given = [_source(folder, sweep) for sweep in order.validation]
    sources, held_out = split_sources(
        [_source(folder, sweep) for sweep in order.sweeps], given or None, seed=order.settings.seed
    )
    context.stop_if_cancelled()
    training = Training(order.settings, sources, held_out, folder / "training", base=order.base, device=order.device)
    conduct(training, save_trained, order, folder, context)


def _source(folder: Path, sweep: SweepFile) -> FrameSource:
    return FrameSource.from_array(sweep.name, luminances(folder, sweep))
