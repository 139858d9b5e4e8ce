"""Which frames of a segmentation are learned from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.frame_path.frames import ChosenFrames, Frames
from Speckle2SelfLib.scene.sweep import SceneSweep

from ..segmentation.files.frame_list import frames_text
from ..segmentation.labels import IGNORE
from .scene_labels import SceneLabels

AUTO, CORRECTED, ALL = "auto", "corrected", "all"
FrameChoice = str | Sequence[int]

MOST_UNLABELLED = 24
"""Frames of a sweep without a label that are sent as well: the model must not change where nobody has corrected it."""


class Corrections:
    """Frames of one sweep with the masks to learn, behind some that nobody has labelled.

    Parameters
    ----------
    labels : SceneLabels
        All masks of the sweep.
    labelled : list of int
        Frames to learn from.
    unlabelled : int
        How many of the others come along, spread over the sweep.

    Attributes
    ----------
    frames, masks : Frames
        As many of either; masks are 255 everywhere for frames without a label.
    notes : list of str
        What the user should know.
    """

    def __init__(self, labels: SceneLabels, labelled: list[int], unlabelled: int = 0) -> None:
        self.labels, self.labelled = labels, labelled
        others = [index for index in range(len(labels)) if index not in set(labelled)]
        spread = np.linspace(0, len(others) - 1, min(unlabelled, len(others))).round().astype(int)
        self._indices = [others[place] for place in dict.fromkeys(spread.tolist())] + labelled
        self.frames: Frames = ChosenFrames(labels.sweep, self._indices)
        self.masks: Frames = _Masks(labels, self._indices, set(labelled))
        self.notes = [*labels.notes, *_several_regions(labels, labelled)]

    @property
    def sweep(self) -> SceneSweep:
        """The sweep."""
        return self.labels.sweep


class _Masks:
    def __init__(self, labels: SceneLabels, indices: list[int], labelled: set[int]) -> None:
        self._labels, self._indices, self._labelled = labels, indices, labelled

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, place: int, /) -> NDArray[np.uint8]:
        index = self._indices[place]
        if index in self._labelled:
            return self._labels[index]
        return np.full(self._labels.sweep.frame_shape[:2], IGNORE, np.uint8)


def choose_frames(labels: SceneLabels, choice: FrameChoice = AUTO) -> list[int]:
    """Return the frames to learn from.

    Parameters
    ----------
    labels : SceneLabels
        All masks of the sweep.
    choice : {"auto", "corrected", "all"} or sequence of int
        "corrected": frames whose mask is another one than segmentation made, also where nothing is left of it. "all":
        all frames that show a lumen, and corrected ones without. "auto": the corrected ones where there are such, else
        all. Or numbers of frames, counted from 0.

    Raises
    ------
    InputError
        If no frame is left, or a number is none of the sweep.
    """
    if not isinstance(choice, str):
        return _given(labels, choice)
    if choice not in (AUTO, CORRECTED, ALL):
        raise InputError(f"frames must be 'auto', 'corrected', 'all' or numbers of frames, got {choice!r}.")
    corrected = [index for index in labels.segmented if labels.is_corrected(index)]
    if corrected and choice != ALL:
        return corrected
    if choice == CORRECTED:
        raise InputError(
            f"No frame of {labels.name!r} was corrected since it was segmented; correct some in the Segment Editor, or "
            "take all frames."
        )
    chosen = sorted({index for index in labels.segmented if labels[index].any()} | set(corrected))
    if not chosen:
        raise InputError(f"The segment of {labels.name!r} is empty on every frame; draw the lumen on some first.")
    return chosen


def _given(labels: SceneLabels, numbers: Sequence[int]) -> list[int]:
    wanted = sorted({int(number) for number in numbers})
    missing = [number for number in wanted if number not in labels.segmented]
    if missing or not wanted:
        said = f"{frames_text(missing[:1])} is none of them" if missing else "none was given"
        raise InputError(
            f"The frames to learn from must have a mask in {labels.name!r}, which has "
            f"{frames_text(labels.segmented)}; {said}."
        )
    return wanted


def _several_regions(labels: SceneLabels, labelled: list[int]) -> list[str]:
    from scipy import ndimage

    several = [index for index in labelled if ndimage.label(labels[index], np.ones((3, 3)))[1] > 1]
    if not several:
        return []
    where = f"{frames_text(several).capitalize()} of {labels.name!r}"
    return [f"{where}: more than one region; they were learned as they are."]
