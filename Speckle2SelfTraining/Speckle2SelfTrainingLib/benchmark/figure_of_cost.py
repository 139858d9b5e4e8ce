"""Panels of the picture: how the cost grows with pixels and frames, and where the start goes."""

from __future__ import annotations

from typing import Any

from . import command, growth, startup
from .figure_style import LINES, OTHER, SECOND, device_name, logarithmic, logarithmic_width, megapixels
from .rows import Results
from .targets import LINEAR

STAGE_COLORS = ("#444444", "#8a6d3b", "#c0562f", "#e0a030", "#1b6ca8", "#59a5d8", "#4c8c5a", "#999999")
MEMORY_GOAL = 1024.0  # MiB


def draw_pixels(axes: Any, results: Results) -> None:
    """Time of a pixel by the size of frames, against that of the reference size."""
    rows = list(results.select(growth.SECTION, growth.RELATIVE))
    for device, color in zip(dict.fromkeys(row.device for row in rows), LINES, strict=False):
        points = [(megapixels(row), (row.value or 0) * 100) for row in rows if row.device == device]
        axes.plot(*zip(*points, strict=True), marker="o", color=color, label=f"on the {device_name(device)}")
    if rows:
        axes.axhspan(100 - LINEAR, 100 + LINEAR, color=OTHER, alpha=0.25, label=f"within {LINEAR:g} %")
        axes.set_ylim(0, max(150.0, *((row.value or 0) * 110 for row in rows)))
        axes.legend(fontsize=8, loc="lower right")
        sizes = {megapixels(row): row.size for row in rows}
        logarithmic_width(axes, list(sizes), list(sizes.values()))
    axes.set_xlabel("size of a frame")
    axes.set_ylabel(f"time of a pixel, % of that at {results.settings['reference_text']}")
    axes.set_title("Growth with the pixels of a frame: level means linear")


def draw_frames(axes: Any, results: Results) -> None:
    """Time and memory of the whole command by the length of the sweep."""
    runs = [row for row in results.select(command.SECTION, command.SECONDS) if row.value]
    lengths = list(dict.fromkeys(row.frames or 0 for row in runs))
    for device, color in zip(dict.fromkeys(row.device for row in runs), LINES, strict=False):
        points = [(row.frames or 0, row.value or 0) for row in runs if row.device == device]
        axes.plot(*zip(*points, strict=True), marker="o", color=color, label=f"time on the {device_name(device)}")
    axes.set_xlabel(f"frames of {results.settings['reference_text']} in the sweep")
    axes.set_ylabel("seconds of the whole command")
    axes.set_title("Growth with the length of a sweep, start and files included")
    if runs:
        logarithmic(axes, list(map(float, lengths)), list(map(str, lengths)))
        axes.legend(fontsize=8, loc="upper left")
    rests = [row for row in results.select(command.SECTION, command.REST) if row.value is not None]
    if rests:
        other = axes.twinx()
        points = [(row.frames or 0, row.value or 0) for row in rests if row.device == rests[0].device]
        other.plot(*zip(*points, strict=True), marker="s", linestyle="--", color=SECOND)
        other.axhline(MEMORY_GOAL, color=SECOND, linestyle=":", linewidth=1.2)
        other.set_ylim(0, max(MEMORY_GOAL, *(value for _, value in points)) * 1.1)
        other.set_ylabel("MiB besides the frames\n(dashed; dotted: goal)", color=SECOND)


def draw_start(axes: Any, results: Results) -> None:
    """Stages up to the first frame."""
    rows = [row for row in results.select(startup.SECTION) if row.measure in startup.STAGES[:-1]]
    for device in dict.fromkeys(row.device for row in rows):
        left = 0.0
        for row, color in zip((row for row in rows if row.device == device), STAGE_COLORS, strict=False):
            value = row.value or 0
            label = f"{row.measure} {value:.2f} s" if device == rows[0].device else None
            axes.barh([device_name(device)], [value], left=left, color=color, label=label, height=0.4)
            left += value
    axes.set_xlabel("seconds")
    axes.set_title("From the start of Python to the first frame")
    if rows:
        axes.legend(fontsize=9, loc="upper left", ncols=2)
        axes.set_ylim(-0.6, len({row.device for row in rows}) + 0.9)
