"""What ran, as attributes of the result: names, numbers and hashes, never a path or anything of the patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PREFIX = "Speckle2Self."


def attributes(provenance: Mapping[str, str], frames: int, notes: Sequence[str] = ()) -> dict[str, str]:
    """Return the attributes that say what ran, on how many frames, and what the user should know of it."""
    found = {PREFIX + key: str(value) for key, value in provenance.items()}
    found[PREFIX + "frames"] = str(frames)
    if notes:
        found[PREFIX + "Notes"] = " ".join(notes)
    return found


def is_result(node: Any) -> bool:
    """Say whether a node was made by this library."""
    return any(name.startswith(PREFIX) for name in node.GetAttributeNames())


def mark(node: Any, marks: Mapping[str, str]) -> None:
    """Write attributes to a node; those of an earlier run go."""
    for name in node.GetAttributeNames():
        if name.startswith(PREFIX):
            node.RemoveAttribute(name)
    for name, value in marks.items():
        node.SetAttribute(name, value)
