"""A segmented volume: one segmentation node in the volume's geometry, under its transform and beside it in the tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.hierarchy import place_beside
from Speckle2SelfLib.scene.modify import added_nodes, one_change
from Speckle2SelfLib.scene.provenance import mark
from Speckle2SelfLib.scene.results import Result
from Speckle2SelfLib.scene.sequences import SequenceSweep
from Speckle2SelfLib.scene.sweep import SceneSweep

from ..segmentation import SegmentedFrame
from .found_lumens import FoundLumens
from .lumen_marks import joined_marks
from .lumen_masks import labelmap
from .lumen_segment import new_segmentation, put_lumen, refer_to, set_reference_geometry


class SegmentationResult(Result):
    """The result for a volume, some of its slices, or the current frame of a sequence.

    Parameters
    ----------
    sweep : SceneSweep
        The input.
    indices : list of int
        Frames that are computed.
    name : str
        Name of a new node.
    output : vtkMRMLSegmentationNode or None
        Node to reuse; of its segments only the lumen is replaced.
    closed_surface : bool
        Whether the lumen gets a surface for 3D views.
    """

    def __init__(
        self, sweep: SceneSweep, indices: list[int], name: str, output: Any = None, closed_surface: bool = False
    ) -> None:
        self._sweep, self._name, self._output, self._closed_surface = sweep, name, output, closed_surface
        self._found = FoundLumens(indices)
        self._is_frame = isinstance(sweep, SequenceSweep)
        self._slab = sweep.slabs[indices[0]] if isinstance(sweep, SequenceSweep) else sweep.first_slab

    def write(self, position: int, frame: SegmentedFrame) -> None:
        """Take a segmented frame."""
        self._found.add(position, frame)

    def notes(self) -> list[str]:
        """Return which frames have no lumen."""
        return self._found.notes()

    def place(self, environment: SceneEnvironment, marks: Mapping[str, str]) -> Any:
        """Put the result into the scene and return its node."""
        with added_nodes(environment.scene) as added:
            node = self._output
            if node is None:
                node = new_segmentation(environment)
                node.SetName(environment.scene.GenerateUniqueName(self._name))
                self._fill(node, marks)
                added.append(environment.scene.AddNode(node))
            else:
                with one_change(node):
                    self._fill(node, marks)
            if node.GetDisplayNode() is None:
                node.CreateDefaultDisplayNodes()
                added.append(node.GetDisplayNode())
            if self._output is None:
                place_beside(environment, node, self._sweep.shown or self._sweep.node)
        return node

    def _fill(self, node: Any, marks: Mapping[str, str]) -> None:
        shown = self._sweep.shown
        node.SetAndObserveTransformNodeID(shown.GetTransformNodeID() if shown is not None else None)
        set_reference_geometry(node, self._slab)
        if shown is not None:
            refer_to(node, shown)
        # a single frame of a sequence is all of its segmentation, whatever its number
        numbers = {position: 0 if self._is_frame else index for position, index in self._found.indices.items()}
        put_lumen(node, labelmap(self._slab, {numbers[place]: mask for place, mask in self._found.masks.items()}))
        frames = {numbers[place]: marks for place, marks in self._found.marks.items()}
        mark(node, {**marks, **joined_marks(frames, self._slab.count)})
        if self._closed_surface:
            node.CreateClosedSurfaceRepresentation()
