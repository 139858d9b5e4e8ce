"""A segmentation job as the application sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from Speckle2SelfLib.worker.frames_task import FramesTask
from Speckle2SelfLib.worker.protocol import Message

from ..segmentation import SegmentedFrame

if TYPE_CHECKING:
    import numpy as np


class SegmentTask(FramesTask):
    """One segmentation of a worker, whose order is ``order``; its results are ``SegmentedFrame``."""

    kind = "segment"
    cancel_text = "The segmentation was cancelled."
    patience = 2.0  # a search of scales may be under way

    def _result(self, frame: np.ndarray[Any, Any], message: Message) -> SegmentedFrame:
        index = self.indices[int(message["position"])]
        return SegmentedFrame(index, frame, float(message["confidence"]), bool(message["found"]))
