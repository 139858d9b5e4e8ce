"""Where the network runs: in the worker process (always inside the desktop), or in this one."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..settings import DespeckleSettings
from ..worker.client import WorkerClient, shared_worker
from ..worker.frames_task import FramesTask
from ..worker.stages import Stage
from ..worker.warm import WarmDespecklers
from .environment import SceneEnvironment
from .sweep import SceneSweep


@dataclass(frozen=True)
class RunReport:
    """What a runner says at the end.

    Parameters
    ----------
    provenance : dict of str
        What ran.
    notes : list of str
        What the user should know.
    """

    provenance: dict[str, str]
    notes: list[str] = field(default_factory=list)


# Yields the results that are ready, (position in indices, frame or what else the job makes of one); while there is
# nothing to do but wait, what it waits for, or None where that is not known.
FrameStream = Generator[list[tuple[int, Any]] | Stage | None, None, RunReport]


class Runner(Protocol):
    """Computes frames of a sweep in small steps; closing the generator stops it."""

    def run(self, sweep: SceneSweep, settings: Any, indices: list[int]) -> FrameStream:
        """Compute the frames ``indices``; statistics come from the whole sweep."""
        ...


class InProcessRunner:
    """Runs the network in this process: for scripts on ``slicer-core``, and for tests."""

    def __init__(self) -> None:
        self._warm = WarmDespecklers()

    def run(self, sweep: SceneSweep, settings: DespeckleSettings, indices: list[int]) -> FrameStream:
        """Compute the frames ``indices``."""
        despeckler = self._warm.get(settings)
        yield []
        familiarity = despeckler.familiarity()
        results = despeckler.stream(sweep, color=sweep.color, indices=indices, familiarity=familiarity)
        yield from by_position(results, indices)
        return RunReport(despeckler.provenance(), [*despeckler.engine.notes, *familiarity.notes()])


def by_position(results: Iterable[tuple[int, Any]], indices: list[int]) -> Iterator[list[tuple[int, Any]]]:
    """Yield results, given by number of the frame, one by one as a :data:`FrameStream` has them."""
    positions = {index: position for position, index in enumerate(indices)}
    for index, result in results:
        yield [(positions[index], result)]


class WorkerRunner:
    """Runs the network in the worker process; the base of runners for other jobs on frames.

    Parameters
    ----------
    client : WorkerClient or None
        The worker to use, the shared one of this application by default.
    """

    def __init__(self, client: WorkerClient | None = None) -> None:
        self._client = client

    def run(self, sweep: SceneSweep, settings: Any, indices: list[int]) -> FrameStream:
        """Compute the frames ``indices``."""
        needed = self._needed(settings, len(sweep), indices)  # first: a task that is open must be closed again
        task = self._open(self._client or shared_worker(), sweep, settings, indices)
        return (yield from through_worker(task, sweep, needed))

    def _open(self, client: WorkerClient, sweep: SceneSweep, settings: Any, indices: list[int]) -> FramesTask:
        """Return the task of the job."""
        shape = (len(sweep), *sweep.frame_shape)
        return client.begin(shape, sweep.dtype, settings, color=sweep.color, indices=indices)

    def _needed(self, settings: Any, count: int, indices: list[int]) -> list[int]:
        """Return the frames that the worker reads: those to compute, and those that the statistics are taken from."""
        if len(indices) == count:
            return indices
        from ..frame_path.sampling import sample_indices

        return sorted({*indices, *sample_indices(count)})


def through_worker(task: FramesTask, sweep: SceneSweep, needed: Iterable[int]) -> FrameStream:
    """Send the needed frames of a sweep to the worker, and yield what it makes of those that the task asks for."""
    with task:
        for index in needed:
            task.write(index, sweep[index])
            yield []
        task.send()
        while not task.done:
            yield task.poll() or task.stage
        return RunReport(task.provenance, task.notes)


def default_runner(
    environment: SceneEnvironment,
    worker: Callable[[], Runner] = WorkerRunner,
    in_process: Callable[[], Runner] = InProcessRunner,
) -> Runner:
    """Return the runner for this place: the worker where somebody looks at a window, this process elsewhere."""
    return worker() if environment.is_desktop else in_process()
