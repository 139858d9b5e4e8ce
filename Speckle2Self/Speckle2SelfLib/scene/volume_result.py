"""A despeckled volume: same geometry, parent transform, display and place in the hierarchy as its input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .display import show_alike
from .environment import SceneEnvironment
from .hierarchy import place_beside
from .images import Array
from .modify import added_nodes, one_change
from .outputs import OutputNodes
from .provenance import mark
from .results import Pixels, Result, copy_meaning
from .sequences import SequenceSweep
from .sweep import SceneSweep, Slab


class VolumeResult(Result):
    """The result for a volume, some of its slices, or the current frame of a sequence.

    Parameters
    ----------
    sweep : SceneSweep
        The input.
    indices : list of int
        Frames that are computed, without gaps.
    name : str
        Name of a new node.
    nodes : OutputNodes
        The volume to reuse, if any.
    same_range : bool
        Whether the input's window and level fit.
    """

    def __init__(self, sweep: SceneSweep, indices: list[int], name: str, nodes: OutputNodes, same_range: bool) -> None:
        self._sweep, self._name, self._nodes, self._same_range = sweep, name, nodes, same_range
        self._slab = self._slab_of(indices[0])
        first = 0 if isinstance(sweep, SequenceSweep) else indices[0]
        self._pixels = Pixels(self._slab, first, len(indices))

    def _slab_of(self, index: int) -> Slab:
        return self._sweep.slabs[index] if isinstance(self._sweep, SequenceSweep) else self._sweep.first_slab

    def write(self, position: int, frame: Array) -> None:
        """Take a computed frame."""
        self._pixels.write(position, frame)

    def place(self, environment: SceneEnvironment, marks: Mapping[str, str]) -> Any:
        """Put the result into the scene and return its node."""
        volume = self._nodes.volume
        if volume is None:
            return self._add(environment, marks)
        was_empty = volume.GetImageData() is None
        with one_change(volume):
            self._fill(volume, marks)
        # a volume that showed something already keeps the window and colors that the user gave it
        if was_empty or volume.GetDisplayNode() is None:
            show_alike(environment, volume, self._sweep.shown, self._same_range)
        return volume

    def _add(self, environment: SceneEnvironment, marks: Mapping[str, str]) -> Any:
        scene = environment.scene
        volume = environment.new_node(self._slab.node_class)
        volume.SetName(scene.GenerateUniqueName(self._name))
        with added_nodes(scene) as added:
            added.append(scene.AddNode(volume))
            self._fill(volume, marks)
            added.append(show_alike(environment, volume, self._sweep.shown, self._same_range))
            place_beside(environment, volume, self._sweep.shown or self._sweep.node)
        return volume

    def _fill(self, volume: Any, marks: Mapping[str, str]) -> None:
        shown = self._sweep.shown
        self._pixels.put_into(volume)
        copy_meaning(shown, volume)
        volume.SetAndObserveTransformNodeID(shown.GetTransformNodeID() if shown is not None else None)
        mark(volume, marks)
