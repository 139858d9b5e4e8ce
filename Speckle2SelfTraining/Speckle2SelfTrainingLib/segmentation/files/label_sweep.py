"""Masks read from a label map or a segmentation, with what is known about their pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.files.sweep import Geometry


@dataclass
class LabelSweep:
    """One structure on every frame of a sweep.

    Parameters
    ----------
    path : Path
        The file or folder that was read.
    frames : uint8 array (N, H, W)
        1 in the structure, 0 elsewhere, 255 where nobody has labelled (only where asked for).
    label : int
        Value of the structure in the file.
    name : str or None
        Name of the segment; label maps have none.
    spacing : (float, float) or None
        Millimeters per pixel (row, column); None where nothing states them.
    geometry : Geometry or None
        Position in the patient, where the file states one.
    times : list of float or None
        Seconds at which the frames were taken, where the file says.
    positions : list of float or None
        Millimeters of every frame along the sweep, counted from the first; None where nothing states them.
    confidences : list of float or None
        0 to 1 for every frame, where ``speckle2self segment`` wrote the file and the format has a place for them.
    sequence : bool
        True where frames follow each other in time rather than in space.
    notes : list of str
        Sentences for the user about how the file was understood.
    """

    path: Path
    frames: NDArray[np.uint8]
    label: int
    name: str | None = None
    spacing: tuple[float, float] | None = None
    geometry: Geometry | None = None
    times: list[float] | None = None
    positions: list[float] | None = None
    confidences: list[float] | None = None
    sequence: bool = False
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, index: int) -> NDArray[np.uint8]:
        frame: NDArray[np.uint8] = self.frames[index]
        return frame
