"""The record of one file of an archive, in three steps: begun, computed, finished.

Begun says what a killed run leaves half-written. Computed, stored before the output appears, says what the output will
hold, so that one that appeared just before a kill is known to be good. Finished says how the verified output is known
again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from ..commands.report import publish_report
from ..files.output_place import writing_to
from .identity import FileIdentity, are_still
from .order import FileOrder

VERSION = 1


@dataclass(frozen=True)
class Expected:
    """What the result of a file must hold.

    Parameters
    ----------
    place : str
        Where it is, relative to the output folder.
    count : int
        Frames.
    shape : tuple of int
        Of a frame.
    dtype : str
        Of its pixels.
    sums : tuple of int
        Checksum of every frame in the order of writing.
    """

    place: str
    count: int
    shape: tuple[int, ...]
    dtype: str
    sums: tuple[int, ...]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Return what ``dataclasses.asdict`` made."""
        shape, sums = (tuple(int(number) for number in values[name]) for name in ("shape", "sums"))
        return cls(str(values["place"]), int(values["count"]), shape, str(values["dtype"]), sums)


@dataclass(frozen=True)
class Record:
    """What is known of one file.

    Parameters
    ----------
    made_with : dict
        As in :class:`.order.Archive`.
    inputs : tuple of FileIdentity
        Files that were read, relative to the input folder.
    temporaries : tuple of str
        Names of the files that are there until the output is, relative to the output folder.
    expected : Expected or None
        What the output holds, once it is computed and until it is finished.
    outputs : tuple of FileIdentity
        What was written and verified, relative to the output folder; empty until then.
    report : dict
        What the job said of it, once computed.
    """

    made_with: dict[str, Any]
    inputs: tuple[FileIdentity, ...]
    temporaries: tuple[str, ...] = ()
    expected: Expected | None = None
    outputs: tuple[FileIdentity, ...] = ()
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        """Whether the output was verified."""
        return bool(self.outputs)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return the record of a file; None where there is none that can be used."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if values["version"] != VERSION:
                return None
            expected = values.get("expected")
            return cls(
                made_with=dict(values["made_with"]),
                inputs=tuple(FileIdentity.from_dict(one) for one in values["inputs"]),
                temporaries=tuple(map(str, values["temporaries"])),
                expected=None if expected is None else Expected.from_dict(expected),
                outputs=tuple(FileIdentity.from_dict(one) for one in values["outputs"]),
                report=dict(values["report"]),
            )
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            return None

    def write(self, path: Path) -> None:
        """Store the record; it appears complete or not at all."""
        values = {
            "version": VERSION,
            "made_with": self.made_with,
            "inputs": [one.to_dict() for one in self.inputs],
            "temporaries": list(self.temporaries),
            "expected": None if self.expected is None else asdict(self.expected),
            "outputs": [one.to_dict() for one in self.outputs],
            "report": self.report,
        }
        with writing_to(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        publish_report(path, values)

    def reason_to_redo(self, order: FileOrder) -> str | None:
        """Return what speaks against taking the finished output as it is, as words; None where nothing does."""
        if self.made_with != order.archive.made_with:
            return f"was made with {_difference(self.made_with, order.archive.made_with)}"
        if not are_still(self.inputs, order.archive.source):
            return "has another input now"
        if not order.goes_to(self.outputs[0].name):
            return "has another name now"
        if not are_still(self.outputs, order.archive.target):
            return "is missing or was changed since"
        return None

    def can_be_there(self, order: FileOrder) -> bool:
        """Return whether an unfinished record is of a run that may have been killed behind the output's appearance."""
        return (
            self.expected is not None
            and order.goes_to(self.expected.place)
            and self.made_with == order.archive.made_with
            and are_still(self.inputs, order.archive.source)
        )

    def remove_temporaries(self, order: FileOrder) -> None:
        """Remove what a killed run left half-written."""
        for name in self.temporaries:
            if not Path(name).name.startswith("."):
                continue  # no name that this program gives
            (order.archive.target / name).unlink(missing_ok=True)


def _difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    names = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    if "command" in names:
        return "another command"
    short = [f"{name} {old.get(name)} instead of {new.get(name)}" for name in names if not name.endswith("sha256")]
    return ", ".join(short) or "another model"
