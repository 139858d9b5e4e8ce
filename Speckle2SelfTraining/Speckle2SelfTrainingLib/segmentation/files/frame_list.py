"""Frame numbers in a sentence: people count from 1, as Slicer's sequence browser does, Python counts from 0."""

from __future__ import annotations

from collections.abc import Sequence

MOST_RANGES = 8


def frame_list(numbers: Sequence[int]) -> str:
    """Return rising numbers, counted from 0, in words, counted from 1: runs as ``12-40``, long lists shortened."""
    runs: list[list[int]] = []
    for number in (one + 1 for one in numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [part for run in runs for part in _parts(run)]
    shown, left = parts[:MOST_RANGES], parts[MOST_RANGES:]
    rest = sum(1 if len(part) == 1 else part[1] - part[0] + 1 for part in left)
    text = ", ".join("-".join(str(bound) for bound in part) for part in shown)
    return text + (f" and {rest} more" if rest else "")


def _parts(run: list[int]) -> list[list[int]]:
    return [[run[0], run[-1]]] if len(run) > 2 else [[number] for number in run]


def frames_text(numbers: Sequence[int]) -> str:
    """Return numbers of frames, counted from 0, as text: ``frames 4, 8-10 (counted from 1)``."""
    return f"{'frame' if len(numbers) == 1 else 'frames'} {frame_list(sorted(numbers))} (counted from 1)"


def not_found_note(missing: Sequence[int], count: int) -> str | None:
    """Return on which of `count` frames there is no lumen; None where every one has it.

    Parameters
    ----------
    missing : sequence of int
        Their numbers, counted from 0.
    """
    if not missing:
        return None
    if count == 1:
        return "no lumen found"
    if len(missing) == count:
        return f"no lumen found on any of the {count} frames"
    return f"no lumen found on {frames_text(missing)}"
