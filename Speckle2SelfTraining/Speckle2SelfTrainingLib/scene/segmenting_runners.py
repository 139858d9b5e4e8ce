"""Where a segmentation runs: in the worker process (always inside the desktop), or in this one."""

from __future__ import annotations

from functools import partial

from Speckle2SelfLib.scene.runners import FrameStream, RunReport, WorkerRunner, by_position
from Speckle2SelfLib.scene.sweep import SceneSweep
from Speckle2SelfLib.worker import WorkerClient

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
        found = segmenter.stream(sweep, spacing=settings.spacing, color=sweep.color, indices=indices)
        yield from by_position(((frame.index, frame) for frame in found), indices)
        return RunReport(segmenter.provenance(), list(segmenter.engine.notes))


class WorkerSegmenting(WorkerRunner):
    """Segments in the worker process."""

    def _open(self, client: WorkerClient, sweep: SceneSweep, settings: SegmentOrder, indices: list[int]) -> SegmentTask:
        return client.open(
            partial(
                SegmentTask,
                shape=(len(sweep), *sweep.frame_shape),
                dtype=sweep.dtype,
                color=sweep.color,
                indices=indices,
                order={"order": settings.to_dict()},
            )
        )

    def _needed(self, settings: SegmentOrder, count: int, indices: list[int]) -> list[int]:
        return settings.needed_frames(count, indices)
