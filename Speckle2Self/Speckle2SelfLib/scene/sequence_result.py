"""A despeckled sequence: same index, frames with their own geometry, browsed together with its input."""

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
from .sequences import SEQUENCE_CLASS, SequenceSweep, kept_attributes


class SequenceResult(Result):
    """The result for a sequence or a range of its frames.

    Parameters
    ----------
    sweep : SequenceSweep
        The input.
    indices : list of int
        Frames that are computed.
    name : str
        Name of a new sequence.
    nodes : OutputNodes
        Sequence and proxy to reuse, if any.
    same_range : bool
        Whether the input's window and level fit.
    """

    def __init__(
        self, sweep: SequenceSweep, indices: list[int], name: str, nodes: OutputNodes, same_range: bool
    ) -> None:
        self._sweep, self._indices, self._name, self._same_range = sweep, indices, name, same_range
        self._nodes = nodes
        self._pixels = [Pixels(sweep.slabs[index]) for index in indices]

    def write(self, position: int, frame: Array) -> None:
        """Take a computed frame."""
        self._pixels[position].write(0, frame)

    def place(self, environment: SceneEnvironment, marks: Mapping[str, str]) -> Any:
        """Put the result into the scene and return its node."""
        scene, browser = environment.scene, self._sweep.browser
        sequence = self._nodes.sequence
        with added_nodes(scene) as added, one_change(browser, sequence):
            if sequence is None:
                sequence = environment.new_node(SEQUENCE_CLASS)
                sequence.SetName(scene.GenerateUniqueName(self._name))
                self._fill(environment, sequence, marks)
                added.append(scene.AddNode(sequence))
                place_beside(environment, sequence, self._sweep.sequence)
            else:
                self._fill(environment, sequence, marks)
            proxy = None if browser is None else self._browse(environment, sequence, marks, added)
        # who gave a volume to look at gets one back, who gave a sequence or a browser gets a sequence
        gave_volume = self._nodes.volume is not None or (
            self._nodes.sequence is None and self._sweep.node is self._sweep.shown
        )
        return proxy if gave_volume and proxy is not None else sequence

    def _fill(self, environment: SceneEnvironment, sequence: Any, marks: Mapping[str, str]) -> None:
        source = self._sweep.sequence
        sequence.RemoveAllDataNodes()
        sequence.SetIndexName(source.GetIndexName())
        sequence.SetIndexUnit(source.GetIndexUnit())
        # While the index is text, every frame is appended under its own value; a numeric index would merge frames
        # that lie closer together than its tolerance, and search the place of each.
        sequence.SetIndexTypeFromString("text")
        for pixels, index in zip(self._pixels, self._indices, strict=True):
            self._add_frame(environment, sequence, pixels, index, marks)
        sequence.SetNumericIndexValueTolerance(source.GetNumericIndexValueTolerance())
        sequence.SetIndexType(source.GetIndexType())
        for name, value in kept_attributes(source).items():
            sequence.SetAttribute(name, value)
        mark(sequence, marks)

    def _add_frame(
        self, environment: SceneEnvironment, sequence: Any, pixels: Pixels, index: int, marks: Mapping[str, str]
    ) -> None:
        slab = self._sweep.slabs[index]
        empty = environment.new_node(slab.node_class)
        empty.SetName(sequence.GetName())  # Slicer makes of it the frame's name and the base of the proxy's
        # the sequence keeps a copy of the empty node, which then gets the pixels without copying them
        frame = sequence.SetDataNodeAtValue(empty, self._sweep.index_values[index])
        copy_meaning(self._sweep.sequence.GetNthDataNode(index), frame)
        pixels.put_into(frame)
        # the browser copies a frame's attributes to the proxy whenever it moves, so provenance is on each of them
        for name, value in {**slab.attributes, **marks}.items():
            frame.SetAttribute(name, value)

    def _browse(self, environment: SceneEnvironment, sequence: Any, marks: Mapping[str, str], added: list[Any]) -> Any:
        browser, shown = self._sweep.browser, self._sweep.shown
        browser.AddSynchronizedSequenceNode(sequence)  # does nothing for one that the browser has already
        self._copy_browsing(browser, sequence)
        proxy = browser.GetProxyNode(sequence)
        if proxy is None:
            proxy = self._nodes.volume or self._new_proxy(environment, sequence, added)
            copy_instead = False
            browser.AddProxyNode(proxy, sequence, copy_instead)
        proxy.CopyContent(sequence.GetNthDataNode(self._shown_position(environment)))
        proxy.SetAndObserveTransformNodeID(shown.GetTransformNodeID() if shown is not None else None)
        added.append(show_alike(environment, proxy, shown, self._same_range))
        place_beside(environment, proxy, shown)
        return proxy

    def _shown_position(self, environment: SceneEnvironment) -> int:
        current = self._sweep.current(environment)
        return self._indices.index(current) if current in self._indices else 0

    def _copy_browsing(self, browser: Any, sequence: Any) -> None:
        source = self._sweep.sequence
        browser.SetPlayback(sequence, browser.GetPlayback(source))
        browser.SetRecording(sequence, browser.GetRecording(source))
        browser.SetOverwriteProxyName(sequence, browser.GetOverwriteProxyName(source))
        if len(self._indices) == len(self._sweep):
            browser.SetSaveChanges(sequence, browser.GetSaveChanges(source))
            browser.SetMissingItemMode(sequence, browser.GetMissingItemMode(source))
        else:
            # Outside the range there is no result: show nothing rather than a frame of another time, and never
            # let the browser fill the gaps of the sequence with copies.
            browser.SetSaveChanges(sequence, False)
            browser.SetMissingItemMode(sequence, browser.MissingItemSetToDefault)

    def _new_proxy(self, environment: SceneEnvironment, sequence: Any, added: list[Any]) -> Any:
        proxy = environment.new_node(self._sweep.first_slab.node_class)
        proxy.SetName(sequence.GetName())  # like the proxies that the browser makes
        added.append(environment.scene.AddNode(proxy))
        return proxy
