"""The figures of an evaluation: images side by side, and smoothing against edges kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .boxes import Boxes
from .job import ELSEWHERE, INPUT, TRUTH, EvaluatedSet
from .measuring import MEASURES, best_methods
from .report import has_truth, value_text
from .tuning import OURS, TuningPoint

UNDER_WITH_TRUTH = ("psnr", "ssim", "gmsd", "enl", "cnr", "edges_3")
UNDER_WITHOUT = ("enl", "cnr", "gcnr", "edges_3", "edges_1", "tone")
SHORT = {"edges_3": "edge s3", "edges_1": "edge s1"}
PANEL_INCHES, TEXT_INCHES, COLUMNS = 4.0, 0.75, 4
CURVES = (("edges_3", "enl"), ("edges_3", "cnr"), ("edges_1", "enl"))
CURVES_WITH_TRUTH = (("edges_3", "enl"), ("edges_3", "cnr"), ("psnr", "ssim"))
SMALLEST_EDGES = 0.55
BOX_COLORS = ("#FFB000", "#4CB6D3")  # tissue, lumen


def side_by_side(result: EvaluatedSet, path: Path) -> None:
    """Draw the first frame of a set by every method, with what was measured on the whole set; the best in bold.

    Parameters
    ----------
    result : EvaluatedSet
    path : Path
        PNG to write.
    """
    plt = _pyplot()
    rows = {row.method: row for row in result.rows}
    best = best_methods(result.rows)
    names = UNDER_WITH_TRUTH if has_truth(result) else UNDER_WITHOUT
    order = [name for name in (INPUT, TRUTH) if name in result.pictures]
    order += [name for name in result.pictures if name not in order]
    height, width = result.pictures[INPUT].shape
    lines = math.ceil(len(order) / COLUMNS)
    picture_inches = PANEL_INCHES * height / width
    figure, axes = plt.subplots(
        lines,
        COLUMNS,
        figsize=(PANEL_INCHES * COLUMNS, (picture_inches + TEXT_INCHES) * lines),
        squeeze=False,
        facecolor="white",
    )
    share = TEXT_INCHES / picture_inches
    figure.subplots_adjust(0.005, share / (1 + share) / lines, 0.995, 1 - 0.25 / (lines * PANEL_INCHES), 0.02, share)
    for axis, method in zip(axes.flat, order, strict=False):
        picture = result.pictures[method]
        axis.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest", aspect="equal")
        if method == INPUT:
            _draw_boxes(axis, result.evaluated.boxes[0])
        axis.set_title(method, fontsize=12, fontweight="bold" if method.startswith(OURS) else "normal", pad=3)
        if method in rows:
            _write_values(axis, [(name, value_text(rows[method], name), best.get(name) == method) for name in names])
    for axis in axes.flat:
        axis.axis("off")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def _draw_boxes(axis: Any, boxes: Boxes) -> None:
    """Show where tissue and lumen were measured."""
    from matplotlib.patches import Rectangle

    for box, color in zip((boxes.tissue, boxes.lumen), BOX_COLORS, strict=True):
        if box is not None:
            row, column, height, width = box
            axis.add_patch(Rectangle((column, row), width, height, fill=False, edgecolor=color, linewidth=1.5))


def _write_values(axis: Any, values: Sequence[tuple[str, str, bool]]) -> None:
    for position, (name, text, best) in enumerate(values):
        axis.annotate(
            f"{SHORT.get(name, MEASURES[name].title)} {text}",
            (position % 3 / 3 + 0.01, 0),
            (0, -12 - 13 * (position // 3)),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=10,
            fontweight="bold" if best else "normal",
        )


def trade_off(results: Sequence[EvaluatedSet], path: Path) -> None:
    """Draw smoothing against edges kept while every method's setting runs: further up and right is better.

    A curve joins the settings of a method that no other setting of it beats in both.

    Parameters
    ----------
    results : sequence of EvaluatedSet
    path : Path
        PNG to write.
    """
    plt = _pyplot()
    figure, axes = plt.subplots(
        len(results), 3, figsize=(16.5, 4.6 * len(results)), squeeze=False, layout="constrained", facecolor="white"
    )
    methods = list(dict.fromkeys(point.method for result in results for point in result.points if point.method != OURS))
    colors = {OURS: "black"} | {method: plt.get_cmap("tab20")(index % 20) for index, method in enumerate(methods)}
    for line, result in zip(axes, results, strict=True):
        for axis, (across, up) in zip(line, CURVES_WITH_TRUTH if has_truth(result) else CURVES, strict=True):
            _draw_curves(axis, result, across, up, colors)
    handles: dict[str, Any] = {}
    for axis in axes.flat:
        handles |= dict(zip(*reversed(axis.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside right upper", fontsize=10)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _draw_curves(axis: Any, result: EvaluatedSet, across: str, up: str, colors: dict[str, Any]) -> None:
    smallest = SMALLEST_EDGES if across in ("edges_3", "edges_1") else -math.inf
    for method, color in colors.items():
        points = [point for point in result.points if point.method == method and {across, up} <= point.values.keys()]
        points = [point for point in points if point.values[across] >= smallest]
        if not points:
            continue
        ours = method == OURS
        pairs = [(point.values[across], point.values[up]) for point in points]
        axis.plot(*zip(*pairs, strict=True), ".", color=color, markersize=4, alpha=0.5)
        line = pairs if ours else front(points, across, up)
        axis.plot(
            *zip(*line, strict=True),
            "o-",
            color=color,
            label=method,
            linewidth=2.6 if ours else 1.2,
            markersize=5 if ours else 3,
            zorder=3 if ours else 2,
        )
    for row in result.rows:
        if row.note == ELSEWHERE and {across, up} <= row.values.keys():
            axis.plot(row.values[across], row.values[up], "*", markersize=11, label=row.method, zorder=4)
    if up == "enl":
        axis.set_yscale("log")
    axis.set_xlabel(MEASURES[across].title)
    axis.set_ylabel(MEASURES[up].title)
    axis.set_title(f"{result.evaluated.name} ({result.tuned_on or 'these frames'})", fontsize=10)
    axis.grid(alpha=0.3)


def front(points: Sequence[TuningPoint], across: str, up: str) -> list[tuple[float, float]]:
    """Return the points that no other point beats in both measures, from right to left."""
    best = -math.inf
    line = []
    for x, y in sorted(((point.values[across], point.values[up]) for point in points), reverse=True):
        if y > best:
            line.append((x, y))
            best = y
    return line


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    return plt
