"""Which segment of a segmentation is the lumen."""

from __future__ import annotations

from typing import Any

from Speckle2SelfLib.errors import InputError

from ..segmentation.files.segmentation_writing import IDENTIFIER
from ..segmentation.labels import LUMEN_NAME

MOST_NAMED = 8


def segment_names(segmentation: Any) -> dict[str, str]:
    """Return the names of a segmentation's segments by identifier."""
    segments = segmentation.GetSegmentation()
    return {name: segments.GetSegment(name).GetName() for name in segments.GetSegmentIDs()}


def choose_segment(title: str, names: dict[str, str], wanted: str | None) -> str:
    """Return the identifier of a segment.

    Parameters
    ----------
    title : str
        What the segmentation is called, for messages.
    names : dict of str
        Of :func:`segment_names`, of all frames together.
    wanted : str or None
        Identifier or name; None takes the lumen that segmentation made, or the only segment there is.

    Raises
    ------
    InputError
        If there is none, or several and none is asked for.
    """
    if not names:
        raise InputError(f"{title} has no segment; draw the lumen in the Segment Editor, or segment first.")
    shown = ", ".join(repr(name) for name in list(names.values())[:MOST_NAMED])
    if wanted is not None:
        found = [identifier for identifier, name in names.items() if wanted in (identifier, name)]
        if not found:
            raise InputError(f"{title} has no segment {wanted!r}; it has {shown}: choose one of them.")
        return found[0]
    if len(names) == 1:
        return next(iter(names))
    lumens = [identifier for identifier, name in names.items() if identifier == IDENTIFIER or name == LUMEN_NAME]
    if len(lumens) != 1:
        raise InputError(f"{title} has the segments {shown}; say which of them is the lumen.")
    return lumens[0]
