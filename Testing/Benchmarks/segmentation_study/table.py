"""The tables of the study, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .inputs import NLM, ORIGINAL, OURS, OURS_MILD, SRAD
from .intervals import Estimate, estimate, seed_spread
from .plan import CLEAN_FOLD, FEW, FOLDS
from .results import DIAMETER, DICE, HAUSDORFF, MEASURES, Record, Scores, differences, scores

TITLES = {
    ORIGINAL: "original",
    OURS: "Speckle2Self, strength 0.8",
    OURS_MILD: "Speckle2Self, strength 0.5",
    SRAD: "SRAD",
    NLM: "NLM",
}
HEADINGS = {DICE: "Dice", HAUSDORFF: "95 % Hausdorff, px", DIAMETER: "diameter error, %"}
DIGITS = {DICE: 3, HAUSDORFF: 1, DIAMETER: 1}
# Of these, less is better.
ERRORS = (HAUSDORFF, DIAMETER)


@dataclass(frozen=True)
class Row:
    """One input with some number of labels.

    Attributes
    ----------
    source : str
    labelled : int or None
    runs : int
        Trainings that are in it.
    missed : float
        Share of frames on which no lumen was found.
    values, changes : dict of str to Estimate
        By measure; the changes are against the original frames, empty for these themselves.
    """

    source: str
    labelled: int | None
    runs: int
    missed: float
    values: dict[str, Estimate]
    changes: dict[str, Estimate]


def make_rows(records: Sequence[Record], folds: Sequence[int] = range(len(FOLDS))) -> list[Row]:
    """Return a row for every input and number of labels that was run on some of the folds."""
    chosen = [record for record in records if record["fold"] in folds]
    rows = []
    for labelled in (None, *reversed(FEW)):
        for source in TITLES:
            count = sum(record["source"] == source and record["labelled"] == labelled for record in chosen)
            if count:
                rows.append(_make_row(chosen, source, labelled, count))
    return rows


def _make_row(records: Sequence[Record], source: str, labelled: int | None, runs: int) -> Row:
    values = {name: estimate(scores(records, source, labelled, name)) for name in MEASURES}
    changes = {}
    if source != ORIGINAL:
        paired = {name: differences(records, source, ORIGINAL, labelled, name) for name in MEASURES}
        changes = {name: estimate(one) for name, one in paired.items() if one}
    return Row(source, labelled, runs, missed_share(scores(records, source, labelled, HAUSDORFF)), values, changes)


def missed_share(distances: Scores) -> float:
    """Return the share of frames without a distance: no lumen was found there."""
    return float(np.mean([np.isnan(values).mean() for _, values in distances.values()]))


def values_table(rows: Sequence[Row]) -> str:
    """Return means with intervals."""
    lines = [_line(["input", "labels", *HEADINGS.values(), "not found", "trainings"]), "|---" * 7 + "|"]
    for row in rows:
        cells = [_with_interval(row.values[name], DIGITS[name]) for name in MEASURES]
        lines.append(
            _line([TITLES[row.source], _labels(row.labelled), *cells, f"{100 * row.missed:.1f} %", str(row.runs)])
        )
    return "\n".join(lines)


def changes_table(rows: Sequence[Row]) -> str:
    """Return differences to the original frames, and in how many subjects they are for the better."""
    headings = [text for title in HEADINGS.values() for text in (title, "better in")]
    lines = [_line(["input minus original", "labels", *headings]), "|---" * (2 + len(headings)) + "|"]
    for row in rows:
        if row.changes:
            cells = [text for name, one in row.changes.items() for text in _change(name, one)]
            lines.append(_line([TITLES[row.source], _labels(row.labelled), *cells]))
    return "\n".join(lines)


def subjects_table(rows: Sequence[Row]) -> str:
    """Return mean Dice by subject."""
    names = sorted({name for row in rows for name in row.values[DICE].by_subject})
    lines = [_line(["Dice", "labels", *names]), "|---" * (2 + len(names)) + "|"]
    for row in rows:
        found = row.values[DICE].by_subject
        cells = [f"{found[name]:.3f}" if name in found else "-" for name in names]
        lines.append(_line([TITLES[row.source], _labels(row.labelled), *cells]))
    return "\n".join(lines)


def report(records: Sequence[Record]) -> str:
    """Return all tables."""
    rows, clean = make_rows(records), make_rows(records, [CLEAN_FOLD])
    spread = seed_spread(scores(records, ORIGINAL, None, DICE))
    parts = [
        values_table(rows),
        changes_table(rows),
        subjects_table(rows),
        f"{' and '.join(FOLDS[CLEAN_FOLD])} alone, which the despeckler never saw:",
        values_table(clean),
        changes_table(clean),
    ]
    if np.isfinite(spread):
        parts.append(f"Two trainings on original frames that differ in nothing but the seed: {spread:.3f} Dice apart.")
    return "\n\n".join(parts) + "\n"


def _with_interval(one: Estimate, digits: int, sign: str = "") -> str:
    shown = (f"{value:{sign}.{digits}f}".replace("-", "−") for value in (one.mean, one.low, one.high))
    mean, low, high = shown
    return f"{mean} ({low} to {high})"


def _change(name: str, one: Estimate) -> tuple[str, str]:
    better = sum((value < 0) if name in ERRORS else (value > 0) for value in one.by_subject.values())
    return _with_interval(one, DIGITS[name], "+"), f"{better} of {len(one.by_subject)}"


def _labels(labelled: int | None) -> str:
    return "all" if labelled is None else str(labelled)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
