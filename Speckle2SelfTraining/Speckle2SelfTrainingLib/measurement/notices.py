"""What has to be said with the numbers of a sweep."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import groupby

from .cycles import RANGE, Distension
from .plausibility import CUT, SEVERAL
from .profile import Minimum
from .result import Axis, FrameMeasures

MOST_NAMED = 12  # groups of frames in one sentence


def notices_about(
    rows: Sequence[FrameMeasures],
    unit: str,
    jumping: Sequence[int],
    minimum_confidence: float,
    minimum: Minimum | None,
    distension: Distension | None,
    axis: Axis,
) -> list[str]:
    """Return the sentences, the most important ones first."""
    said = []
    missing = [row.frame for row in rows if not row.lumen.found]
    if missing:
        where = "any frame" if len(missing) == len(rows) else frames_text(missing)
        said.append(f"No lumen found on {where}.")
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
    if minimum is None and len(rows) > 2 and len(missing) < len(rows):
        said.append("No minimum is given: it takes three usable frames within five.")
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
        said.append("No heart beats could be told apart: the distension is the range from 5th to 95th percentile.")
    if not math.isnan(distension.noise) and distension.distension < 2 * distension.noise:
        said.append(
            f"The distension of {distension.distension:.3g} {unit} cannot be told from the noise of single frames "
            f"({distension.noise:.2g} {unit})."
        )
    return said


def frames_text(frames: Iterable[int]) -> str:
    """Return numbers of frames as text, runs joined: ``frames 3, 7-9``."""
    numbers = sorted(frames)
    runs = [list(run) for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
    words = [str(run[0][1]) if len(run) == 1 else f"{run[0][1]}-{run[-1][1]}" for run in runs]
    shown = ", ".join(words[:MOST_NAMED])
    if len(words) > MOST_NAMED:
        shown += f" and more, {len(numbers)} in all"
    return f"{'frame' if len(numbers) == 1 else 'frames'} {shown}"
