"""Segment one file: source, path of the frames, sink."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from Speckle2SelfLib.commands.frame_range import chosen_frames
from Speckle2SelfLib.commands.progress_bar import with_progress
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfLib.files.sweep import Sweep, SweepWriter

from ..labels import LUMEN
from .confidence_entry import confidence_entry
from .frame_list import not_found_note
from .label_output import check_label, label_writer
from .spacing import pixel_spacing

if TYPE_CHECKING:
    from Speckle2SelfLib.commands.run_file import Watch

    from ..segmented_frame import SegmentedFrame
    from ..segmenter import Segmenter

CONFIDENCE_DIGITS = 3


def segment_file(
    source: str | Path,
    target: str | Path | Callable[[Sweep], Path],
    segmenter: Segmenter,
    *,
    frame_axis: int | None = None,
    frames: slice | None = None,
    stack: bool = False,
    spacing: tuple[float, float] | None = None,
    label: int = LUMEN,
    watch: Watch | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Segment a file into a label map or a segmentation, which appears complete or not at all.

    Notes for the user, and on which frames there is no lumen, go to standard error.

    Parameters
    ----------
    source : path
        Any file that :func:`~Speckle2SelfLib.files.open_sweep` opens.
    target : path, or callable (sweep) that returns one
        The suffix decides the format; ``.seg.nrrd`` is a segmentation of Slicer.
    segmenter : Segmenter
    frame_axis : int, optional
        Array axis of a volume that counts frames.
    frames : slice, optional
        Frames to segment and write; scale and neighbors come from the whole sweep all the same.
    stack : bool
        `source` is a folder whose images are the frames of one sweep.
    spacing : (float, float), optional
        Millimeters per pixel (row, column), where the file does not say or errs.
    label : int
        Value of the lumen in the output, 1 to 255.
    watch : Watch, optional
        Notes for the user are left to whoever keeps the record, who finds them in the report.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    dict
        A JSON-ready report: frames, size, spacing, on which frames there is no lumen, confidence of each, seconds.

    Raises
    ------
    InputError, OutputError
        If the file cannot be read, or the output cannot be written or cannot hold the result.
    SettingsError
        If the label is no value of a label map.
    """
    start = time.perf_counter()
    check_label(label)
    name = Path(source).name
    sweep = open_sweep(source, frame_axis=frame_axis, stack=stack)
    for note in sweep.notes if watch is None else []:
        print(f"speckle2self: {name}: {note}", file=sys.stderr)
    indices = chosen_frames(frames, len(sweep), name)
    place = target(sweep) if callable(target) else Path(target)
    size_of_pixels = spacing or pixel_spacing(sweep)
    with label_writer(sweep, place, indices, segmenter.provenance(), label) as writer:
        if watch is not None:
            watch.opened(sweep, writer)
        results: Iterable[SegmentedFrame] = segmenter.stream(
            sweep.frames, spacing=size_of_pixels, color=sweep.color, keep=sweep.keep, indices=indices
        )
        if progress:
            results = with_progress(results, len(indices), name)
        missing, confidences = _write(results, writer, label, watch)
        writer.describe(confidence_entry(confidences))
        absent = not_found_note(missing, len(indices))
        report = {
            "frames": len(indices),
            "frames_in_sweep": len(sweep),
            "first_frame": indices[0],
            "size": [int(length) for length in sweep.frame_shape[:2]],
            "spacing_mm": None if size_of_pixels is None else list(size_of_pixels),
            "output": place.name,
            "label": label,
            "no_lumen_on": missing,
            "confidence": confidences,
            "notes": [*sweep.notes, *([absent] if absent else [])],
            "seconds": round(time.perf_counter() - start, 3),
        }
        if watch is not None:
            watch.computed(report)
        writer.commit()
    if absent is not None and watch is None:
        print(f"speckle2self: {name}: {absent}.", file=sys.stderr)
    return {**report, "seconds": round(time.perf_counter() - start, 3)}


def _write(
    results: Iterable[SegmentedFrame], writer: SweepWriter, label: int, watch: Watch | None
) -> tuple[list[int], list[float]]:
    """Write masks as they come; return the numbers of frames without a lumen, and the confidence of every frame."""
    missing, confidences = [], []
    for position, result in enumerate(results):
        labels = np.multiply(result.mask, label, dtype=np.uint8)
        writer.write(position, labels)
        if watch is not None:
            watch.wrote(position, labels)
        confidences.append(round(float(result.confidence), CONFIDENCE_DIGITS))
        if not result.found:
            missing.append(result.index)
    return missing, confidences
