"""A comparison with other filters as a table node: one row for each method, one column for each measure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from Speckle2SelfLib import __version__
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.hierarchy import place_beside
from Speckle2SelfLib.scene.modify import added_nodes, one_change
from Speckle2SelfLib.scene.provenance import PREFIX, mark
from vtkmodules.vtkCommonCore import vtkDoubleArray, vtkIntArray, vtkStringArray

from ..evaluation.measuring import HIGHER, LOWER, MEASURES, MeasuredMethod
from .tables import TABLE_CLASS, add_column

METHOD, FRAMES, SECONDS, SETTING = "method", "frames", "seconds", "setting"
SECONDS_DECIMALS = 2
ARROWS = {HIGHER: "\u2191", LOWER: "\u2193"}  # in headers, whose tooltips have the words
BEST = {HIGHER: "Higher is better.", LOWER: "Lower is better."}
CLOSE_TO_ONE = "Close to 1 is best: as much as in the input."
AS_THE_INPUT = "\u2192 1"
TITLES = {"edges_3": "Edges 3 px", "edges_1": "Edges 1 px", "tone": "Tone", "black": "Black"}  # short, for headers
MEANINGS = {
    "homogeneity": "Homogeneity of the gray-level co-occurrence matrix of the frame, 0 to 1.",
    "msr": "Mean to standard deviation in the box of tissue.",
    "enl": "Equivalent number of looks in the box of tissue: mean squared over variance.",
    "cnr": "Contrast to noise between the boxes of tissue and lumen.",
    "gcnr": "Generalized contrast to noise between the boxes of tissue and lumen, 0 to 1.",
    "edges_3": "Gradient left at the strongest edges of the input, at a scale of 3 pixels: structures.",
    "edges_1": "Gradient left at the strongest edges of the input, at a scale of 1 pixel: fine detail and speckle.",
    "tone": "Mean brightness, output over input.",
    "black": "Share of black pixels in the box of lumen.",
}


def place_rows(
    environment: SceneEnvironment,
    name: str,
    rows: Sequence[MeasuredMethod],
    not_measured: Mapping[str, str],
    about: str,
    beside: Any,
    table: Any = None,
) -> Any:
    """Put the measures of methods into the scene and return the table.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    name : str
        Of a new table.
    rows : sequence of MeasuredMethod
    not_measured : mapping of str to str
        Methods that could not run, with the reason; they get a row without numbers.
    about : str
        On what and where it was measured: the table's description.
    beside : vtkMRMLNode
        Whose place in the subject hierarchy a new table shares.
    table : vtkMRMLTableNode or None
        Table to fill anew.
    """
    every = [*rows, *(MeasuredMethod(method, 0, {}, note=reason) for method, reason in not_measured.items())]
    if table is not None:
        with one_change(table):
            _fill(table, every, about)
        return table
    with added_nodes(environment.scene) as added:
        table = environment.new_node(TABLE_CLASS)
        table.SetName(environment.scene.GenerateUniqueName(name))
        _fill(table, every, about)
        added.append(environment.scene.AddNode(table))
        place_beside(environment, table, beside)
    return table


def _fill(table: Any, rows: Sequence[MeasuredMethod], about: str) -> None:
    table.RemoveAllColumns()
    measured = [name for name in MEASURES if any(name in row.values for row in rows)]
    _add(table, vtkStringArray, METHOD, [row.method for row in rows], "Method", "How it was run is in the last column.")
    for name in measured:
        measure = MEASURES[name]
        values = [round(row.values.get(name, math.nan), measure.decimals) for row in rows]
        title = f"{TITLES.get(name, measure.title)} {ARROWS.get(measure.best, AS_THE_INPUT)}"
        meaning = f"{MEANINGS.get(name, measure.title)} {BEST.get(measure.best, CLOSE_TO_ONE)}"
        _add(table, vtkDoubleArray, name, values, title, meaning)
    seconds = [_seconds(row) for row in rows]
    _add(table, vtkDoubleArray, SECONDS, seconds, "Time per frame", "Processor time. Lower is better.")
    table.SetColumnUnitLabel(SECONDS, "s")
    _add(table, vtkIntArray, FRAMES, [row.frames for row in rows], "Frames", "Frames that were measured.")
    _add(table, vtkStringArray, SETTING, [row.note for row in rows], "Setting", "How the method was run.")
    table.SetUseColumnTitleAsColumnHeader(True)
    mark(table, {PREFIX + "Software": f"Speckle2Self {__version__}", PREFIX + "Note": "comparison, research use"})
    table.SetDescription(about)


def _add(table: Any, column_class: Any, name: str, values: Sequence[Any], title: str, meaning: str) -> None:
    add_column(table, column_class, name, values)
    table.SetColumnTitle(name, title)
    table.SetColumnDescription(name, meaning)


def _seconds(row: MeasuredMethod) -> float:
    if row.seconds is None:
        return 0.0 if row.frames else math.nan  # the input takes no time, what could not run an unknown one
    return round(row.seconds, SECONDS_DECIMALS)
