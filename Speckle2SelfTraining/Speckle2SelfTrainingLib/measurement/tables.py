"""Measures as columns, CSV and JSON; every name of a column says its unit."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .result import SweepMeasures

RESEARCH_ONLY = "For research only: not a medical device, no diagnosis."
DIGITS = 9


def columns_of(measures: SweepMeasures) -> dict[str, list[Any]]:
    """Return the columns of the table by name, one value per frame; None where there is none.

    The first eleven are always there, in this order; what is known beyond follows. Frames count from 1, as in all that
    people read.
    """
    unit, rows = measures.unit, measures.rows
    area = "area_mm2" if unit == "mm" else "area_px"
    columns: dict[str, list[Any]] = {
        "frame": [row.frame + 1 for row in rows],
        "found": [row.lumen.found for row in rows],
        "usable": [row.usable for row in rows],
        "confidence": [row.lumen.confidence for row in rows],
        area: [row.lumen.area for row in rows],
        f"equivalent_diameter_{unit}": [row.lumen.equivalent_diameter for row in rows],
        f"minor_axis_{unit}": [row.lumen.minor_axis for row in rows],
        f"major_axis_{unit}": [row.lumen.major_axis for row in rows],
        "center_row_px": [row.lumen.center_row for row in rows],
        "center_column_px": [row.lumen.center_column for row in rows],
        f"smoothed_diameter_{unit}": [row.smoothed_diameter for row in rows],
    }
    if measures.spacing is not None:
        for name, size in zip(("center_row", "center_column"), measures.spacing, strict=True):
            columns[f"{name}_mm"] = [value * size for value in columns[f"{name}_px"]]
    for name, values in (("position_mm", [row.position for row in rows]), ("time_s", [row.time for row in rows])):
        if not np.all(np.isnan(values)):
            columns[name] = values
    if measures.coordinates is not None:
        for axis, name in enumerate("xyz"):
            columns[f"center_{name}_mm"] = [math.nan if row.center is None else row.center[axis] for row in rows]
    columns["regions"] = [row.lumen.regions for row in rows]
    columns["doubts"] = ["; ".join(row.lumen.doubts) for row in rows]
    return {name: [_plain(value) for value in values] for name, values in columns.items()}


def summary_of(measures: SweepMeasures) -> dict[str, Any]:
    """Return what the whole sweep measures; None for what is not known."""
    unit = measures.unit
    usable = [row.lumen for row in measures.rows if row.usable]
    summary: dict[str, Any] = {
        "frames": len(measures),
        "frames_with_lumen": sum(row.lumen.found for row in measures.rows),
        "frames_used": len(usable),
        "unit": unit,
        "pixel_size_mm": None if measures.spacing is None else list(measures.spacing),
        "profile_along": measures.axis,
        "coordinates": measures.coordinates,
    }
    diameters = [lumen.equivalent_diameter for lumen in usable]
    named = {f"diameter_{unit}": diameters, f"area_{'mm2' if unit == 'mm' else 'px'}": [one.area for one in usable]}
    for name, values in named.items():
        summary[f"mean_{name}"] = float(np.mean(values)) if values else math.nan
        summary[f"standard_deviation_{name}"] = float(np.std(values, ddof=1)) if len(values) > 1 else math.nan
    summary[f"smallest_diameter_{unit}"] = min(diameters, default=math.nan)
    summary[f"largest_diameter_{unit}"] = max(diameters, default=math.nan)
    if measures.minimum is not None:
        minimum = asdict(measures.minimum)
        minimum["frame"] += 1
        summary["minimum"] = _with_units(minimum, unit, ("diameter", "own_diameter"))
    if measures.distension is not None:
        lengths = ("diastolic", "systolic", "distension", "noise")
        summary["distension"] = _with_units(asdict(measures.distension), unit, lengths)
    return {name: _plain(value) for name, value in summary.items()}


def csv_text(measures: SweepMeasures) -> str:
    """Return the table, one line per frame, empty where there is no value."""
    columns = columns_of(measures)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for values in zip(*columns.values(), strict=True):
        writer.writerow("" if value is None else _word(value) for value in values)
    return text.getvalue()


def json_text(measures: SweepMeasures, about: Mapping[str, Any]) -> str:
    """Return everything as JSON: what is given about it, summary, notices, rows."""
    columns = columns_of(measures)
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    content = {
        **about,
        "summary": summary_of(measures),
        "notices": list(measures.notices),
        "use": RESEARCH_ONLY,
        "rows": rows,
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def _with_units(values: dict[str, Any], unit: str, lengths: tuple[str, ...]) -> dict[str, Any]:
    names = {name: f"{name}_{unit}" for name in lengths}
    names |= {
        "position": "position_mm",
        "time": "time_s",
        "strain": "strain_percent",
        "heart_rate": "heart_rate_per_minute",
    }
    return {names.get(name, name): _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    """Return a value that JSON has: no nan, and no more digits than a measurement has."""
    if isinstance(value, float):
        return None if math.isnan(value) else float(f"{value:.{DIGITS}g}")
    return value


def _word(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
