"""The lumens that were found so far, outside the scene."""

from __future__ import annotations

from ..segmentation import SegmentedFrame
from ..segmentation.files.frame_list import not_found_note
from .lumen_marks import frame_marks
from .lumen_masks import CutMask, checksum


class FoundLumens:
    """Collects segmented frames; of a mask it keeps no more than what the mask holds.

    Parameters
    ----------
    indices : list of int
        Frames that are computed.

    Attributes
    ----------
    indices : dict of int to int
        Number of the frame in the sweep, by position among those that are computed.
    masks : dict of int to CutMask
        By position; frames without a lumen are left out.
    marks : dict of int to dict
        Attributes of each frame, by position.
    """

    def __init__(self, indices: list[int]) -> None:
        self.indices = dict(enumerate(indices))
        self.masks: dict[int, CutMask] = {}
        self.marks: dict[int, dict[str, str]] = {}

    def add(self, position: int, frame: SegmentedFrame) -> None:
        """Take a segmented frame."""
        cut = CutMask.of(frame.mask) if frame.found else None
        if cut is not None:
            self.masks[position] = cut
        self.marks[position] = frame_marks(frame.confidence, checksum(frame.mask))

    def notes(self) -> list[str]:
        """Return which frames have no lumen, as a sentence."""
        missing = [index for position, index in self.indices.items() if position not in self.masks]
        sentence = not_found_note(missing, len(self.indices))
        return [] if sentence is None else [f"{sentence[0].upper()}{sentence[1:]}."]
