"""Notices when the image of the chosen input changes, which no parameter tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
import slicer
import vtk

INTERVAL_MS = 100


class InputWatch:
    """Observe one volume and report its changes, gathered, a few times a second at most.

    A proxy volume is chosen before it has an image, a sequence grows while it is recorded, and a browser that plays
    changes its proxy with every frame.

    Parameters
    ----------
    callback : callable
        Called without arguments, from Qt's event loop.
    """

    def __init__(self, callback: Callable[[], None]) -> None:
        self._node: Any = None
        self._tags: list[int] = []
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.interval = INTERVAL_MS
        self._timer.connect("timeout()", callback)

    def watch(self, node: Any) -> None:
        """Observe a volume in place of the one before; None observes nothing."""
        if node is self._node:
            return
        for tag in self._tags:
            self._node.RemoveObserver(tag)
        self._node, self._tags = node, []
        if node is None:
            self._timer.stop()
            return
        events = (vtk.vtkCommand.ModifiedEvent, slicer.vtkMRMLVolumeNode.ImageDataModifiedEvent)
        self._tags = [node.AddObserver(event, self._onModified) for event in events]

    def _onModified(self, caller: Any, event: Any) -> None:
        if not self._timer.active:
            self._timer.start()
