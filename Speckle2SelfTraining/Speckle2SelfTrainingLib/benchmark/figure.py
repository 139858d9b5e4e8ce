"""One picture of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import despeckling
from .clock import one_line
from .contestants import LIVE, OURS
from .figure_of_cost import draw_frames, draw_pixels, draw_start
from .figure_style import LINES, OTHER, OWN, device_name, logarithmic, megapixels
from .rows import Results, Row
from .tables import number

DPI = 110
LATENCY_GOALS = {OURS: 100.0, f"{OURS}, live": 40.0}  # ms


def draw(results: Results, path: Path) -> None:
    """Draw how methods compare, how the cost grows, and the start into a PNG; a panel that cannot be drawn says so."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(15, 14), layout="constrained")
    axes = figure.subplots(3, 2, height_ratios=(1.35, 1, 1))
    panels = (_methods, _latencies, _sizes, draw_pixels, draw_frames, draw_start)
    for part, panel in zip(axes.flat, panels, strict=True):
        try:
            panel(part, results)
        except Exception as error:  # the tables are there; minutes of measuring are not thrown away for a picture
            results.failures[f"figure, {panel.__name__.strip('_')}"] = one_line(error)
            part.clear()
        if not part.lines and not part.patches:
            part.set_axis_off()
            part.text(0.5, 0.5, "not measured in this run", ha="center", transform=part.transAxes)
    machine = results.machine
    figure.suptitle(f"Speckle2Self {machine['speckle2self']}; {machine['processor']}, threads: {machine['threads']}")
    with open(path, "wb") as file:
        figure.savefig(file, dpi=DPI, format="png")


def _methods(axes: Any, results: Results) -> None:
    """Frames per second, with what ours is ahead by."""
    size = results.settings["reference_text"]
    rows = [row for row in results.select(despeckling.SECTION, despeckling.THROUGHPUT, size=size) if row.value]
    rows = sorted((row for row in rows if not row.method.endswith(LIVE)), key=lambda row: row.value or 0)
    ours = {row.device: row.value or 0 for row in rows if row.method == OURS}
    values = [row.value or 0 for row in rows]
    bars = axes.barh([_label(row) for row in rows], values, color=[_color(row) for row in rows])
    axes.bar_label(bars, labels=[_ahead(row, ours) for row in rows], fontsize=9)
    axes.set_xscale("log")
    if values:
        axes.set_xlim(min(values) / 2, max(values) * 400)
    axes.xaxis.set_major_formatter(lambda value, place: f"{value:g}")
    axes.set_xlabel("frames per second (logarithmic)")
    axes.set_title(f"Sweeps of {size}: who is how fast")
    axes.tick_params(labelsize=9)


def _ahead(row: Row, ours: dict[str, float]) -> str:
    rate, best = row.value or 0, ours.get(row.device, 0)
    text = f" {number(rate)} /s"
    return text if row.method.startswith(OURS) or not best else f"{text}  (Speckle2Self: {number(best / rate)} x)"


def _latencies(axes: Any, results: Results) -> None:
    """Single frames: median as a bar, 95th percentile as a whisker."""
    size = results.settings["reference_text"]
    rows = [row for row in results.select(despeckling.SECTION, despeckling.LATENCY, size=size) if row.value]
    rows = sorted((row for row in rows if not _asked_for(row)), key=lambda row: -(row.value or 0))
    high = {
        _label(row): row.value or 0 for row in results.select(despeckling.SECTION, despeckling.LATENCY_95, size=size)
    }
    names, values = [_label(row) for row in rows], [row.value or 0 for row in rows]
    above = [max(0, high.get(name, value) - value) for name, value in zip(names, values, strict=True)]
    axes.barh(
        names, values, color=[_color(row) for row in rows], xerr=([0] * len(rows), above), capsize=2, ecolor="#555555"
    )
    for place, row in enumerate(rows):
        text = f"{number(row.value or 0)} ms"
        axes.annotate(
            text, (values[place] + above[place], place), (5, 0), textcoords="offset points", va="center", size=9
        )
    if rows:
        for goal in LATENCY_GOALS.values():
            axes.axvline(goal, color="#c0562f", linestyle=":", linewidth=1.2, zorder=0)
        axes.set_xscale("log")
        axes.set_xlim(min(values) / 3, max(values) * 10)
    axes.xaxis.set_major_formatter(lambda value, place: f"{value:g}")
    axes.set_xlabel("ms, median; whisker: 95 %; dotted: goals")
    axes.set_title(f"Single frames of {size}: how long until one is done")
    axes.tick_params(labelsize=9)


def _sizes(axes: Any, results: Results) -> None:
    rows = [row for row in results.select(despeckling.SECTION, despeckling.THROUGHPUT) if row.value]
    rows = [row for row in rows if not row.method.endswith(LIVE)]
    sizes = {megapixels(row): row.size for row in rows}
    for label, color in zip(dict.fromkeys(_label(row) for row in rows if _several(row, rows)), LINES, strict=False):
        points = sorted((megapixels(row), row.value or 0) for row in rows if _label(row) == label)
        width = 2.2 if label.startswith(OURS) else 1.2
        axes.plot(*zip(*points, strict=True), marker="o", linewidth=width, color=color, label=label)
    axes.set_xlabel("size of a frame")
    axes.set_ylabel("frames per second")
    axes.set_title("Throughput by size")
    logarithmic(axes, list(sizes), list(sizes.values()))
    if axes.lines:
        axes.legend(fontsize=8)


def _several(row: Row, rows: Sequence[Row]) -> bool:
    return sum(_label(other) == _label(row) for other in rows) > 1


def _asked_for(row: Row) -> bool:
    return row.method.startswith(OURS) and " in " in row.method


def _color(row: Row) -> str:
    return OWN if row.method.startswith(OURS) else OTHER


def _label(row: Row) -> str:
    return row.method if row.device == "cpu" else f"{row.method} ({device_name(row.device)})"
