"""What was measured, one value a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One value.

    Parameters
    ----------
    section : str
        One of :data:`.settings.SECTIONS`.
    method : str
        What was measured, in words.
    measure : str
        Such as "latency p50".
    value : float or None
        None where it was not measured; the note then says why.
    unit : str
    device : str
    size : str
        Of a frame, such as "512x512"; empty where there is none.
    frames : int or None
        Of a sweep.
    repeats : int or None
        How many the value is the median of.
    note : str
    """

    section: str
    method: str
    measure: str
    value: float | None
    unit: str
    device: str = ""
    size: str = ""
    frames: int | None = None
    repeats: int | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the row as names and values."""
        return asdict(self)


@dataclass
class Results:
    """All rows of a run, what they were measured on, and which sections failed, with the reason."""

    settings: dict[str, Any]
    machine: dict[str, Any] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows of a section, one by one: if measuring fails, those before are kept."""
        for row in rows:
            self.rows.append(row)

    def select(self, section: str, measure: str | None = None, **wanted: Any) -> Iterator[Row]:
        """Yield the rows with these values."""
        for row in self.rows:
            if row.section != section or (measure is not None and row.measure != measure):
                continue
            if all(getattr(row, name) == value for name, value in wanted.items()):
                yield row

    def value(self, section: str, measure: str, **wanted: Any) -> float | None:
        """Return the first value of this kind that was measured."""
        found = (row.value for row in self.select(section, measure, **wanted) if row.value is not None)
        return next(found, None)


def skipped(section: str, method: str, measure: str, unit: str, reason: str, **more: Any) -> Row:
    """Return the row of what was not measured."""
    return Row(section, method, measure, None, unit, note=reason, **more)
