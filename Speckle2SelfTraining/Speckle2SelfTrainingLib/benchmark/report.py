"""The tables of a run: CSV, JSON, and Markdown for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, replace

from . import despeckling
from .rows import Results, Row
from .settings import SECTIONS
from .summary import summary_lines
from .tables import by_measure, by_place, number, table
from .targets import targets

TITLES = {
    "despeckling": "Despeckling",
    "roofline": "What bounds it",
    "growth": "Growth with the pixels of a frame",
    "command": "Growth with the frames of a sweep: the whole command",
    "startup": "Start",
    "training": "Training",
    "simulator": "Simulator",
}
LONG = ("roofline", "startup")  # many measures of few things


def csv_text(results: Results) -> str:
    """Return all rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [entry.name for entry in fields(Row)], lineterminator="\n")
    writer.writeheader()
    for row in results.rows:
        value = "" if row.value is None else f"{row.value:.6g}"
        writer.writerow({**row.to_dict(), "value": value})
    return text.getvalue()


def json_text(results: Results) -> str:
    """Return rows, targets, settings and machine as JSON."""
    content = {
        "machine": results.machine,
        "settings": results.settings,
        "targets": [{**asdict(target), "reached": target.reached} for target in targets(results)],
        "failures": results.failures,
        "rows": [row.to_dict() for row in results.rows],
    }
    return json.dumps(content, indent=1)


def markdown_text(results: Results) -> str:
    """Return tables for people."""
    parts = ["# Speed, measured", _machine_text(results), *summary_lines(results), *_target_lines(results)]
    for section in SECTIONS:
        rows = list(results.select(section))
        if rows:
            parts += [f"## {TITLES[section]}", *_tables(section, rows), *_notes(rows)]
    reasons = [f"- {row.method}: {row.note}" for row in results.rows if row.value is None]
    reasons += [f"- the rest of the section {name}: failed: {reason}" for name, reason in results.failures.items()]
    if reasons:
        parts += ["## Not measured", "\n".join(dict.fromkeys(reasons))]
    return "\n\n".join(parts) + "\n"


def _machine_text(results: Results) -> str:
    machine = results.machine
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    gpus = ", ".join(machine["gpus"]) or "no GPU"
    load = f"load {machine['load_at_start']} at the start, {machine.get('load_at_end')} at the end"
    return (
        f"{machine['processor']}, {machine['processors']} processors, {machine['threads']} threads; {gpus}; "
        f"{machine['system']}; Python {machine['python']}; {packages}; Speckle2Self {machine['speckle2self']}; {load}. "
        f"Medians of interleaved, warm repeats on the same simulated frames; the whole run took "
        f"{machine.get('minutes', 0):.1f} minutes."
    )


def _target_lines(results: Results) -> list[str]:
    lines = []
    for target in targets(results):
        sign = "at least" if target.at_least else "at most"
        measured, asked = f"{number(target.value)} {target.unit}", f"{sign} {target.limit:g} {target.unit}"
        lines.append((target.text, measured, asked, "reached" if target.reached else "**missed**"))
    return ["## Targets", table(("what", "measured", "asked for", ""), lines)] if lines else []


def _tables(section: str, rows: Sequence[Row]) -> Iterator[str]:
    if section == despeckling.SECTION:
        for size in dict.fromkeys(row.size for row in rows):
            yield f"### {size}"
            of_size = [replace(row, size="") for row in rows if row.size == size]
            yield by_place(of_size, despeckling.MEASURES, one_length=True)
    else:
        yield by_measure(rows) if section in LONG else by_place(rows)


def _notes(rows: Sequence[Row]) -> list[str]:
    """Return what the rows say about how they came about: of methods in the comparison, else of measures."""
    notes: dict[tuple[str, str], str] = {}
    for row in rows:
        if not row.note or row.value is None:
            continue
        if row.section != despeckling.SECTION:
            notes[row.measure, row.note] = row.note
        elif row.measure == despeckling.LATENCY:  # the same for all measures; of the first size, where all methods are
            notes.setdefault((row.method, row.device), row.note)
    return ["\n".join(f"- {name}: {note}" for (name, _), note in notes.items())] if notes else []
