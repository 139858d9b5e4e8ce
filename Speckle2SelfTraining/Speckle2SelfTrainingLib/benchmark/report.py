"""The tables of a run: CSV, JSON, and Markdown for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields

from . import despeckling
from .rows import Results, Row
from .settings import SECTIONS
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
        "rows": [row.to_dict() for row in results.rows],
    }
    return json.dumps(content, indent=1)


def markdown_text(results: Results) -> str:
    """Return tables for people."""
    parts = ["# Speed, measured", _machine_text(results), *_target_lines(results)]
    for section in SECTIONS:
        rows = list(results.select(section))
        if rows:
            parts += [f"## {TITLES[section]}", _pivot(rows), *_settings_text(rows)]
    reasons = [f"- {row.method}: {row.note}" for row in results.rows if row.value is None]
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
        verdict = "yes" if target.reached else "no"
        lines.append(f"| {target.text} | {number(target.value)} {target.unit} | {sign} {target.limit:g} | {verdict} |")
    if not lines:
        return []
    return ["## Targets", "\n".join(["| what | measured | asked for | reached |", "|---|---|---|---|", *lines])]


def _settings_text(rows: Sequence[Row]) -> list[str]:
    """Return what the rows say about how they came about."""
    notes = [f"- {row.method}, {row.measure}: {row.note}" for row in rows if row.note and row.value is not None]
    kept = [note for note in dict.fromkeys(notes) if f"{despeckling.LATENCY_95}:" not in note]
    if rows[0].section == despeckling.SECTION:  # the same for all measures of a method
        kept = [note.replace(f", {despeckling.LATENCY}", "") for note in kept if f"{despeckling.LATENCY}:" in note]
    return ["\n".join(kept)] if kept else []


def _pivot(rows: Sequence[Row]) -> str:
    """Return one line per method, device, size and length, one column per measure."""
    measures = list(dict.fromkeys((row.measure, row.unit) for row in rows))
    keys = list(dict.fromkeys(_place(row) for row in rows))
    found = {(_place(row), row.measure): row for row in rows}
    head = ["method", "device", "size", "frames", *(f"{measure}, {unit}" for measure, unit in measures)]
    lines = [_line(head), "|" + "---|" * len(head)]
    for key in keys:
        cells = [found.get((key, measure)) for measure, _ in measures]
        values = ["" if cell is None else "-" if cell.value is None else number(cell.value) for cell in cells]
        lines.append(_line([*key, *values]))
    return "\n".join(lines)


def _place(row: Row) -> tuple[str, ...]:
    # Of a single frame and of a sweep: one line.
    count = "" if row.frames is None or row.section == despeckling.SECTION else str(row.frames)
    return (row.method, row.device, row.size, count)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def number(value: float) -> str:
    """Return a number with three digits that count."""
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"
