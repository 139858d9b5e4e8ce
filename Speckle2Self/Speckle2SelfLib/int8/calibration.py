"""What a model says about the values of its features, so that eight bits can stand for them; imports no torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

VERSION = 1
MAXIMUM_FEATURES, MAXIMUM_CHANNELS = 200, 128
LARGEST = 1e6
DIGITS = 4

Range = tuple[float, float]


@dataclass(frozen=True)
class Calibration:
    """Ranges of the features of a network.

    Parameters
    ----------
    ranges : mapping of str to (float, float)
        Smallest and largest value by the name of the layer that makes them; the smallest is at most 0, the largest
        above it.
    channels : mapping of str to sequence of (float, float)
        The same for every channel of the finest features.
    weights : str
        SHA-256 of the weights that it was made for; "" before they are saved.
    """

    ranges: Mapping[str, Range]
    channels: Mapping[str, Sequence[Range]]
    weights: str = ""

    @property
    def digest(self) -> str:
        """What tells it from others: the first 16 characters of a SHA-256."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """Return what stands in a model's metadata, rounded to four digits."""
        ranges = {name: _rounded(limits) for name, limits in self.ranges.items()}
        channels = {name: [_rounded(limits) for limits in each] for name, each in self.channels.items()}
        return {"version": VERSION, "weights": self.weights, "ranges": ranges, "channels": channels}

    @classmethod
    def from_dict(cls, values: Any) -> Calibration | None:
        """Return the calibration that metadata hold; None where there is none, or one that only later versions know.

        Raises
        ------
        ValueError
            If it is malformed.
        """
        if values is None:
            return None
        if not isinstance(values, dict) or type(values.get("version")) is not int:
            raise ValueError("it lacks its version")
        if values["version"] != VERSION:
            return None
        ranges, channels = (_section(values, name) for name in ("ranges", "channels"))
        return cls(
            {name: _range(name, limits) for name, limits in ranges.items()},
            {name: [_range(name, limits) for limits in _list(name, each)] for name, each in channels.items()},
            str(values.get("weights", "")),
        )


def _section(values: dict[str, Any], name: str) -> dict[str, Any]:
    section = values.get(name)
    if not isinstance(section, dict) or len(section) > MAXIMUM_FEATURES:
        raise ValueError(f"it must hold up to {MAXIMUM_FEATURES} {name}")
    return section


def _list(name: str, each: Any) -> list[Any]:
    if not isinstance(each, list) or not 0 < len(each) <= MAXIMUM_CHANNELS:
        raise ValueError(f"the channels of {name[:80]!r} must be a list of 1 to {MAXIMUM_CHANNELS} ranges")
    return each


def _range(name: str, limits: Any) -> Range:
    numbers = [limit for limit in limits if _is_number(limit)] if isinstance(limits, list) else []
    if len(numbers) != 2 or len(limits) != 2:
        raise ValueError(f"a range of {name[:80]!r} is not two numbers")
    low, high = numbers
    if not (-LARGEST <= low <= 0 and 1 / LARGEST <= high <= LARGEST):
        raise ValueError(f"a range of {name[:80]!r} must go from a number up to 0 to one above 0")
    return float(low), float(high)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _rounded(limits: Range) -> list[float]:
    return [float(f"{limit:.{DIGITS}g}") for limit in limits]
