"""Short words that the tests of live results share."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

TURNS = 20_000  # of polling, so that a test that would never end fails


def run(job: Any, until: Callable[[], bool] | None = None) -> None:
    """Poll a live job as a timer would, until something is true or, without that, until nothing is left to do."""
    for _ in range(TURNS):
        wait = job.poll()
        if until() if until is not None else wait is None:
            return
        time.sleep((wait or 0) / 1000)
    raise AssertionError("the live job never came to rest")


def add_view(scene: Any, name: str, orientation: str, volume: Any = None) -> tuple[Any, Any]:
    """Add a slice view as the desktop has them; returns its slice node and its composite node."""
    view = scene.AddNewNodeByClass("vtkMRMLSliceNode", name)
    view.SetLayoutName(name)
    getattr(view, f"SetOrientationTo{orientation}")()
    composite = scene.AddNewNodeByClass("vtkMRMLSliceCompositeNode", name)
    composite.SetLayoutName(name)
    if volume is not None:
        composite.SetBackgroundVolumeID(volume.GetID())
    return view, composite


def node_ids(scene: Any) -> set[str]:
    """Return what is in the scene."""
    return {scene.GetNthNode(index).GetID() for index in range(scene.GetNumberOfNodes())}
