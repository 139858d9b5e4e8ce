"""A segmented sequence: a sequence of segmentations with the same index, browsed together with its images.

What the user corrects on the proxy goes into the sequence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from Speckle2SelfLib.scene.browsed_result import BrowsedResult
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.outputs import OutputNodes
from Speckle2SelfLib.scene.sequences import SequenceSweep

from ..segmentation import SegmentedFrame
from .found_lumens import FoundLumens
from .lumen_masks import labelmap
from .lumen_segment import SEGMENTATION_CLASS, put_lumen, refer_to, set_reference_geometry


class SegmentationSequenceResult(BrowsedResult):
    """The result for a sequence or a range of its frames; see :class:`~.browsed_result.BrowsedResult`."""

    def __init__(self, sweep: SequenceSweep, indices: list[int], name: str, nodes: OutputNodes) -> None:
        super().__init__(sweep, indices, name, nodes)
        self._found = FoundLumens(indices)

    def write(self, position: int, frame: SegmentedFrame) -> None:
        """Take a segmented frame."""
        self._found.add(position, frame)

    def notes(self) -> list[str]:
        """Return which frames have no lumen."""
        return self._found.notes()

    @property
    def _frame_class(self) -> str:
        return SEGMENTATION_CLASS

    def _fill_frame(self, node: Any, position: int) -> None:
        slab = self._sweep.slabs[self._indices[position]]
        set_reference_geometry(node, slab)
        mask = self._found.masks.get(position)
        put_lumen(node, labelmap(slab, {} if mask is None else {0: mask}))

    def _frame_marks(self, position: int) -> Mapping[str, str]:
        return self._found.marks[position]

    def _saves_changes(self, browser: Any) -> bool:
        return True  # outside of a part nothing is added: the browser then shows an empty proxy and saves nothing

    def _show(self, environment: SceneEnvironment, proxy: Any) -> Any:
        if self._sweep.shown is not None:
            refer_to(proxy, self._sweep.shown)
        if proxy.GetDisplayNode() is not None:
            return None
        proxy.CreateDefaultDisplayNodes()
        return proxy.GetDisplayNode()
