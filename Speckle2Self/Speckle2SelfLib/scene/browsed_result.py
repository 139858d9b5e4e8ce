"""A resulting sequence, whatever its frames are: same index as its input, and browsed together with it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from .environment import SceneEnvironment
from .hierarchy import place_beside
from .modify import added_nodes, one_change
from .outputs import OutputNodes
from .provenance import mark
from .results import Result
from .sequences import SEQUENCE_CLASS, SequenceSweep, kept_attributes


class BrowsedResult(Result):
    """The result for a sequence or a range of its frames; subclasses say what a frame is and how it is shown.

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
    """

    def __init__(self, sweep: SequenceSweep, indices: list[int], name: str, nodes: OutputNodes) -> None:
        self._sweep, self._indices, self._name, self._nodes = sweep, indices, name, nodes

    @property
    @abstractmethod
    def _frame_class(self) -> str:
        """Return the MRML class of a frame and of the proxy."""

    @abstractmethod
    def _fill_frame(self, node: Any, position: int) -> None:
        """Put what was computed into the node of a frame."""

    @abstractmethod
    def _show(self, environment: SceneEnvironment, proxy: Any) -> Any:
        """Show the proxy, and return its display node where it is new."""

    def _frame_marks(self, position: int) -> Mapping[str, str]:
        """Return attributes of a single frame."""
        return {}

    def _saves_changes(self, browser: Any) -> bool:
        """Say whether what the user changes on the proxy goes into the sequence."""
        # of a part of the sequence never, lest the browser fill its gaps
        return self._is_whole and bool(browser.GetSaveChanges(self._sweep.sequence))

    @property
    def _is_whole(self) -> bool:
        return len(self._indices) == len(self._sweep)

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
            proxy = None if browser is None else self._browse(environment, sequence, added)
        # who gave a volume to look at gets one back, who gave a sequence or a browser gets a sequence
        gave_proxy = self._nodes.volume is not None or (
            self._nodes.sequence is None and self._sweep.node is self._sweep.shown
        )
        return proxy if gave_proxy and proxy is not None else sequence

    def _fill(self, environment: SceneEnvironment, sequence: Any, marks: Mapping[str, str]) -> None:
        source = self._sweep.sequence
        sequence.RemoveAllDataNodes()
        sequence.SetIndexName(source.GetIndexName())
        sequence.SetIndexUnit(source.GetIndexUnit())
        # While the index is text, every frame is appended under its own value; a numeric index would merge frames
        # that lie closer together than its tolerance, and search the place of each.
        sequence.SetIndexTypeFromString("text")
        for position in range(len(self._indices)):
            self._add_frame(environment, sequence, position, marks)
        sequence.SetNumericIndexValueTolerance(source.GetNumericIndexValueTolerance())
        sequence.SetIndexType(source.GetIndexType())
        for name, value in kept_attributes(source).items():
            sequence.SetAttribute(name, value)
        mark(sequence, marks)

    def _add_frame(self, environment: SceneEnvironment, sequence: Any, position: int, marks: Mapping[str, str]) -> None:
        index = self._indices[position]
        empty = environment.new_node(self._frame_class)
        empty.SetName(sequence.GetName())  # Slicer makes of it the frame's name and the base of the proxy's
        # the sequence keeps a copy of the empty node, which then gets its content without copying it
        frame = sequence.SetDataNodeAtValue(empty, self._sweep.index_values[index])
        self._fill_frame(frame, position)
        # the browser copies a frame's attributes to the proxy whenever it moves, so provenance is on each of them
        for name, value in {**self._sweep.slabs[index].attributes, **marks, **self._frame_marks(position)}.items():
            frame.SetAttribute(name, value)

    def _browse(self, environment: SceneEnvironment, sequence: Any, added: list[Any]) -> Any:
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
        added.append(self._show(environment, proxy))
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
        browser.SetSaveChanges(sequence, self._saves_changes(browser))
        # Outside of a part there is no result: show nothing rather than a frame of another time.
        missing = browser.GetMissingItemMode(source) if self._is_whole else browser.MissingItemSetToDefault
        browser.SetMissingItemMode(sequence, missing)

    def _new_proxy(self, environment: SceneEnvironment, sequence: Any, added: list[Any]) -> Any:
        proxy = environment.new_node(self._frame_class)
        proxy.SetName(sequence.GetName())  # like the proxies that the browser makes
        added.append(environment.scene.AddNode(proxy))
        return proxy
