"""The figure of the study: what each input changes, and what labels are worth with and without despeckling."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .inputs import NLM, ORIGINAL, OURS, OURS_MILD, SRAD
from .results import DICE, MEASURES
from .table import HEADINGS, TITLES, Row

COLORS = {ORIGINAL: "#555555", OURS: "#0072b2", OURS_MILD: "#56b4e9", SRAD: "#d55e00", NLM: "#009e73"}
ALL_LABELS = 200


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw the differences to the original frames by subject, and Dice over the number of labels, as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 4, figsize=(15, 4.2), layout="constrained", facecolor="white")
    changed = [row for row in rows if row.labelled is None and row.changes]
    for axis, name in zip(axes, MEASURES, strict=False):
        _changes(axis, changed, name)
    _labels(axes[-1], rows)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _changes(axis: Any, rows: Sequence[Row], name: str) -> None:
    axis.axvline(0, color="black", linewidth=0.8)
    for place, row in enumerate(rows):
        one, color = row.changes[name], COLORS[row.source]
        axis.plot([one.low, one.high], [place, place], color=color, linewidth=2.5, solid_capstyle="butt")
        axis.plot(one.mean, place, "D", color=color, markersize=8)
        axis.plot(list(one.by_subject.values()), [place - 0.22] * len(one.by_subject), "o", color=color, alpha=0.5)
    axis.set_yticks(range(len(rows)), [TITLES[row.source].replace(", ", ",\n") for row in rows])
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.set_xlabel(f"{HEADINGS[name]} (minus original)")
    axis.set_title("more is better" if name == DICE else "less is better", fontsize=10)
    axis.locator_params(axis="x", nbins=5)
    axis.grid(axis="x", alpha=0.3)


def _labels(axis: Any, rows: Sequence[Row]) -> None:
    for shift, source in ((0.97, ORIGINAL), (1.03, OURS)):
        points = sorted((row.labelled or ALL_LABELS, row.values[DICE]) for row in rows if row.source == source)
        if not points:
            continue
        numbers = [number * shift for number, _ in points]
        means = [one.mean for _, one in points]
        errors = [[one.mean - one.low for _, one in points], [one.high - one.mean for _, one in points]]
        axis.errorbar(numbers, means, errors, fmt="o-", color=COLORS[source], label=TITLES[source], capsize=3)
    axis.set_xscale("log")
    axis.set_xticks([10, 30, ALL_LABELS], ["10", "30", str(ALL_LABELS)])
    axis.minorticks_off()
    axis.set_xlabel("labelled frames")
    axis.set_ylabel(HEADINGS[DICE])
    axis.legend(fontsize=9, loc="lower right")
    axis.grid(alpha=0.3)
