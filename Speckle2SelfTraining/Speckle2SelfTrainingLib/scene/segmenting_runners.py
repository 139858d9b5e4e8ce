"""Where a segmentation runs: in the worker process (always inside the desktop), or in this one."""

from __future__ import annotations

from functools import partial

from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.runners import FrameStream, Runner, RunReport, through_worker
from Speckle2SelfLib.scene.sweep import SceneSweep
from Speckle2SelfLib.worker import WorkerClient, shared_worker

from ..worker.segment_order import SegmentOrder
from ..worker.segment_task import SegmentTask


class InProcessSegmenting:
    """Segments in this process: for scripts on ``slicer-core``, and for tests."""

    def __init__(self) -> None:
        from ..worker.warm_segmenters import WarmSegmenters  # which loads torch

        self._warm = WarmSegmenters()

    def run(self, sweep: SceneSweep, settings: SegmentOrder, indices: list[int]) -> FrameStream:
        """Segment the frames ``indices``."""
        segmenter = self._warm.get(settings)
        yield []
        positions = {index: position for position, index in enumerate(indices)}
        for frame in segmenter.stream(sweep, spacing=settings.spacing, color=sweep.color, indices=indices):
            yield [(positions[frame.index], frame)]
        return RunReport(segmenter.provenance(), list(segmenter.engine.notes))


class WorkerSegmenting:
    """Segments in the worker process.

    Parameters
    ----------
    client : WorkerClient or None
        The worker to use, the shared one of this application by default.
    """

    def __init__(self, client: WorkerClient | None = None) -> None:
        self._client = client

    def run(self, sweep: SceneSweep, settings: SegmentOrder, indices: list[int]) -> FrameStream:
        """Segment the frames ``indices``."""
        client = self._client or shared_worker()
        task = client.open(
            partial(
                SegmentTask,
                shape=(len(sweep), *sweep.frame_shape),
                dtype=sweep.dtype,
                color=sweep.color,
                indices=indices,
                order={"order": settings.to_dict()},
            )
        )
        return (yield from through_worker(task, sweep, settings.needed_frames(len(sweep), indices)))


def default_runner(environment: SceneEnvironment) -> Runner:
    """Return the runner for this place: the worker where somebody looks at a window, this process elsewhere."""
    return WorkerSegmenting() if environment.is_desktop else InProcessSegmenting()
