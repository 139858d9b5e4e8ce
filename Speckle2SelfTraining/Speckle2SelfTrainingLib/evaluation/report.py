"""The tables of an evaluation: CSV, JSON and Markdown."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import Any

from .job import INPUT, EvaluatedSet
from .measuring import MEASURES, WITH_TRUTH, MeasuredMethod, best_methods
from .perceptual_measures import lpips_distance
from .running import settings_text

SUMMARY = ("psnr", "ssim", "gmsd")


def csv_text(results: Sequence[EvaluatedSet]) -> str:
    """Return one line per set and method: mean measures, seconds per frame, settings."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["set", "method", "frames", *MEASURES, "seconds", "parameters", "note"])
    for result in results:
        for row in result.rows:
            values = [_number(row.values.get(name), 6) for name in MEASURES]
            settings = json.dumps(row.parameters) if row.parameters else ""
            seconds = _number(row.seconds, 3)
            writer.writerow([result.evaluated.name, row.method, row.frames, *values, seconds, settings, row.note])
        for method, reason in result.not_measured.items():
            writer.writerow([result.evaluated.name, method, 0, *[""] * len(MEASURES), "", "", reason])
    return text.getvalue()


def tuning_text(results: Sequence[EvaluatedSet]) -> str:
    """Return one line per setting that was tried, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["set", "method", "parameters", *MEASURES])
    for result in results:
        for point in result.points:
            values = [_number(point.values.get(name), 6) for name in MEASURES]
            writer.writerow([point.evaluated, point.method, json.dumps(point.parameters), *values])
    return text.getvalue()


def json_text(results: Sequence[EvaluatedSet], provenance: dict[str, Any]) -> str:
    """Return everything, with the values of every frame, as JSON; infinite values become null."""
    content = {
        **provenance,
        "measures": {name: {"title": one.title, "best": one.best} for name, one in MEASURES.items()},
        "lpips": lpips_distance()[1] or "measured",
        "sets": [_set_content(result) for result in results],
    }
    return json.dumps(_finite(content), indent=1, allow_nan=False)


def _set_content(result: EvaluatedSet) -> dict[str, Any]:
    evaluated = result.evaluated
    return {
        "name": evaluated.name,
        "about": evaluated.about,
        "frames": evaluated.sources,
        "boxes (row, column, height, width)": [{"tissue": one.tissue, "lumen": one.lumen} for one in evaluated.boxes],
        "tuned on": result.tuned_on,
        "not measured": result.not_measured,
        "best": best_methods(result.rows),
        "methods": [
            {
                "method": row.method,
                "frames": row.frames,
                "note": row.note,
                "parameters": row.parameters,
                "seconds": row.seconds,
                "mean": row.values,
                "per frame": row.per_frame,
            }
            for row in result.rows
        ],
    }


def markdown_text(results: Sequence[EvaluatedSet]) -> str:
    """Return a summary over the sets with truth, then one table per set; the best value of a column is bold."""
    parts = []
    simulated = [result for result in results if result.evaluated.truth is not None]
    if len(simulated) > 1:
        parts.append(_summary(simulated))
    for result in results:
        parts.append(f"### {result.evaluated.name}\n\n{_about(result)}\n\n{_table(result)}")
        if result.not_measured:
            reasons = "; ".join(f"{method}: {reason}" for method, reason in result.not_measured.items())
            parts.append(f"{reasons}.")
    if simulated and (reason := lpips_distance()[1]):
        parts.append(f"LPIPS {reason}.")
    return "\n\n".join(parts) + "\n"


def _about(result: EvaluatedSet) -> str:
    text = f"{result.evaluated.count} frames, {result.evaluated.about}."
    return f"{text} Filters tuned on {result.tuned_on}." if result.tuned_on else text


def _summary(results: Sequence[EvaluatedSet]) -> str:
    titles = " / ".join(MEASURES[name].title for name in SUMMARY)
    methods = list(dict.fromkeys(row.method for result in results for row in result.rows))
    best = [best_methods(result.rows) for result in results]
    lines = [
        f"| method ({titles}) | " + " | ".join(result.evaluated.name for result in results) + " |",
        "|---|" + "---|" * len(results),
    ]
    for method in methods:
        cells = []
        for result, winners in zip(results, best, strict=True):
            row = next((row for row in result.rows if row.method == method), None)
            cells.append("-" if row is None else " / ".join(_cell(row, name, winners) for name in SUMMARY))
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _table(result: EvaluatedSet) -> str:
    names = [name for name in MEASURES if any(name in row.values for row in result.rows)]
    best = best_methods(result.rows)
    lines = [
        "| method | " + " | ".join(MEASURES[name].title for name in names) + " | s per frame | setting |",
        "|---|" + "---|" * (len(names) + 2),
    ]
    for row in result.rows:
        cells = [_cell(row, name, best) for name in names]
        seconds = "-" if row.seconds is None else f"{row.seconds:.2f}"
        lines.append(f"| {row.method} | " + " | ".join(cells) + f" | {seconds} | {_setting(row)} |")
    return "\n".join(lines)


def _setting(row: MeasuredMethod) -> str:
    return row.note or settings_text(row.parameters) or "-"


def _cell(row: MeasuredMethod, name: str, best: dict[str, str]) -> str:
    text = value_text(row, name)
    return f"**{text}**" if best.get(name) == row.method else text


def value_text(row: MeasuredMethod, name: str) -> str:
    """Return a value with the digits of its measure; a dash where it was not measured or says nothing."""
    value = row.values.get(name)
    if value is None or (row.method == INPUT and name in ("edges_3", "edges_1", "tone", "flicker")):
        return "-" if value is None else "1"
    return "inf" if math.isinf(value) else f"{value:.{MEASURES[name].decimals}f}"


def has_truth(result: EvaluatedSet) -> bool:
    """Return whether the set was measured against a truth."""
    return any(name in row.values for row in result.rows for name in WITH_TRUTH)


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}g}"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
