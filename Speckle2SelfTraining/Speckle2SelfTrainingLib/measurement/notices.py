"""What has to be said with the numbers of a sweep."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..segmentation.files.frame_list import frames_text, not_found_note
from .cycles import RANGE, Distension
from .plausibility import CUT, SEVERAL
from .profile import Minimum
from .result import Axis, FrameMeasures


def notices_about(
    rows: Sequence[FrameMeasures],
    unit: str,
    jumping: Sequence[int],
    alone: Sequence[int],
    minimum_confidence: float,
    minimum: Minimum | None,
    distension: Distension | None,
    axis: Axis,
) -> list[str]:
    """Return the sentences, the most important ones first."""
    said = []
    missing = [row.frame for row in rows if not row.lumen.found]
    if missing:
        sentence = not_found_note(missing, len(rows)) or ""
        said.append(f"{sentence[:1].upper()}{sentence[1:]}.")
    if unit == "px":
        said.append("The size of pixels is not known: lengths are in pixels (px), areas in square pixels.")
    said += _doubt_notices(rows)
    unsure = [row.frame for row in rows if row.lumen.found and row.lumen.confidence < minimum_confidence]
    if unsure:
        said.append(f"Left out of the summary for a confidence below {minimum_confidence:g}: {frames_text(unsure)}.")
    if jumping:
        said.append(
            f"Left out of the summary because the diameter differs by more than 30 % from the neighbors: "
            f"{frames_text(jumping)}."
        )
    if alone:
        said.append(
            "Left out of the summary because fewer than two of the four frames around are usable: "
            f"{frames_text(alone)}."
        )
    if minimum is None and len(rows) > 2 and len(missing) < len(rows):
        said.append("No minimum is given: it takes three usable frames out of five.")
    if axis == "time" and len(rows) > 1:
        said += _distension_notices(distension, unit)
    return said


def _doubt_notices(rows: Sequence[FrameMeasures]) -> list[str]:
    frames_by_doubt: dict[str, list[int]] = {}
    for row in rows:
        for doubt in row.lumen.doubts:
            frames_by_doubt.setdefault(doubt, []).append(row.frame)
    endings = {CUT: "; what is measured is a lower bound", SEVERAL: "; the largest is measured"}
    return [
        f"Left out of the summary, the lumen is {_being(doubt)}{endings.get(doubt, '')}: {frames_text(frames)}."
        for doubt, frames in frames_by_doubt.items()
    ]


def _being(doubt: str) -> str:
    return {"has holes": "holed", "no oval outline": "without an oval outline"}.get(doubt, doubt)


def _distension_notices(distension: Distension | None, unit: str) -> list[str]:
    if distension is None:
        return ["No distension is given: it takes five usable frames at rising times."]
    said = ["The distension holds if the probe was held still."]
    if distension.method == RANGE:
        said.append(
            "No heart beats could be told apart: the distension is the range from 5th to 95th percentile, "
            "which wrong outlines and motion of the probe widen."
        )
    if not math.isnan(distension.noise) and distension.distension < 2 * distension.noise:
        said.append(
            f"The distension of {distension.distension:.3g} {unit} cannot be told from the noise of single frames "
            f"({distension.noise:.2g} {unit})."
        )
    return said
