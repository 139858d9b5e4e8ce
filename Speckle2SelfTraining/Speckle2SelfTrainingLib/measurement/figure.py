"""The diameter profile as a picture."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .tables import RESEARCH_ONLY

if TYPE_CHECKING:
    from .result import SweepMeasures

Values = NDArray[np.float64]

BLUE, RED, GRAY, ORANGE = "#1f4e9c", "#b3261e", "#8a8a8a", "#d9822b"
AXIS_LABELS = {"position": "position along the sweep (mm)", "time": "time (s)", "frame": "frame (counted from 1)"}
SIZE_INCHES, DOTS_PER_INCH = (9.0, 5.2), 120
BROKEN = 1.8  # times the usual distance of frames, beyond which dots are not joined
MOST_NOTICES = 3
LINE_CHARACTERS = 130


def draw_profile(measures: SweepMeasures, title: str = "") -> bytes:
    """Draw diameter and confidence along a sweep; return the PNG.

    Frames that were left out are hollow, frames without a lumen are marked on the bottom, the minimum is named.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_INCHES, layout="constrained", facecolor="white")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(5, 1))
    along = np.asarray(measures.along(), np.float64)
    _draw_diameters(upper, measures, along)
    _draw_distension(upper, measures)
    _draw_minimum(upper, measures)
    _draw_missing(upper, measures, along)
    _draw_confidences(lower, measures, along)
    lower.set_xlabel(AXIS_LABELS[measures.axis])
    upper.set_title(title or "Lumen diameter", loc="left", fontsize=11, fontweight="bold")
    handles, labels = upper.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside upper right", ncols=len(handles), fontsize=8, frameon=False)
    figure.supxlabel(_small_print(measures), fontsize=7.5, color="#555555", x=0.01, ha="left")
    picture = io.BytesIO()
    figure.set_dpi(DOTS_PER_INCH)
    FigureCanvasAgg(figure).print_png(picture)
    return picture.getvalue()


def _draw_diameters(axis: Any, measures: SweepMeasures, along: Values) -> None:
    lumens = [row.lumen for row in measures.rows]
    diameter = np.array([lumen.equivalent_diameter for lumen in lumens])
    usable = np.array([row.usable for row in measures.rows])
    minor, major = (
        np.where(usable, [getattr(lumen, name) for lumen in lumens], np.nan) for name in ("minor_axis", "major_axis")
    )
    gaps = _gaps(along)
    place = _split(along, gaps)
    axis.fill_between(
        place,
        _split(minor, gaps),
        _split(major, gaps),
        color=BLUE,
        alpha=0.13,
        linewidth=0,
        label="minor to major axis",
    )
    smooth = np.array([row.smoothed_diameter for row in measures.rows])
    axis.plot(place, _split(smooth, gaps), color=BLUE, linewidth=1.6, label="running median")
    axis.plot(along[usable], diameter[usable], ".", color=BLUE, markersize=5, label="equivalent diameter")
    left_out = ~usable & np.isfinite(diameter)
    if left_out.any():
        axis.plot(along[left_out], diameter[left_out], "o", mfc="none", color=ORANGE, markersize=5, label="left out")
    axis.set_ylabel(f"lumen diameter ({measures.unit})")
    axis.grid(alpha=0.25)
    shown = np.concatenate([diameter, minor, major])
    shown = shown[np.isfinite(shown)]
    if shown.size:
        reach = max(float(np.ptp(shown)), 0.05 * float(shown.max()))
        axis.set_ylim(max(float(shown.min()) - 0.3 * reach, 0), float(shown.max()) + 0.15 * reach)


def _draw_minimum(axis: Any, measures: SweepMeasures) -> None:
    if measures.minimum is None:
        return
    found = measures.minimum
    place = measures.along()[found.frame]
    if place != place:  # not tracked: it has no place along the profile
        return
    where = {"position": f"at {place:.1f} mm, ", "time": f"at {place:.2f} s, ", "frame": "on "}[measures.axis]
    if measures.distension is None:  # else its lines are there, and lie close
        axis.axhline(found.diameter, color=RED, linewidth=0.8, linestyle=":")
    axis.plot(place, found.diameter, "v", color=RED, markersize=8, zorder=4)
    low, high = axis.get_xlim()
    right = place > (low + high) / 2
    axis.annotate(
        f"minimum of the median {found.diameter:.{_decimals(measures)}f} {measures.unit}, "
        f"{where}frame {found.frame + 1}",
        (place, found.diameter),
        (place, 0.1),
        textcoords=axis.get_xaxis_transform(),
        arrowprops={"arrowstyle": "-", "color": RED, "linewidth": 0.8, "shrinkB": 4, "relpos": (float(right), 1)},
        ha="right" if right else "left",
        color=RED,
        fontsize=9,
    )


