"""Colors and axes that the panels of the picture share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .rows import Row

OWN, OTHER = "#1b6ca8", "#9aa5b1"
SECOND = "#c0562f"
LINES = (OWN, "#59a5d8", SECOND, "#e0a030", "#4c8c5a", "#7a5fa0", "#444444", "#999999")


def logarithmic(axes: Any, ticks: Sequence[float], labels: Sequence[str]) -> None:
    """Make both axes logarithmic, with the measured places and plain numbers as their marks."""
    from matplotlib.ticker import LogLocator, NullFormatter

    logarithmic_width(axes, ticks, labels)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, place: f"{value:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def logarithmic_width(axes: Any, ticks: Sequence[float], labels: Sequence[str]) -> None:
    """Make the horizontal axis logarithmic, with the measured places as its marks."""
    from matplotlib.ticker import NullLocator

    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(ticks, labels)
    axes.grid(alpha=0.3)


def device_name(device: str) -> str:
    """Return a device as readers know it."""
    return {"cpu": "CPU"}.get(device, "GPU")


def megapixels(row: Row) -> float:
    """Return the millions of pixels of a frame."""
    rows, columns = row.size.split("x")
    return int(rows) * int(columns) / 1e6
