"""Which frames to compute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from .environment import SceneEnvironment
from .sweep import SceneSweep


@dataclass(frozen=True)
class Selection:
    """Frames of a sweep.

    Parameters
    ----------
    indices : list of int
        Their numbers, ascending, without gaps.
    preview : bool
        Whether it is the current frame alone, whose result is a volume even if the input is a sequence.
    """

    indices: list[int]
    preview: bool = False


def select(frames: Any, sweep: SceneSweep, environment: SceneEnvironment) -> Selection:
    """Return the frames meant by None (all), "current" or (first, last), both included and counted from 0.

    Raises
    ------
    InputError
        If it is nothing of that, or outside the sweep.
    """
    count = len(sweep)
    if frames is None:
        return Selection(list(range(count)))
    if isinstance(frames, str) and frames == "current":
        return Selection([sweep.current(environment)], preview=True)
    if _is_range(frames):
        first, last = frames
        if 0 <= first <= last < count:
            return Selection(list(range(first, last + 1)))
        raise InputError(f"frames {first} to {last} are not in this sweep, which has frames 0 to {count - 1}.")
    raise InputError(f"frames must be None (all), 'current' or (first, last), got {frames!r}.")


def _is_range(frames: Any) -> bool:
    if not isinstance(frames, (tuple, list)) or len(frames) != 2:
        return False
    return all(isinstance(frame, int) and not isinstance(frame, bool) for frame in frames)
