"""The option ``--frames`` of the commands."""

from __future__ import annotations

from ..errors import InputError, SettingsError


def frame_range(text: str | None) -> slice | None:
    """Read ``A:B``; either side may be left out."""
    if text is None:
        return None
    parts = text.split(":")
    try:
        first, last = (int(part) if part.strip() else None for part in parts)
    except ValueError:
        raise SettingsError(f"--frames must be A:B with whole numbers, got {text!r}.") from None
    if any(bound is not None and bound < 0 for bound in (first, last)):
        raise SettingsError(f"--frames counts from 0 at the first frame, got {text!r}.")
    return slice(first, last)


def chosen_frames(frames: slice | None, count: int, name: str) -> list[int]:
    """Return the numbers of the chosen frames out of `count`.

    Raises
    ------
    InputError
        If there is none.
    """
    indices = list(range(count))[frames or slice(None)]
    if not indices:
        raise InputError(f"No frame of {name!r} lies in that range: it has {count} frames.")
    return indices
