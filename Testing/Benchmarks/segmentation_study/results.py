"""Results of runs, one JSON line each, and how they line up for comparison."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .plan import Run
from .quality import Quality

Record = dict[str, Any]
# Of one subject: exam of each frame, and one measure of every seed and frame, (seeds, N).
SubjectScores = tuple[tuple[str, ...], NDArray[np.float64]]
Scores = dict[str, SubjectScores]

DICE, HAUSDORFF, DIAMETER = "dice", "hausdorff", "diameter"
MEASURES = (DICE, HAUSDORFF, DIAMETER)


def to_record(
    run: Run,
    quality: Mapping[str, Sequence[Quality]],
    exams: Mapping[str, Sequence[str]],
    *,
    settings: Mapping[str, Any],
    seconds: float,
) -> Record:
    """Return what is kept of a run; a number that is none, of a lumen not found, becomes null."""
    frames = {
        subject: {
            "exam": list(exams[subject]),
            **{name: [_plain(getattr(one, name)) for one in values] for name in MEASURES},
        }
        for subject, values in quality.items()
    }
    return {**asdict(run), "settings": dict(settings), "seconds": round(seconds, 1), "frames": frames}


def append_record(path: Path, record: Record) -> None:
    """Add a line, behind one that a stop may have cut off."""
    with open(path, "ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            file.write(b"" if file.read(1) == b"\n" else b"\n")
        file.write(json.dumps(record).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_records(path: Path) -> list[Record]:
    """Return the records of a file; a line that a stop cut off does not count."""
    if not path.is_file():
        return []
    records = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return records


def run_of(record: Record) -> Run:
    """Return the run of a record."""
    return Run(record["source"], record["labelled"], record["fold"], record["seed"])


def scores(records: Sequence[Record], source: str, labelled: int | None, measure: str) -> Scores:
    """Collect one measure of an input over all seeds and folds that were run, by subject."""
    rows: dict[str, dict[int, list[float]]] = {}
    exams: dict[str, tuple[str, ...]] = {}
    for record in records:
        if record["source"] != source or record["labelled"] != labelled:
            continue
        for subject, frames in record["frames"].items():
            values = [float("nan") if value is None else float(value) for value in frames[measure]]
            rows.setdefault(subject, {})[record["seed"]] = values
            exams[subject] = tuple(frames["exam"])
    return {
        name: (exams[name], np.array([seeds[seed] for seed in sorted(seeds)])) for name, seeds in sorted(rows.items())
    }


def differences(records: Sequence[Record], source: str, base: str, labelled: int | None, measure: str) -> Scores:
    """Return `source` minus `base`, frame by frame, over the runs of equal fold and seed that both have."""
    there = {(record["source"], record["fold"], record["seed"]) for record in records if record["labelled"] == labelled}
    both = [
        record
        for record in records
        if record["labelled"] == labelled
        and all((name, record["fold"], record["seed"]) in there for name in (source, base))
    ]
    first, second = (scores(both, name, labelled, measure) for name in (source, base))
    return {name: (exams, values - second[name][1]) for name, (exams, values) in first.items()}


def _plain(value: float) -> float | None:
    return round(value, 5) if np.isfinite(value) else None
