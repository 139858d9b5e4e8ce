"""Segmentations of the scene as masks of a sweep's frames: a snapshot, on the grid of each frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.sequences import SequenceSweep, find_sequence
from Speckle2SelfLib.scene.sweep import SceneSweep

from .lumen_marks import split_marks
from .lumen_masks import checksum
from .lumen_segment import SEGMENTATION_CLASS
from .segment_choice import choose_segment, segment_names
from .segment_grid import GridMask, between, copied_labelmap

LabelMask = NDArray[np.uint8]
Marks = list[tuple[float | None, str | None]]


class SceneLabels:
    """Masks of one segment: ``len()`` and ``[i]`` -> uint8 (H, W), 0 and 1, for every frame of a sweep.

    Parameters
    ----------
    name : str
        Of the segmentation.
    sweep : SceneSweep
        What was segmented.
    masks : GridMask or None for each frame
        None for frames without a segmentation.
    marks : list of (confidence, checksum)
        What segmentation left, None for what is not known.
    watched : list of vtkMRMLNode
        The nodes that were read.

    Attributes
    ----------
    segmented : list of int
        Frames that have a segmentation, be it empty.
    notes : list of str
        What the user should know.

    Raises
    ------
    InputError
        If the segmentation lies elsewhere.
    """

    def __init__(
        self, name: str, sweep: SceneSweep, masks: Sequence[GridMask | None], marks: Marks, watched: list[Any]
    ) -> None:
        self.name, self.sweep, self.watched = name, sweep, watched
        self._masks, self._marks = list(masks), marks
        self.segmented = [index for index, mask in enumerate(self._masks) if mask is not None]
        self.notes: list[str] = []
        known = [mask for mask in self._masks if mask is not None]
        if known and any(mask.lost for mask in known) and not any(self[index].any() for index in self.segmented):
            raise InputError(
                f"Segmentation {name!r} does not lie on {sweep.name!r}: nothing of its segment is inside; choose what "
                "was segmented."
            )
        if any(mask.resampled for mask in known):
            self.notes.append(f"Segmentation {name!r} has another grid than {sweep.name!r} and was resampled to it.")

    def __len__(self) -> int:
        return len(self._masks)

    def __getitem__(self, index: int) -> LabelMask:
        mask = self._masks[index]
        return np.zeros(self.sweep.frame_shape[:2], np.uint8) if mask is None else mask.frame()

    def is_corrected(self, index: int) -> bool | None:
        """Say whether somebody has changed what segmentation found on a frame; None where it did not make the mask."""
        made = self._marks[index][1]
        return None if made is None else checksum(self[index]) != made

    def confidence(self, index: int) -> float | None:
        """Return the confidence of a frame whose mask is still the one that segmentation found."""
        return None if self.is_corrected(index) in (None, True) else self._marks[index][0]


def read_scene_labels(
    environment: SceneEnvironment, segmentation: Any, sweep: SceneSweep, segment: str | None = None
) -> SceneLabels:
    """Read the masks of a sweep's frames.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    segmentation : vtkMRMLNode
        A segmentation of a volume; for a sequence a sequence of segmentations, or the proxy that shows it.
    sweep : SceneSweep
        What was segmented.
    segment : str or None
        Identifier or name of the lumen's segment.

    Raises
    ------
    InputError
        If the node is no segmentation, has no such segment or does not belong to the sweep.
    """
    if segmentation is None:
        raise InputError("No segmentation was given; choose one.")
    if not hasattr(segmentation, "IsA") or not environment.holds(segmentation):
        raise InputError(f"The segmentation must be a node of this scene, got {segmentation!r}.")
    found = find_sequence(environment, segmentation)
    if found is None and not segmentation.IsA(SEGMENTATION_CLASS):
        raise InputError(f"{segmentation.GetName()!r} is a {segmentation.GetNodeTagName()} node; give a segmentation.")
    if isinstance(sweep, SequenceSweep):
        return _of_sequence(segmentation, found, sweep, segment)
    return _of_volume(segmentation, found, sweep, segment)


def _of_volume(segmentation: Any, found: Any, sweep: SceneSweep, segment: str | None) -> SceneLabels:
    name = segmentation.GetName()
    if found is not None:
        raise InputError(
            f"{name!r} belongs to a sequence but {sweep.name!r} is a volume; choose the sequence's images."
        )
    chosen = choose_segment(f"Segmentation {name!r}", segment_names(segmentation), segment)
    labelmap = copied_labelmap(segmentation, chosen)
    whole = GridMask(labelmap, sweep.first_slab, between(segmentation, sweep.shown))
    masks = [whole.at(index) for index in range(len(sweep))]
    return SceneLabels(name, sweep, masks, split_marks(segmentation, len(sweep)), [segmentation])


def _of_sequence(segmentation: Any, found: Any, sweep: SequenceSweep, segment: str | None) -> SceneLabels:
    if found is None:
        raise InputError(
            f"Segmentation {segmentation.GetName()!r} belongs to no sequence but {sweep.name!r} is one; give a "
            "sequence of segmentations, one for each frame."
        )
    sequence, browser = found
    nodes = _nodes_by_frame(sequence, sweep)
    names = {identifier: name for node in nodes if node is not None for identifier, name in segment_names(node).items()}
    chosen = choose_segment(f"Sequence {sequence.GetName()!r}", names, segment)
    shown = browser.GetProxyNode(sequence) if browser is not None else None
    transform = between(shown, sweep.shown)
    masks: list[GridMask | None] = []
    marks: Marks = []
    for node, slab in zip(nodes, sweep.slabs, strict=True):
        has_segment = node is not None and node.GetSegmentation().GetSegment(chosen) is not None
        labelmap = copied_labelmap(node, chosen) if has_segment else None
        masks.append(None if node is None else GridMask(labelmap, slab, transform).at(0))
        marks += [(None, None)] if node is None else split_marks(node, 1)
    return SceneLabels(sequence.GetName(), sweep, masks, marks, [sequence])


def _nodes_by_frame(sequence: Any, sweep: SequenceSweep) -> list[Any]:
    """Return the segmentation of each frame, by index value; None for frames that have none."""
    title, count = f"Sequence {sequence.GetName()!r}", sequence.GetNumberOfDataNodes()
    nodes = {sequence.GetNthIndexValue(item): sequence.GetNthDataNode(item) for item in range(count)}
    for node in nodes.values():
        if node is None or not node.IsA(SEGMENTATION_CLASS):
            kind = "missing" if node is None else f"{node.GetNodeTagName()} nodes"
            raise InputError(f"{title} holds {kind}; give a sequence of segmentations.")
    unknown = [value for value in nodes if value not in sweep.index_values]
    if unknown or not nodes:
        where = f"one at {unknown[0]!r} that fits no frame" if unknown else "none"
        raise InputError(
            f"{title} holds {count} segmentations, {where} of {sweep.name!r}, which has {len(sweep)} frames; give the "
            "segmentations of these frames, with the same index values."
        )
    return [nodes.get(value) for value in sweep.index_values]
