"""Every measure of a method's frames against the input and, where there is one, the truth."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from Speckle2SelfLib.errors import InputError

from . import box_measures, brightness_measures, edge_measures, texture_measures, truth_measures
from .boxes import Box, Boxes, find_boxes
from .frames import LEVELS, Gray8, Mask
from .perceptual_measures import lpips_distance

HIGHER, LOWER, ONE = "higher", "lower", "one"


@dataclass(frozen=True)
class Measure:
    """A column of the tables.

    Parameters
    ----------
    name, title : str
        In files, and for people.
    best : {"higher", "lower", "one"}
        Which value is best; "one" stands for the value closest to 1.
    decimals : int
    """

    name: str
    title: str
    best: str
    decimals: int


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("psnr", "PSNR", HIGHER, 2),
        Measure("ssim", "SSIM", HIGHER, 3),
        Measure("gmsd", "GMSD", LOWER, 4),
        Measure("lpips", "LPIPS", LOWER, 3),
        Measure("edge", "edge of truth", ONE, 3),
        Measure("homogeneity", "Hom", HIGHER, 3),
        Measure("msr", "MSR", HIGHER, 2),
        Measure("enl", "ENL", HIGHER, 1),
        Measure("cnr", "CNR", HIGHER, 2),
        Measure("gcnr", "gCNR", HIGHER, 3),
        Measure("edges_3", "edge kept (sigma 3)", ONE, 3),
        Measure("edges_1", "edge kept (sigma 1)", ONE, 3),
        Measure("tone", "tone", ONE, 3),
        Measure("black", "black", LOWER, 3),
        Measure("flicker", "flicker", LOWER, 3),
    )
}
WITH_TRUTH = ("psnr", "ssim", "gmsd", "lpips", "edge")


@dataclass(frozen=True)
class MeasuredMethod:
    """What was measured of one method: a row of a table.

    Attributes
    ----------
    method : str
    frames : int
        Number of frames measured.
    values : dict
        Mean over the frames by name of the measure (:data:`MEASURES`); what could not be measured is left out.
    per_frame : list of dict
    note : str
        How it was run, or why it was not.
    parameters : dict
    seconds : float or None
        Processor time per frame.
    """

    method: str
    frames: int
    values: dict[str, float]
    per_frame: list[dict[str, float]] = field(default_factory=list)
    note: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None


def evaluate_frames(
    original: Sequence[Gray8],
    results: Mapping[str, Sequence[Gray8]],
    *,
    truth: Sequence[Gray8] | None = None,
    boxes: Sequence[Boxes] | None = None,
    valid: Mask | None = None,
    consecutive: bool = False,
) -> list[MeasuredMethod]:
    """Measure despeckled frames; the input comes first, for comparison.

    Parameters
    ----------
    original : sequence of uint8 arrays (H, W)
    results : mapping of method to as many uint8 arrays (H, W)
        A method may have fewer frames than the input: then it is measured on the first ones.
    truth : sequence of uint8 arrays (H, W), optional
        The clean frames.
    boxes : sequence of Boxes, optional
        Of tissue and lumen, one per frame; found where left out.
    valid : bool array (H, W), optional
        Where found boxes may lie.
    consecutive : bool
        The frames follow each other in time: flicker is measured.

    Returns
    -------
    list of MeasuredMethod

    Raises
    ------
    InputError
        If numbers or sizes of frames differ, or frames are not 8-bit gray.
    """
    for name, frames in {"input": original, **results}.items():
        check_frames(name, frames, original)
    if truth is not None:
        check_frames("truth", truth, original)
        if len(truth) != len(original):
            raise InputError(f"The truth has {len(truth)} frames, the input {len(original)}: give as many.")
    if boxes is None:
        boxes = [find_boxes(frame, valid) for frame in (original if truth is None else truth)]
    if len(boxes) != len(original):
        raise InputError(f"There are boxes for {len(boxes)} frames, but the input has {len(original)}.")
    flicker_box = find_boxes(np.mean(original, axis=0), valid).tissue if consecutive else None
    return [
        measure_method(name, frames, original, truth, boxes, flicker_box)
        for name, frames in {"input": original, **results}.items()
    ]


def measure_method(
    name: str,
    frames: Sequence[Gray8],
    original: Sequence[Gray8],
    truth: Sequence[Gray8] | None,
    boxes: Sequence[Boxes],
    flicker_box: Box | None = None,
) -> MeasuredMethod:
    """Measure the first frames of one method; see :func:`evaluate_frames`."""
    per_frame = [
        FrameMeasures(original[index], None if truth is None else truth[index], boxes[index]).of(frame)
        for index, frame in enumerate(frames)
    ]
    values = mean_values(per_frame)
    if flicker_box is not None and len(frames) > 1:
        values["flicker"] = brightness_measures.flicker(frames, original[: len(frames)], flicker_box)
    return MeasuredMethod(name, len(frames), values, per_frame)


class FrameMeasures:
    """All measures of results of one frame.

    Parameters
    ----------
    original : uint8 array (H, W)
    truth : uint8 array (H, W), optional
    boxes : Boxes
        What needs a truth or a box that is not there is left out.
    """

    def __init__(self, original: Gray8, truth: Gray8 | None, boxes: Boxes) -> None:
        self._original, self._truth, self._boxes = original, truth, boxes
        self._edges = edge_measures.Edges(original)
        self._true_edges = None if truth is None else edge_measures.Edges(truth)

    def of(self, frame: Gray8) -> dict[str, float]:
        """Return the measures of a result (H, W) by name."""
        values = {**self._against_truth(frame), **self._against_input(frame), **self._in_boxes(frame)}
        return {name: value for name, value in values.items() if not math.isnan(value)}

    def _against_truth(self, frame: Gray8) -> dict[str, float]:
        truth, edges = self._truth, self._true_edges
        if truth is None or edges is None:
            return {}
        values = {
            "psnr": truth_measures.psnr(frame, truth, LEVELS),
            "ssim": truth_measures.ssim(frame, truth, LEVELS),
            "gmsd": truth_measures.gmsd(frame, truth, LEVELS),
            "edge": edges.kept(frame, 1.0),
        }
        distance = lpips_distance()[0]
        return values if distance is None else values | {"lpips": distance(frame, truth)}

    def _against_input(self, frame: Gray8) -> dict[str, float]:
        return {
            "homogeneity": texture_measures.homogeneity(frame),
            "edges_3": self._edges.kept(frame, 3.0),
            "edges_1": self._edges.kept(frame, 1.0),
            "tone": brightness_measures.tone(frame, self._original),
        }

    def _in_boxes(self, frame: Gray8) -> dict[str, float]:
        tissue, lumen = self._boxes.tissue, self._boxes.lumen
        values: dict[str, float] = {}
        if tissue is not None:
            values["msr"] = box_measures.mean_to_spread(frame, tissue)
            values["enl"] = box_measures.equivalent_looks(frame, tissue)
        if lumen is not None:
            values["black"] = box_measures.black_share(frame, lumen)
        if tissue is not None and lumen is not None:
            values["cnr"] = box_measures.contrast_to_noise(frame, tissue, lumen)
            values["gcnr"] = box_measures.generalized_contrast(frame, tissue, lumen)
        return values


def mean_values(per_frame: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean over the frames that have it, for every measure, in the order of the table."""
    found = {name: [values[name] for values in per_frame if name in values] for name in MEASURES}
    return {name: float(np.mean(numbers)) for name, numbers in found.items() if numbers}


