"""What tells one state of an input from another: its pixels, and where they lie."""

from __future__ import annotations

from typing import Any

from .environment import SceneEnvironment
from .geometry import ijk_to_ras, matrix_array
from .sequences import SequenceSweep, find_sequence
from .sweep import SceneSweep
from .watching import Observers


def pixel_state(environment: SceneEnvironment, node: Any) -> tuple[object, ...]:
    """Return what changes whenever a pixel of an input may have changed, or another node shows which frame is seen.

    VTK counts the modifications of all objects together, so that no two states of an image have the same number.
    """
    found = find_sequence(environment, node)
    if found is None:
        return (image_time(node),)
    sequence, browser = found
    count = sequence.GetNumberOfDataNodes()
    shown = browser.GetProxyNode(sequence) if browser is not None else None
    nodes = [node.GetID() if node is not None else None for node in (sequence, browser, shown)]
    return (*nodes, *(image_time(sequence.GetNthDataNode(item)) for item in range(count)))


class PixelWatch:
    """Tells the state of an input's pixels at once, however many frames it has: it looks only after a change.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    node : vtkMRMLNode
        The input, see :func:`pixel_state`.
    """

    def __init__(self, environment: SceneEnvironment, node: Any) -> None:
        self._environment, self._node = environment, node
        self._observers = Observers()
        self._seen: tuple[object, ...] | None = None
        self._state: tuple[object, ...] = ()

    def state(self) -> tuple[object, ...]:
        """Return what :func:`pixel_state` returns."""
        found = find_sequence(self._environment, self._node)
        if found is None:
            return pixel_state(self._environment, self._node)
        sequence, browser = found
        shown = browser.GetProxyNode(sequence) if browser is not None else None
        seen = (sequence, sequence.GetMTime(), browser, shown)
        if seen != self._seen:
            self._observe(sequence)
            self._seen, self._state = seen, pixel_state(self._environment, self._node)
        return self._state

    def close(self) -> None:
        """Observe nothing any more."""
        self._observers.clear()

    def _observe(self, sequence: Any) -> None:
        import slicer
        from vtkmodules.vtkCommonCore import vtkCommand

        self._observers.clear()
        events = (vtkCommand.ModifiedEvent, slicer.vtkMRMLVolumeNode.ImageDataModifiedEvent)
        for item in range(sequence.GetNumberOfDataNodes()):
            self._observers.add(sequence.GetNthDataNode(item), events, self._on_frame)

    def _on_frame(self, caller: Any, event: Any) -> None:
        self._seen = None


def place_state(sweep: SceneSweep) -> tuple[object, ...]:
    """Return what changes whenever an input is moved; frames of a sequence bring their own places with them."""
    shown = sweep.shown
    if shown is None:
        return ()
    matrix = b"" if isinstance(sweep, SequenceSweep) else matrix_array(ijk_to_ras(shown)).tobytes()
    return (shown.GetTransformNodeID(), matrix)


def image_time(node: Any) -> int:
    """Return when the image of a volume was modified last, as VTK counts; 0 without an image."""
    image = node.GetImageData() if node is not None and node.IsA("vtkMRMLVolumeNode") else None
    return int(image.GetMTime()) if image is not None else 0
