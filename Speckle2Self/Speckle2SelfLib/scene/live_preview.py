"""The live preview: the frame that the user sees, despeckled at once, over the input in the slice views."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import Cancelled
from ..settings import DespeckleSettings
from ..worker.client import WorkerClient
from ..worker.live_sweep import LiveSweep
from ..worker.live_task import LiveAnswer
from .display import keeps_range
from .environment import SceneEnvironment
from .input_state import PixelWatch, place_state
from .live_job import LiveJob
from .preview_layer import PreviewLayer
from .sequences import SequenceSweep
from .sweep import SceneSweep, Slab

SENDING_SECONDS = 0.03


@dataclass(frozen=True)
class Wanted:
    """What a preview shows: equal ones look the same.

    Parameters
    ----------
    pixels : tuple
        What tells one state of the input's images from another, see :func:`.input_state.pixel_state`.
    place : tuple
        What tells one place of the input from another, see :func:`.input_state.place_state`.
    index : int
        Number of the frame.
    settings : DespeckleSettings
    """

    pixels: tuple[object, ...]
    place: tuple[object, ...]
    index: int
    settings: DespeckleSettings


class LivePreview(LiveJob):
    """Despeckles the frame that the user sees, whenever another one is seen, its image or the settings change.

    The result equals what a whole job gives for that frame. It lies in a hidden volume over the input; :meth:`stop`
    removes it and gives the views back, and so does the end of the input or of the scene. A scene that is saved
    meanwhile holds neither the volume nor its display.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    node : vtkMRMLNode
        A volume, the proxy of a sequence, a sequence or its browser.
    settings : DespeckleSettings
        What to compute.
    frameAxis : {"I", "J", "K"} or 0 to 2 or None
        Axis of a volume along which its frames lie, K by default.
    opacity : float
        How far the preview covers the input, 0 to 1.
    client, onResult, onStopped
        See :class:`~Speckle2SelfLib.scene.live_job.LiveJob`.

    Attributes
    ----------
    node : vtkMRMLNode
        The input.
    index : int or None
        Number of the frame that the preview shows.
    milliseconds : float
        How long the last result took, from what changed to the scene.

    Raises
    ------
    InputError
        If the node holds nothing that can be despeckled.
    """

    def __init__(
        self,
        environment: SceneEnvironment,
        node: Any,
        settings: DespeckleSettings,
        *,
        frameAxis: str | int | None = None,
        opacity: float = 1.0,
        client: WorkerClient | None = None,
        onResult: Callable[[], object] | None = None,
        onStopped: Callable[[Exception | None], object] | None = None,
    ) -> None:
        self.node, self.frame_axis = node, frameAxis
        self.index: int | None = None
        self.milliseconds = 0.0
        self._environment = environment
        self._sweep, self._watch = self._read(), PixelWatch(environment, node)
        self._pixels = self._watch.state()
        self._place = place_state(self._sweep)
        self._sent = LiveSweep(self._sweep)
        self._layer = PreviewLayer(environment, opacity)  # ends what is left of any other preview
        super().__init__(environment, settings, client, onResult, onStopped)
        self._asked: Wanted | None = None
        self._changed = self._noticed = time.monotonic()
        self._sending: Iterator[None] = iter(())
        scene = environment.scene
        self._observers.add(scene, (scene.NodeAddedEvent,), self._on_node_added)
        self._observers.add(scene, (scene.StartImportEvent,), self._on_import)
        self._observe()

    @property
    def volume(self) -> Any:
        """The hidden volume of the preview, None before the first result."""
        return self._layer.volume

    def set_opacity(self, opacity: float) -> None:
        """Change how far the preview covers the input, 0 to 1."""
        self._layer.set_opacity(opacity)

    def _check_nodes(self) -> None:
        if not self._environment.holds(self.node):
            raise Cancelled(f"The live preview ended because {self.node.GetName()!r} was removed from the scene.")

    def _begin(self) -> bool:
        pixels = self._watch.state()
        if pixels != self._pixels:
            self._sweep, self._pixels = self._read(), pixels
            self._sent.close()
            self._sent = LiveSweep(self._sweep)
            self._observe()
        place = place_state(self._sweep)
        if place != self._place:
            self._sweep, self._place = self._read(), place  # same pixels: what was sent stays
        self._layer.cover(self._sweep.shown, self._sweep.first_slab.axis)
        wanted = Wanted(pixels, place, self._sweep.current(self._environment), self.settings)
        if wanted == self._asked:
            return False
        self._asked, self._changed = wanted, self._noticed
        self._sending = self._sent.send(self._open("preview"), wanted.index, wanted.settings.to_dict())
        return True

    def _send_more(self) -> bool:
        if self._is_outdated():
            self._close_task()
            return False
        until = time.monotonic() + SENDING_SECONDS
        return all(time.monotonic() <= until for _ in self._sending)

    def _take(self, answer: LiveAnswer) -> None:
        asked = self._asked
        if asked is None or self._is_outdated():
            return  # its successor is asked for next
        slab, first = frame_place(self._sweep, asked.index)
        shown = self._sweep.shown
        self._layer.place(slab, first, answer.frame, shown, keeps_range(asked.settings))
        self._layer.cover(shown, slab.axis)
        self.index = asked.index
        self.milliseconds = 1000 * (time.monotonic() - self._changed)

    def _is_outdated(self) -> bool:
        """Say whether the image has changed since its frame was asked for."""
        return self._asked is None or self._asked.pixels != self._watch.state()

    def _close_task(self) -> None:
        super()._close_task()
        self._asked = None  # what gave way is asked for again

    def _clean_up(self) -> None:
        self._sent.close()
        self._watch.close()
        self._layer.remove()

    def _read(self) -> SceneSweep:
        from .despeckler import read_sweep

        return read_sweep(self._environment, self.node, self.frame_axis)

    def _observe(self) -> None:
        """Observe all that decides what the user sees; nodes that are observed already stay so."""
        import slicer
        from vtkmodules.vtkCommonCore import vtkCommand

        modified = vtkCommand.ModifiedEvent
        volume, transformable = slicer.vtkMRMLVolumeNode, slicer.vtkMRMLTransformableNode
        for node in (self.node, *self._sweep.watched):
            self._observers.add(node, (modified,), self._on_change)
        events = (modified, volume.ImageDataModifiedEvent, transformable.TransformModifiedEvent)
        self._observers.add(self._sweep.shown, events, self._on_change)
        for class_name in ("vtkMRMLSliceNode", "vtkMRMLSliceCompositeNode"):
            for view in self._environment.nodes(class_name):
                self._observers.add(view, (modified,), self._on_change)

    def _on_change(self, caller: Any = None, event: Any = None) -> None:
        self._noticed = time.monotonic()
        super()._on_change()

    def _on_node_removed(self, caller: Any, event: Any) -> None:
        """Give the views back at once where the preview's volume goes: another preview may be about to cover them."""
        if self._layer.is_gone:
            self.stop(Cancelled("The live preview ended because its volume was removed from the scene."))
        else:
            self._on_change()

    def _on_import(self, caller: Any, event: Any) -> None:
        """Give the views back to a scene that comes, which may bring its own; they are covered again afterwards."""
        self._layer.uncover()
        self._on_change()

    def _on_node_added(self, caller: Any, event: Any) -> None:
        self._observe()
        self._on_change()


def frame_place(sweep: SceneSweep, index: int) -> tuple[Slab, int]:
    """Return the image that holds a frame of a sweep, and the frame's number in it."""
    if isinstance(sweep, SequenceSweep):
        return sweep.slabs[index], 0
    return sweep.first_slab, index
