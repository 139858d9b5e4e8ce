"""Header entries that belong to one frame, as PLUS (``Seq_Frame0003_Timestamp``) and Slicer write them."""

from __future__ import annotations

import re
from collections.abc import Mapping

PLUS_FIELD = re.compile(r"(?P<before>Seq_Frame)(?P<number>\d+)(?P<after>_.*)", re.IGNORECASE | re.DOTALL)
SLICER_ITEM = re.compile(r"(?P<before>axis \d+ item )(?P<number>\d+)(?P<after> .*)", re.DOTALL)
SLICER_VALUES = re.compile(r"axis \d+ index values")
SECONDS = {"": 1.0, "s": 1.0, "sec": 1.0, "ms": 1e-3, "msec": 1e-3, "us": 1e-6}
"""Seconds in a unit of time, by its name; where a time has none, programs mean seconds."""


def is_plus_field(key: str) -> bool:
    """Return whether ``key`` names a value of one frame in the way of PLUS."""
    return PLUS_FIELD.fullmatch(key) is not None


def renumbered_key(key: str, positions: Mapping[int, int]) -> str | None:
    """Return the name of an entry after frames were selected; None where its frame was left out.

    Parameters
    ----------
    key : str
        Name of a header entry of any kind; entries of no frame keep their name.
    positions : mapping of int to int
        Number of each selected frame in the input, and its number in the output.
    """
    match = PLUS_FIELD.fullmatch(key) or SLICER_ITEM.fullmatch(key)
    if match is None:
        return key
    number = int(match["number"])
    if number not in positions:
        return None
    digits = str(positions[number]).zfill(len(match["number"]))
    return match["before"] + digits + match["after"]


def selected_value(key: str, value: str, count: int, positions: Mapping[int, int]) -> str:
    """Return the value of an entry after frames were selected (Slicer lists one index value per frame)."""
    values = value.split()
    if SLICER_VALUES.fullmatch(key) is None or len(values) != count:
        return value
    return " ".join(values[index] for index in sorted(positions))


def time_stamps(metadata: Mapping[str, str], count: int) -> list[float] | None:
    """Return the PLUS time stamps of all frames in seconds, None where one is missing or no number."""
    stamps = {}
    for key, value in metadata.items():
        match = PLUS_FIELD.fullmatch(key)
        if match and match["after"].lower() == "_timestamp":
            try:
                stamps[int(match["number"])] = float(value)
            except ValueError:
                return None
    return [stamps[index] for index in range(count)] if set(range(count)) <= set(stamps) else None


def index_times(metadata: Mapping[str, str], name: str, unit: str, count: int) -> list[float] | None:
    """Return the times of all frames in seconds that the index of a sequence of Slicer holds; None where it has none.

    Parameters
    ----------
    metadata : mapping of str to str
        Entries of the header, ``axis K index values`` among them.
    name, unit : str
        What the index is, and in which unit.
    count : int
        Number of frames.
    """
    factor = SECONDS.get(unit.lower())
    if name.lower() != "time" or factor is None:
        return None
    values = next((value for key, value in metadata.items() if SLICER_VALUES.fullmatch(key)), "")
    try:
        times = [float(word) * factor for word in values.split()]
    except ValueError:
        return None
    return times if len(times) == count else None


def select(metadata: Mapping[str, str], count: int, positions: Mapping[int, int]) -> dict[str, str]:
    """Return metadata for the selected frames out of ``count``."""
    chosen = {}
    for key, value in metadata.items():
        new_key = renumbered_key(key, positions)
        if new_key is not None:
            chosen[new_key] = selected_value(key, value, count, positions)
    return chosen