def best_methods(rows: Sequence[MeasuredMethod], *, leave_out: Sequence[str] = ("input",)) -> dict[str, str]:
    """Return which method is best in every measure; the input, which keeps everything, does not take part."""
    best: dict[str, str] = {}
    for name, measure in MEASURES.items():
        taking_part = [row for row in rows if name in row.values and row.method not in leave_out]
        if taking_part:
            best[name] = min(taking_part, key=lambda row: _distance(row.values[name], measure.best)).method
    return best


def _distance(value: float, best: str) -> float:
    return -value if best == HIGHER else value if best == LOWER else abs(value - 1)


def check_frames(name: str, frames: Sequence[Gray8], original: Sequence[Gray8]) -> None:
    """Refuse frames that cannot be compared with the input.

    Raises
    ------
    InputError
        If there are none or too many, or one is not 8-bit gray of the input's size.
    """
    if not 1 <= len(frames) <= len(original):
        raise InputError(f"{name!r} has {len(frames)} frames, the input {len(original)}: give one for each.")
    for index, (frame, source) in enumerate(zip(frames, original, strict=False)):
        if frame.shape != source.shape or frame.ndim != 2 or frame.dtype != np.uint8:
            raise InputError(
                f"Frame {index} of {name!r} has shape {frame.shape} and type {frame.dtype}; "
                f"{source.shape} and uint8 are expected."
            )
