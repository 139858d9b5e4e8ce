"""One picture of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import command, despeckling, startup
from .contestants import OURS
from .rows import Results, Row

OWN, OTHER = "#1b6ca8", "#9aa5b1"
MEMORY_COLOR = "#c0562f"
LINES = (OWN, "#59a5d8", "#c0562f", "#e0a030", "#4c8c5a", "#7a5fa0", "#444444", "#999999")
STAGE_COLORS = ("#444444", "#c0562f", "#1b6ca8", "#59a5d8", "#e0a030", "#4c8c5a")
DPI = 130


def draw(results: Results, path: Path) -> None:
    """Draw throughput by method and by size, growth, and the start into a PNG."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(12.5, 8.6), layout="constrained")
    axes = figure.subplots(2, 2)
    _methods(axes[0, 0], results)
    _sizes(axes[0, 1], results)
    _growth(axes[1, 0], results)
    _start(axes[1, 1], results)
    for part in axes.flat:
        if not part.lines and not part.patches:
            part.set_axis_off()
            part.text(0.5, 0.5, "not measured in this run", ha="center", transform=part.transAxes)
    machine = results.machine
    figure.suptitle(f"Speckle2Self {machine['speckle2self']}; {machine['processor']}, threads: {machine['threads']}")
    with open(path, "wb") as file:
        figure.savefig(file, dpi=DPI, format="png")


def _methods(axes: Any, results: Results) -> None:
    size = results.settings["reference_text"]
    rows = [row for row in results.select(despeckling.SECTION, despeckling.THROUGHPUT, size=size) if row.value]
    rows.sort(key=lambda row: row.value or 0)
    names = [_label(row) for row in rows]
    values = [row.value or 0 for row in rows]
    colors = [OWN if row.method.startswith(OURS) else OTHER for row in rows]
    bars = axes.barh(names, values, color=colors)
    axes.bar_label(bars, labels=[f" {value:.3g}" for value in values], fontsize=9)
    axes.set_xscale("log")
    if values:
        axes.set_xlim(min(values) / 2, max(values) * 3)
    axes.set_xlabel("frames per second (logarithmic)")
    axes.set_title(f"Despeckling frames of {size}")
    axes.tick_params(labelsize=9)


def _sizes(axes: Any, results: Results) -> None:
    rows = [row for row in results.select(despeckling.SECTION, despeckling.THROUGHPUT) if row.value]
    sizes = {_pixels(row): row.size for row in rows}
    for label, color in zip(dict.fromkeys(_label(row) for row in rows if _several(row, rows)), LINES, strict=False):
        points = sorted((_pixels(row), row.value or 0) for row in rows if _label(row) == label)
        width = 2.2 if label.startswith(OURS) else 1.2
        axes.plot(*zip(*points, strict=True), marker="o", linewidth=width, color=color, label=label)
    axes.set_xlabel("size of a frame")
    axes.set_ylabel("frames per second")
    axes.set_title("Throughput by size")
    _logarithmic(axes, list(sizes), list(sizes.values()))
    if axes.lines:
        axes.legend(fontsize=8)


def _several(row: Row, rows: list[Row]) -> bool:
    return sum(_label(other) == _label(row) for other in rows) > 1


def _logarithmic(axes: Any, ticks: list[float], labels: list[str]) -> None:
    """Make both axes logarithmic, with the measured places and plain numbers as their marks."""
    from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(ticks, labels)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, place: f"{value:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(alpha=0.3)


def _growth(axes: Any, results: Results) -> None:
    runs = [row for row in results.select(command.SECTION, command.SECONDS) if row.value]
    lengths = list(dict.fromkeys(row.frames or 0 for row in runs))
    for device, color in zip(dict.fromkeys(row.device for row in runs), LINES, strict=False):
        points = [(row.frames or 0, row.value or 0) for row in runs if row.device == device]
        axes.plot(*zip(*points, strict=True), marker="o", color=color, label=f"time on the {_device(device)}")
    axes.set_xlabel(f"frames of {results.settings['reference_text']} in the sweep")
    axes.set_ylabel("seconds of the whole command")
    axes.set_title("Growth with the length of a sweep")
    _logarithmic(axes, list(map(float, lengths)), list(map(str, lengths)))
    rests = [row for row in results.select(command.SECTION, command.REST) if row.value is not None]
    if rests:
        other = axes.twinx()
        points = [(row.frames or 0, row.value or 0) for row in rests if row.device == rests[0].device]
        other.plot(*zip(*points, strict=True), marker="s", linestyle="--", color=MEMORY_COLOR)
        other.set_ylim(0, max(1100.0, *(value for _, value in points)) * 1.05)
        other.set_ylabel("MiB besides input and output (dashed)", color=MEMORY_COLOR)


def _start(axes: Any, results: Results) -> None:
    rows = [row for row in results.select(startup.SECTION) if row.measure in startup.STAGES[:-1]]
    for device in dict.fromkeys(row.device for row in rows):
        left = 0.0
        for row, color in zip((row for row in rows if row.device == device), STAGE_COLORS, strict=True):
            axes.barh([_device(device)], [row.value], left=left, color=color, label=row.measure)
            left += row.value or 0
    axes.set_xlabel("seconds")
    axes.set_title("From the start of Python to the first frame")
    if rows:
        handles, labels = axes.get_legend_handles_labels()
        unique = dict(zip(labels, handles, strict=True))
        axes.legend(unique.values(), unique.keys(), fontsize=8, loc="upper center", ncols=3)
        axes.set_ylim(-0.6, len({row.device for row in rows}) + 0.3)


def _label(row: Row) -> str:
    return row.method if row.device == "cpu" else f"{row.method} ({_device(row.device)})"


def _device(name: str) -> str:
    return {"cpu": "CPU"}.get(name, "GPU")


def _pixels(row: Row) -> float:
    rows, columns = row.size.split("x")
    return int(rows) * int(columns) / 1e6
