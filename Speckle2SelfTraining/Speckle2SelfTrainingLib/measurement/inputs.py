"""What is measured: masks of a label file, or those that a model finds on pictures, and what is known about them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .centers import FrameMatrices, matrices_of
from .input_kind import kind_of_frames, named_as_labels
from .positions import FramePlaces, slice_positions, sweep_positions

if TYPE_CHECKING:
    from Speckle2SelfLib.files import Geometry, Sweep

    from ..segmentation import SegmentedFrame, Segmenter
    from ..segmentation.files import LabelSweep

MaskAndConfidence = tuple[NDArray[np.uint8], float | None]


@dataclass
class MeasuredInput:
    """Masks to measure and what is known about their frames.

    Attributes
    ----------
    count : int
        Number of frames.
    masks : iterator of (uint8 array (H, W), float or None)
        Mask and confidence of every frame, in order; each can be taken once.
    spacing : (float, float) or None
        Pixel size (row, column), mm.
    places : FramePlaces or None
    times : list of float or None
        Seconds since the first frame.
    matrices : FrameMatrices or None
        Where pixels lie in the patient, as the file says.
    about : dict
        Where the masks come from, JSON-ready.
    notes : list of str
        Sentences for the user.
    """

    count: int
    masks: Iterator[MaskAndConfidence]
    spacing: tuple[float, float] | None
    places: FramePlaces | None
    times: list[float] | None
    matrices: FrameMatrices | None = None
    about: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """How a file is read, and which structure of a label file is measured.

    Parameters
    ----------
    label : int or None
        Its value; None takes the only one.
    segment : str or None
        Its name, in a segmentation.
    frame_axis : int or None
        Array axis of a volume that counts frames.
    """

    label: int | None = None
    segment: str | None = None
    frame_axis: int | None = None


def is_label_file(path: Path, kind: str | None, reading: Reading) -> bool:
    """Return whether a file or folder holds labels; `kind` ("labels" or "pictures") is believed where given."""
    if kind is not None:
        return kind == "labels"
    return named_as_labels(path) or kind_of_frames(_open(path, reading)) == "labels"


def labels_input(path: Path, reading: Reading) -> MeasuredInput:
    """Read what is to be measured from a label map, a segmentation or a folder of masks."""
    from ..segmentation.files import read_labels

    found = read_labels(path, label=reading.label, segment=reading.segment, frame_axis=reading.frame_axis)
    # Only tracked sequences hold transforms.
    sweep = _open(path, reading) if found.sequence and path.is_file() else None
    return _of_labels(found, sweep)


def pictures_with_labels_input(path: Path, labels: Path, reading: Reading) -> MeasuredInput:
    """Read the labels of a sweep; what the sweep says about its frames counts."""
    from ..segmentation.files import read_labels

    sweep = _open(path, reading)
    found = read_labels(labels, label=reading.label, segment=reading.segment, like=sweep, frame_axis=reading.frame_axis)
    read = _of_labels(found, sweep)
    read.about["pictures"] = path.name
    return read


def segmented_input(
    path: Path, reading: Reading, segmenter: Segmenter, spacing: tuple[float, float] | None
) -> MeasuredInput:
    """Segment pictures on the way.

    Parameters
    ----------
    path : Path
        A sweep, or a folder whose images are its frames.
    reading : Reading
    segmenter : Segmenter
    spacing : (float, float) or None
        Pixel size (row, column) in mm that the user knows; it counts before what the file says.
    """
    from ..segmentation.files import pixel_spacing

    sweep = _open(path, reading)
    spacing = spacing or pixel_spacing(sweep)
    places = sweep_positions(sweep)
    results = segmenter.stream(sweep.frames, spacing=spacing, color=sweep.color, keep=sweep.keep)
    notes = [*sweep.notes, *(places.notes if places else ())]
    return MeasuredInput(
        count=len(sweep),
        masks=_masks(results, segmenter, notes),
        spacing=spacing,
        places=places,
        times=_since_first(sweep.frame_times),
        matrices=matrices_of(sweep, _volume_geometry(sweep), len(sweep)),
        about={"masks": "segmented by a model", "model": segmenter.provenance()},
        notes=notes,
    )


def _masks(results: Iterator[SegmentedFrame], segmenter: Segmenter, notes: list[str]) -> Iterator[MaskAndConfidence]:
    """Yield masks as they come; what the machine had to say about them joins the notes at the end."""
    for found in results:
        yield found.mask, found.confidence
    notes.extend(segmenter.engine.notes)


def _of_labels(found: LabelSweep, sweep: Sweep | None) -> MeasuredInput:
    confidences: list[float | None] = [None] * len(found) if found.confidences is None else [*found.confidences]
    places = (sweep_positions(sweep) if sweep else None) or slice_positions(found.positions)
    about: dict[str, Any] = {"masks": "read from labels", "labels": found.path.name, "label": found.label}
    if found.name is not None:
        about["segment"] = found.name
    return MeasuredInput(
        count=len(found),
        masks=zip(found.frames, confidences, strict=True),
        spacing=found.spacing,
        places=places,
        times=_since_first(found.times),
        matrices=matrices_of(sweep, None if found.sequence else found.geometry, len(found)),
        about=about,
        notes=[*found.notes, *(places.notes if places else ())],
    )


def _volume_geometry(sweep: Sweep) -> Geometry | None:
    return None if sweep.sequence else sweep.geometry


def _open(path: Path, reading: Reading) -> Sweep:
    from Speckle2SelfLib.files import open_sweep

    return open_sweep(path, frame_axis=reading.frame_axis, stack=path.is_dir())


def _since_first(times: list[float] | None) -> list[float] | None:
    return None if times is None else [time - times[0] for time in times]
