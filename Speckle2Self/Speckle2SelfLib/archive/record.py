"""The record of one file of an archive: written when its output is reserved, completed once the output is verified.

The first writing makes a kill between the appearance of the output and its record harmless: outputs appear complete or
not at all, so that another one than before is the one that was ordered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from ..commands.report import publish_report
from ..files.output_place import writing_to
from .identity import FileIdentity, are_still
from .order import FileOrder

VERSION = 1


@dataclass(frozen=True)
class Record:
    """What is known of one file.

    Parameters
    ----------
    made_with : dict
        As in :class:`.order.Archive`.
    inputs : tuple of FileIdentity
        Files that were read, relative to the input folder.
    before : FileIdentity or None
        The output as it was before, relative to the output folder; None where there was none.
    temporaries : tuple of str
        Names of the files that are there until the output is, relative to the output folder.
    outputs : tuple of FileIdentity
        What was written and verified, relative to the output folder; empty until then.
    report : dict
        As :func:`..commands.run_file.despeckle_file` returns it.
    """

    made_with: dict[str, Any]
    inputs: tuple[FileIdentity, ...]
    before: FileIdentity | None = None
    temporaries: tuple[str, ...] = ()
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
            if values.pop("version") != VERSION:
                return None
            before = values.pop("before")
            return cls(
                inputs=tuple(FileIdentity.from_dict(one) for one in values.pop("inputs")),
                outputs=tuple(FileIdentity.from_dict(one) for one in values.pop("outputs")),
                temporaries=tuple(map(str, values.pop("temporaries"))),
                before=None if before is None else FileIdentity.from_dict(before),
                **values,
            )
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            return None

    def write(self, path: Path) -> None:
        """Store the record; it appears complete or not at all."""
        values = {
            "version": VERSION,
            "made_with": self.made_with,
            "inputs": [one.to_dict() for one in self.inputs],
            "before": None if self.before is None else self.before.to_dict(),
            "temporaries": list(self.temporaries),
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
        if not are_still(self.outputs, order.archive.target):
            return "is missing or was changed since"
        return None

    def was_published(self, order: FileOrder) -> bool:
        """Return whether an unfinished record is of a run that was killed behind the appearance of its output."""
        if self.made_with != order.archive.made_with or not are_still(self.inputs, order.archive.source):
            return False
        if not order.place.is_file():
            return False
        return self.before is None or not self.before.is_still(order.archive.target)

    def remove_temporaries(self, order: FileOrder) -> None:
        """Remove what a killed run left half-written."""
        for name in self.temporaries:
            if not Path(name).name.startswith("."):
                continue  # no name that this program gives
            (order.archive.target / name).unlink(missing_ok=True)


def _difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    names = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    short = [f"{name} {old.get(name)} instead of {new.get(name)}" for name in names if name != "model_sha256"]
    return ", ".join(short) or "another model"
