"""A despeckling job as the application sees it."""

from __future__ import annotations

from .frames_task import FramesTask


class DespeckleTask(FramesTask):
    """One despeckling job of a worker, whose order is ``settings``; its results are frames, (H, W) or (H, W, C)."""

    kind = "despeckle"
    cancel_text = "Despeckling was cancelled."
