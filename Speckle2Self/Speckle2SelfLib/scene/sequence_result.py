"""A despeckled sequence: same index, frames with their own geometry, browsed together with its input."""

from __future__ import annotations

from typing import Any

from .browsed_result import BrowsedResult
from .display import show_alike
from .environment import SceneEnvironment
from .images import Array
from .outputs import OutputNodes
from .results import Pixels, copy_meaning
from .sequences import SequenceSweep


class SequenceResult(BrowsedResult):
    """The result for a sequence or a range of its frames.

    Parameters
    ----------
    sweep, indices, name, nodes
        See :class:`~.browsed_result.BrowsedResult`.
    same_range : bool
        Whether the input's window and level fit.
    """

    def __init__(
        self, sweep: SequenceSweep, indices: list[int], name: str, nodes: OutputNodes, same_range: bool
    ) -> None:
        super().__init__(sweep, indices, name, nodes)
        self._same_range = same_range
        self._pixels = [Pixels(sweep.slabs[index]) for index in indices]

    def write(self, position: int, frame: Array) -> None:
        """Take a computed frame."""
        self._pixels[position].write(0, frame)

    @property
    def _frame_class(self) -> str:
        return self._sweep.first_slab.node_class

    def _fill_frame(self, node: Any, position: int) -> None:
        copy_meaning(self._sweep.sequence.GetNthDataNode(self._indices[position]), node)
        self._pixels[position].put_into(node)

    def _show(self, environment: SceneEnvironment, proxy: Any) -> Any:
        return show_alike(environment, proxy, self._sweep.shown, self._same_range)
