"""Measures of a sweep as a table node, typed and with units, and as a chart of the diameter profile."""

from __future__ import annotations

import json
import math
from typing import Any

from Speckle2SelfLib import __version__
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.hierarchy import place_beside
from Speckle2SelfLib.scene.modify import added_nodes, one_change
from Speckle2SelfLib.scene.provenance import PREFIX, mark
from Speckle2SelfLib.scene.translation import tr as _
from vtkmodules.vtkCommonCore import vtkBitArray, vtkDoubleArray, vtkIntArray, vtkStringArray

from ..measurement import SweepMeasures
from .tables import TABLE_CLASS, add_column

UNITS = {"mm2": "mm2", "mm": "mm", "px": "px", "s": "s"}  # by the ending of a column's name
DECIMALS = {"mm2": 3, "mm": 3, "px2": 0, "px": 2, "s": 3}  # what a table shows; CSV files have all
OTHER_DECIMALS = 3
WHOLE, YES_NO, TEXT = ("frame", "regions"), ("found", "usable"), ("doubts",)
ALONG = {"position": "position_mm", "time": "time_s", "frame": "frame"}
POINT_COLOR, LINE_COLOR = (0.12, 0.31, 0.61), (0.70, 0.15, 0.12)
LEGEND_SIZE, HEADROOM, SMALLEST_REACH = 12, 0.5, 0.05
SERIES = {"equivalent_diameter": "Equivalent diameter", "smoothed_diameter": "Running median"}


def place_measures(
    environment: SceneEnvironment, measures: SweepMeasures, segmentation: Any, table: Any = None, plot: bool = True
) -> Any:
    """Put measures into the scene and return the table.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    measures : SweepMeasures
    segmentation : vtkMRMLNode
        What was measured; names of new nodes come from it.
    table : vtkMRMLTableNode or None
        Table to fill anew; its chart follows. None makes a new one.
    plot : bool
        Whether a table that has no chart gets one.
    """
    with added_nodes(environment.scene) as added:
        if table is None:
            table = environment.new_node(TABLE_CLASS)
            table.SetName(environment.scene.GenerateUniqueName(f"{segmentation.GetName()} measurements"))
            _fill(table, measures)
            added.append(environment.scene.AddNode(table))
            place_beside(environment, table, segmentation)
        else:
            with one_change(table):
                _fill(table, measures)
        chart = chart_of(environment, table)
        if plot and chart is None:
            chart = environment.new_node("vtkMRMLPlotChartNode")
            chart.SetName(environment.scene.GenerateUniqueName(f"{segmentation.GetName()} diameter profile"))
            added.append(environment.scene.AddNode(chart))
            added += [_add_series(environment, chart, table, quantity) for quantity in SERIES]
        if chart is not None:
            _draw(environment, chart, table, measures)
    return table


def chart_of(environment: SceneEnvironment, table: Any) -> Any:
    """Return the chart of a table's diameter profile, or None."""
    for chart in environment.nodes("vtkMRMLPlotChartNode"):
        series = [chart.GetNodeReference(PREFIX + quantity) for quantity in SERIES]
        if any(one is not None and one.GetTableNode() is table for one in series):
            return chart
    return None


def _leave_room(chart: Any, diameters: list[float]) -> None:
    """Let the axis end above the highest value, where the legend lies."""
    known = [value for value in diameters if math.isfinite(value)]
    chart.SetYAxisRangeAuto(not known)
    if known:
        reach = max(max(known) - min(known), SMALLEST_REACH * max(known))
        chart.SetYAxisRange(min(known) - 0.1 * reach, max(known) + HEADROOM * reach)


def _fill(table: Any, measures: SweepMeasures) -> None:
    table.RemoveAllColumns()
    for name, values in measures.table().items():
        _add(table, name, values)
        quantity, _separator, unit = name.rpartition("_")
        if unit in UNITS:
            table.SetColumnUnitLabel(name, UNITS[unit])  # which headers show behind the title
            table.SetColumnTitle(name, quantity.replace("_", " "))
        else:
            table.SetColumnTitle(name, name)
    table.SetColumnDescription("frame", _("Counted from 1."))
    table.SetUseColumnTitleAsColumnHeader(True)
    marks = {
        "Software": f"Speckle2Self {__version__}",
        "Note": "measured, research use",
        "Unit": measures.unit,
        "Summary": json.dumps(measures.summary()),
        "Notices": " ".join(measures.notices),
    }
    mark(table, {PREFIX + name: value for name, value in marks.items()})
    table.SetDescription(marks["Notices"])


def _add(table: Any, name: str, values: list[Any]) -> None:
    kinds: list[tuple[tuple[str, ...], Any, Any]] = [
        (WHOLE, vtkIntArray, int),
        (YES_NO, vtkBitArray, int),
        (TEXT, vtkStringArray, str),
    ]
    decimals = DECIMALS.get(name.rpartition("_")[2], OTHER_DECIMALS)
    column_class, convert = next(
        ((column_class, convert) for names, column_class, convert in kinds if name in names),
        (vtkDoubleArray, lambda value: round(float(value), decimals)),
    )
    add_column(table, column_class, name, [convert(math.nan if value is None else value) for value in values])


def _add_series(environment: SceneEnvironment, chart: Any, table: Any, quantity: str) -> Any:
    series = environment.new_node("vtkMRMLPlotSeriesNode")
    series.SetName(environment.scene.GenerateUniqueName(SERIES[quantity]))
    series.SetPlotType(series.PlotTypeScatter)
    is_line = quantity == "smoothed_diameter"
    series.SetColor(*(LINE_COLOR if is_line else POINT_COLOR))
    series.SetLineStyle(series.LineStyleSolid if is_line else series.LineStyleNone)
    series.SetMarkerStyle(series.MarkerStyleNone if is_line else series.MarkerStyleCircle)
    series = environment.scene.AddNode(series)
    series.SetAndObserveTableNodeID(table.GetID())
    chart.SetNodeReferenceID(PREFIX + quantity, series.GetID())
    return series


def _axis_title(axis: str) -> str:
    titles = {
        "position": _("Position along the sweep (mm)"),
        "time": _("Time (s)"),
        "frame": _("Frame (counted from 1)"),
    }
    return str(titles[axis])


def _draw(environment: SceneEnvironment, chart: Any, table: Any, measures: SweepMeasures) -> None:
    with one_change(chart):
        chart.SetTitle(_("Lumen diameter"))
        chart.SetXAxisTitle(_axis_title(measures.axis))
        chart.SetYAxisTitle(_("Diameter ({unit})").format(unit=measures.unit))
        chart.SetLegendFontSize(LEGEND_SIZE)
        _leave_room(chart, [row.lumen.equivalent_diameter for row in measures.rows])
        for quantity in SERIES:
            series = chart.GetNodeReference(PREFIX + quantity)
            if series is None:  # the user has deleted it
                continue
            series.SetXColumnName(ALONG[measures.axis])
            series.SetYColumnName(f"{quantity}_{measures.unit}")
            # VTK warns of a line with less than two points
            if table.GetNumberOfRows() > 1 and not chart.HasPlotSeriesNodeID(series.GetID()):
                chart.AddAndObservePlotSeriesNodeID(series.GetID())