def _draw_distension(axis: Any, measures: SweepMeasures) -> None:
    if measures.distension is None:
        return
    for name in ("systolic", "diastolic"):
        height = getattr(measures.distension, name)
        axis.axhline(height, color=GRAY, linewidth=0.9, linestyle="--", zorder=1)
        text = f"{name} {height:.{_decimals(measures)}f} {measures.unit}"
        place = ("bottom", 2) if name == "systolic" else ("top", -2)
        axis.annotate(
            text,
            (1, height),
            (-4, place[1]),
            xycoords=axis.get_yaxis_transform(),
            textcoords="offset points",
            ha="right",
            va=place[0],
            color="#555555",
            fontsize=8,
        )


def _draw_missing(axis: Any, measures: SweepMeasures, along: Values) -> None:
    missing = np.array([not row.lumen.found for row in measures.rows])
    if not missing.any():
        return
    bottom = axis.get_xaxis_transform()
    axis.plot(
        along[missing], np.full(int(missing.sum()), 0.02), "x", color=GRAY, transform=bottom, label="no lumen found"
    )


def _draw_confidences(axis: Any, measures: SweepMeasures, along: Values) -> None:
    confidence = np.array([row.lumen.confidence for row in measures.rows])
    axis.set(ylim=(0, 1.1), yticks=(0, 0.5, 1))
    axis.set_ylabel("confidence", fontsize=8)
    axis.tick_params(labelsize=8)
    if not np.isfinite(confidence).any():
        axis.text(0.5, 0.5, "not stated", transform=axis.transAxes, ha="center", va="center", color=GRAY, fontsize=9)
        return
    gaps = _gaps(along)
    axis.fill_between(_split(along, gaps), 0, _split(confidence, gaps), color=GRAY, alpha=0.35, linewidth=0)
    axis.plot(along, confidence, ".", color=GRAY, markersize=4)


def _gaps(along: Values) -> Values:
    """Return the frames before which a line is to be broken: their place is not known, or far from the one before."""
    steps = np.abs(np.diff(along))
    known = steps[np.isfinite(steps)]
    usual = float(np.percentile(known, 90)) if known.size else 0.0
    return np.asarray(np.flatnonzero(steps > BROKEN * usual) + 1)


def _split(values: Values, gaps: Values) -> Values:
    return np.insert(np.asarray(values, np.float64), gaps.astype(int), np.nan)


def _decimals(measures: SweepMeasures) -> int:
    return 2 if measures.unit == "mm" else 1


def _small_print(measures: SweepMeasures) -> str:
    lines = [_distension_text(measures)] if measures.distension is not None else []
    notices = list(measures.notices)
    lines += [_shortened(notice) for notice in notices[:MOST_NOTICES]]
    if len(notices) > MOST_NOTICES:
        lines.append(f"{len(notices) - MOST_NOTICES} more notices are in the JSON file.")
    return "\n".join([*lines, RESEARCH_ONLY])


def _shortened(text: str) -> str:
    return text if len(text) <= LINE_CHARACTERS else text[: LINE_CHARACTERS - 4] + " ..."


def _distension_text(measures: SweepMeasures) -> str:
    found = measures.distension
    if found is None:
        return ""
    digits, unit = _decimals(measures), measures.unit
    text = (
        f"Diastolic {found.diastolic:.{digits}f} {unit}, systolic {found.systolic:.{digits}f} {unit}, "
        f"distension {found.distension:.{digits}f} {unit} ({found.strain:.1f} %)"
    )
    return text + (f", {found.beats} beats" if found.beats and not math.isnan(found.heart_rate) else "") + "."
