"""Agreement with the expert, one row per subject."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...training.checkpoint import write_whole
from .agreement import FrameAgreement, summarize

NAME = "subjects"
MEAN = "mean over subjects"
MEANS = ("dice", "hausdorff_px", "diameter_error_percent", "diameter_bias_percent")
DECIMALS = {"dice": 4, "hausdorff_px": 2, "diameter_error_percent": 2, "diameter_bias_percent": 2}
TITLES = {
    "subject": "subject",
    "n": "frames",
    "dice": "Dice",
    "hausdorff_px": "95 % Hausdorff (px)",
    "diameter_error_percent": "diameter error (%)",
    "diameter_bias_percent": "diameter bias (%)",
    "missed": "missed",
    "n_without_lumen": "frames without lumen",
    "false_alarms": "false alarms",
}

Row = dict[str, Any]


@dataclass(frozen=True)
class SubjectTable:
    """Agreement per subject.

    Attributes
    ----------
    frames : list of FrameAgreement
    subjects : list of str
        Those with a lumen, in order; all others follow.
    """

    frames: Sequence[FrameAgreement]
    subjects: Sequence[str]

    @property
    def rows(self) -> list[Row]:
        """One row per subject, then the mean over the subjects with a lumen and sums over all of them."""
        names = list(dict.fromkeys([*self.subjects, *(frame.subject for frame in self.frames)]))
        rows: list[Row] = []
        for name in names:
            figures = summarize([frame for frame in self.frames if frame.subject == name])
            rows.append({"subject": name, **figures})
        last: Row = {"subject": MEAN}
        for column in list(TITLES)[1:]:
            values = [row[column] for row in rows if row[column] is not None]
            last[column] = (sum(values) / len(values) if values else None) if column in MEANS else sum(values)
        return [*rows, last]

    @property
    def mean(self) -> Row:
        """The last row."""
        return self.rows[-1]

    def to_csv(self) -> str:
        """Return the table as CSV."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(TITLES), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._rounded())
        return text.getvalue()

    def to_json(self) -> str:
        """Return the table and all frames as JSON."""
        frames = [_without_nan(asdict(frame)) for frame in self.frames]
        return json.dumps({"subjects": self._rounded(), "frames": frames}, indent=1)

    def to_markdown(self) -> str:
        """Return the table as Markdown."""
        lines = ["| " + " | ".join(TITLES.values()) + " |", "|" + "---|" * len(TITLES)]
        for row in self._rounded():
            cells = ["–" if row[name] is None else f"{row[name]}" for name in TITLES]
            lines.append("| " + " | ".join(cells) + " |")
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """Write ``subjects.csv``, ``.json`` and ``.md``, each complete or not at all.

        Raises
        ------
        OutputError
            If the disk is full or the folder cannot be written.
        """
        for suffix, text in ((".csv", self.to_csv()), (".json", self.to_json()), (".md", self.to_markdown())):
            write_whole(folder / (NAME + suffix), text.encode())

    def _rounded(self) -> list[Row]:
        return [
            {
                name: round(value, DECIMALS[name]) if name in DECIMALS and value is not None else value
                for name, value in row.items()
            }
            for row in self.rows
        ]


def _without_nan(values: Row) -> Row:
    return {name: None if value != value else value for name, value in values.items()}
