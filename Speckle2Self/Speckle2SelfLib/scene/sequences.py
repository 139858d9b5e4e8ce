"""Image sequences: found through their browser or proxy, read without moving the browser."""

from __future__ import annotations

from typing import Any

from ..errors import InputError
from . import images
from .environment import SceneEnvironment
from .provenance import is_result
from .sweep import SceneSweep, Slab, read_slab

SEQUENCE_CLASS, BROWSER_CLASS = "vtkMRMLSequenceNode", "vtkMRMLSequenceBrowserNode"
# attributes that identify the patient's files, that we write, or that Slicer writes itself
ATTRIBUTES_NOT_COPIED = ("DICOM.", "Speckle2Self.", "Sequences.", "proxyNodeCopy")


class SequenceSweep(SceneSweep):
    """A sequence of single-slice volumes.

    Attributes
    ----------
    sequence : vtkMRMLSequenceNode
        Holds the frames.
    browser : vtkMRMLSequenceBrowserNode or None
        Browses them.
    index_values : list of str
        Index value of every frame, as text.
    slabs : list of Slab
        Every frame with its own geometry and attributes.
    """

    def __init__(self, node: Any, sequence: Any, browser: Any) -> None:
        self.node, self.sequence, self.browser = node, sequence, browser
        self.shown = browser.GetProxyNode(sequence) if browser is not None else None
        self.watched = [found for found in (sequence, browser) if found is not None]
        if self.shown is node:
            self.watched.append(node)
        count = sequence.GetNumberOfDataNodes()
        self.index_values = [sequence.GetNthIndexValue(item) for item in range(count)]
        self.slabs = [_read_item(sequence, item) for item in range(count)]
        self._check()

    def __len__(self) -> int:
        return len(self.slabs)

    def __getitem__(self, index: int) -> images.Array:
        return self.slabs[index].frame(0)

    @property
    def name(self) -> str:
        """Name of the proxy if that was the input, else of the sequence; never one that the browser makes per frame."""
        shows_its_own_name = self.shown is self.node and not self.browser.GetOverwriteProxyName(self.sequence)
        return str((self.shown if shows_its_own_name else self.sequence).GetName())

    @property
    def first_slab(self) -> Slab:
        """The image of frame 0."""
        return self.slabs[0]

    def current(self, environment: SceneEnvironment) -> int:
        """Return the frame that the browser has selected, the first one without a browser."""
        if self.browser is None:
            return 0
        selected = self.browser.GetSelectedItemNumber()
        master = self.browser.GetMasterSequenceNode()
        if not 0 <= selected < master.GetNumberOfDataNodes():
            return 0
        exact_match = False
        return max(0, int(self.sequence.GetItemNumberFromIndexValue(master.GetNthIndexValue(selected), exact_match)))

    def _check(self) -> None:
        name = self.sequence.GetName()
        if not self.slabs:
            raise InputError(f"Sequence {name!r} holds no frames; load or choose one that does.")
        first = self.slabs[0]
        for number, slab in enumerate(self.slabs):
            if slab.frame_shape != first.frame_shape or slab.node_class != first.node_class:
                raise InputError(
                    f"Frame {number + 1} of sequence {name!r} has {_size(slab)} pixels but frame 1 has {_size(first)};"
                    f" all frames must have the same size."
                )
            if slab.dtype != first.dtype:
                raise InputError(
                    f"Frame {number + 1} of sequence {name!r} holds {slab.dtype} pixels but frame 1 {first.dtype}; "
                    f"all frames must have the same type."
                )
        if len(set(self.index_values)) < len(self.index_values):
            raise InputError(f"Sequence {name!r} holds two frames with the same index value; give each its own.")


def find_sequence(environment: SceneEnvironment, node: Any) -> tuple[Any, Any] | None:
    """Return the sequence and the browser behind a node, or None where there is none.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    node : vtkMRMLNode
        A sequence, a sequence browser, or a browser's proxy volume.

    Raises
    ------
    InputError
        If a browser has no image sequence, or several.
    """
    if node.IsA(BROWSER_CLASS):
        return _image_sequence(node), node
    if node.IsA(SEQUENCE_CLASS):
        return node, browser_of_sequence(environment, node)
    for browser in environment.nodes(BROWSER_CLASS):
        sequence = browser.GetSequenceNode(node)
        if sequence is not None:
            return sequence, browser
    return None


def browser_of_sequence(environment: SceneEnvironment, sequence: Any) -> Any:
    """Return the first browser that shows a sequence, or None."""
    for browser in environment.nodes(BROWSER_CLASS):
        if browser.IsSynchronizedSequenceNode(sequence, True):
            return browser
    return None


def synchronized_sequences(browser: Any) -> list[Any]:
    """Return the sequences of a browser, the master first."""
    from vtkmodules.vtkCommonCore import vtkCollection

    found, with_master = vtkCollection(), True
    browser.GetSynchronizedSequenceNodes(found, with_master)
    return [found.GetItemAsObject(index) for index in range(found.GetNumberOfItems())]


def kept_attributes(node: Any) -> dict[str, str]:
    """Return the attributes of a node that its despeckled twin keeps, e.g. a frame's tracking status."""
    names = [name for name in node.GetAttributeNames() if not name.startswith(ATTRIBUTES_NOT_COPIED)]
    return {name: node.GetAttribute(name) for name in names}


def _image_sequence(browser: Any) -> Any:
    sequences = synchronized_sequences(browser)
    candidates = [sequence for sequence in sequences if _holds_volumes(sequence) and not is_result(sequence)]
    if not candidates:
        raise InputError(f"Sequence browser {browser.GetName()!r} shows no image sequence; choose one that does.")
    if len(candidates) > 1 and candidates[0] is not browser.GetMasterSequenceNode():
        names = ", ".join(repr(sequence.GetName()) for sequence in candidates)
        raise InputError(f"Sequence browser {browser.GetName()!r} shows several image sequences ({names}); choose one.")
    return candidates[0]


def _holds_volumes(sequence: Any) -> bool:
    node = sequence.GetNthDataNode(0) if sequence.GetNumberOfDataNodes() else None
    return node is not None and bool(node.IsA("vtkMRMLVolumeNode"))


def _read_item(sequence: Any, item: int) -> Slab:
    what = f"Frame {item + 1} of sequence {sequence.GetName()!r}"
    node = sequence.GetNthDataNode(item)
    if node is None:
        raise InputError(f"{what} is missing; load the sequence again.")
    if not node.IsA("vtkMRMLVolumeNode"):
        raise InputError(f"{what} is a {node.GetNodeTagName()} node; give a sequence of images.")
    slab = read_slab(node, None, what)
    if slab.count != 1:
        raise InputError(
            f"{what} is a volume of {slab.count} slices; give a sequence of single images, or a "
            f"copy of one of its volumes."
        )
    return Slab(slab.image, slab.axis, slab.matrix, slab.node_class, kept_attributes(node))


def _size(slab: Slab) -> str:
    return " x ".join(map(str, slab.frame_shape))
