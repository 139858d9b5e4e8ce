"""A live stream: a volume that keeps changing is followed into another one, newest frame first."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import Cancelled, InputError
from ..settings import DespeckleSettings
from ..worker.client import WorkerClient
from ..worker.frame_files import FrameFile, FrameWriter
from ..worker.live_task import LiveAnswer
from .display import keeps_range, show_alike
from .environment import SceneEnvironment
from .frame_rates import FrameRates
from .geometry import ijk_to_ras, matrix_array
from .hierarchy import place_beside
from .input_state import image_time
from .live_job import LiveJob
from .modify import one_change
from .outputs import check_output
from .provenance import attributes, mark
from .results import Pixels, copy_meaning
from .sweep import Slab, VolumeSweep

FOLLOWED_ROLE = "Speckle2Self.Followed"
_numbers = itertools.count(1)


class LiveStream(LiveJob):
    """Despeckles a volume whenever its image changes, as an ultrasound machine or a camera changes it.

    Frames that come while one is computed are dropped but for the newest. Each result is an ordinary image at the place
    that its frame had, and moves with it, in a volume that others can use; it stays when the stream ends. Size and type
    of the frames may change at any time.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    node : vtkMRMLVolumeNode
        The volume that changes, a single image.
    outputNode : vtkMRMLVolumeNode or None
        Volume that gets the results; None reuses the one that followed this volume before, or creates one.
    settings : DespeckleSettings
        What to compute.
    client, onResult, onStopped
        See :class:`~Speckle2SelfLib.scene.live_job.LiveJob`.

    Attributes
    ----------
    node : vtkMRMLVolumeNode
        The input.
    output : vtkMRMLVolumeNode or None
        Volume of the results; None before the first one where it has to be created.
    rates : FrameRates
        How many frames came, were shown and were dropped.

    Raises
    ------
    InputError, OutputError
        If a node is not accepted.
    """

    def __init__(
        self,
        environment: SceneEnvironment,
        node: Any,
        outputNode: Any = None,
        *,
        settings: DespeckleSettings,
        client: WorkerClient | None = None,
        onResult: Callable[[], object] | None = None,
        onStopped: Callable[[Exception | None], object] | None = None,
    ) -> None:
        self.node, self.rates = node, FrameRates()
        check_live_input(environment, node)
        if outputNode is not None:
            check_output(environment, outputNode, VolumeSweep(node, None), as_sequence=False)
        self.output = outputNode if outputNode is not None else find_output(environment, node)
        super().__init__(environment, settings, client, onResult, onStopped)
        self._name = f"stream-{next(_numbers)}"
        self._seen = 0
        self._waiting = 0  # frames that came since the last one was sent
        self._slab: Slab | None = None
        self._is_placed = False  # whether the output has a frame of this stream
        self._is_new = True  # else the same frame once more, with other settings
        self._again = False
        self._computed: DespeckleSettings | None = None
        self._marked: dict[str, str] = {}
        self._observe()
        self._notice()

    def _observe(self) -> None:
        import slicer
        from vtkmodules.vtkCommonCore import vtkCommand

        volume = slicer.vtkMRMLVolumeNode
        events = (vtkCommand.ModifiedEvent, volume.ImageDataModifiedEvent, volume.TransformModifiedEvent)
        self._observers.add(self.node, events, self._on_image)

    def _on_image(self, caller: Any, event: Any) -> None:
        if self._notice() or self._has_moved():
            self._on_change()

    def _notice(self) -> bool:
        """Count the frame if it is a new one; moved volumes and changed names are none."""
        changed = image_time(self.node)
        if changed in (0, self._seen):
            return False
        self._seen = changed
        self._waiting += 1
        self.rates.count_received()
        return True

    def _has_moved(self) -> bool:
        """Say whether the volume lies elsewhere than its result, as one that was moved without a new image."""
        output = self.output
        if not self._is_placed or not self._environment.holds(output):
            return False
        same = np.array_equal(matrix_array(ijk_to_ras(self.node)), matrix_array(ijk_to_ras(output)))
        return not same or output.GetTransformNodeID() != self.node.GetTransformNodeID()

    def _move(self) -> None:
        with one_change(self.output):
            self.output.SetIJKToRASMatrix(ijk_to_ras(self.node))
            self.output.SetAndObserveTransformNodeID(self.node.GetTransformNodeID())

    def _check_nodes(self) -> None:
        for node in (self.node, self.output):
            if node is not None and not self._environment.holds(node):
                raise Cancelled(f"Following ended because {node.GetName()!r} was removed from the scene.")

    def _begin(self) -> bool:
        other_settings = self._computed not in (None, self.settings)
        if not (self._waiting or self._again or other_settings) or not image_time(self.node):
            if self._has_moved():  # the frame that is shown has
                self._move()
            return False
        slab = _image_of(self.node)
        image = slab.image.NewInstance()
        image.ShallowCopy(slab.image)  # keeps the pixels, whatever becomes of the node's image meanwhile
        self._slab, self._is_new = replace(slab, image=image), self._waiting > 0
        self.rates.dropped += max(0, self._waiting - 1)
        self._waiting, self._again, self._computed = 0, False, self.settings
        self._open("follow")
        return True

    def _send_more(self) -> bool:
        assert self._task is not None
        assert self._slab is not None
        frame = self._slab.frame(0)
        target = FrameFile(self._task.folder / "input", (1, *frame.shape), frame.dtype.str)
        writer = FrameWriter(target)
        writer.write(0, frame)
        writer.finish()
        self._task.send(
            stream=self._name,
            settings=self.settings.to_dict(),
            input=str(target.path),
            shape=list(target.shape),
            dtype=target.dtype,
            color=self._slab.components > 1,
        )
        return True

    def _take(self, answer: LiveAnswer) -> None:
        assert self._slab is not None
        assert self._computed is not None
        pixels = Pixels(self._slab, 0, 1)
        pixels.write(0, answer.frame)
        output = self.output
        if output is None:
            output = self._environment.new_node(self._slab.node_class)
            output.SetName(self._environment.scene.GenerateUniqueName(output_name(self.node)))
            self.output = output = self._environment.scene.AddNode(output)
            place_beside(self._environment, output, self.node)
        was_empty = output.GetImageData() is None
        with one_change(output):
            pixels.put_into(output)
            copy_meaning(self.node, output)
            output.SetAndObserveTransformNodeID(self.node.GetTransformNodeID())
            self._is_placed = True
            output.SetNodeReferenceID(FOLLOWED_ROLE, self.node.GetID())
            marks = attributes(answer.provenance, 1)
            if marks != self._marked:
                self._marked = marks
                mark(output, marks)
        if was_empty or output.GetDisplayNode() is None:
            show_alike(self._environment, output, self.node, keeps_range(self._computed))
        if self._is_new:
            self.rates.count_shown()

    def _close_task(self) -> None:
        if self._task is not None and self.running:  # it gave way: the newest frame is asked for again
            self._waiting += self._is_new
            self._again = True
        super()._close_task()

    def _clean_up(self) -> None:
        self._slab = None


def output_name(node: Any) -> str:
    """Return the name of a new volume that follows `node`."""
    return f"{node.GetName()} despeckled live (research use)"


def find_output(environment: SceneEnvironment, node: Any) -> Any:
    """Return the volume that followed another one before, or None."""
    for volume in environment.nodes("vtkMRMLVolumeNode"):
        if volume.GetNodeReferenceID(FOLLOWED_ROLE) == node.GetID():
            return volume
    return None


def check_live_input(environment: SceneEnvironment, node: Any) -> None:
    """Check that a volume can be followed; it need not have an image yet.

    Raises
    ------
    InputError
        If it is no volume, or its image is none that a machine sends: more than one slice, too small, too large.
    """
    if node is None:
        raise InputError("No input was given; choose the volume that the live images arrive in.")
    if not hasattr(node, "IsA") or not environment.holds(node) or not node.IsA("vtkMRMLVolumeNode"):
        raise InputError(f"The input must be a volume of this scene, got {node!r}.")
    if image_time(node):
        _image_of(node)


def _image_of(node: Any) -> Slab:
    slab = VolumeSweep(node, None).first_slab
    if slab.count != 1:
        raise InputError(
            f"Volume {node.GetName()!r} has {slab.count} slices; only a volume of a single image can be followed, as "
            f"an ultrasound machine or a camera sends it."
        )
    return slab
