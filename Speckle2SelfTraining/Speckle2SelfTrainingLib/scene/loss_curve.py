"""The loss of a running training, as tables and a chart of the scene."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.modify import one_change
from vtkmodules.vtkCommonCore import vtkDoubleArray

from ..training import TrainingProgress
from .live_nodes import LiveNodes

REFRESH_SECONDS = 0.25
HEADROOM = 1.1
STEP, LOSS = "Step", "Loss"
TRAINING_COLOR, VALIDATION_COLOR = (0.12, 0.47, 0.71), (0.85, 0.33, 0.10)


class LossCurve:
    """A chart with two curves: the loss of the training steps, and that of the held-out frames.

    It grows a few times a second at most: a row of the training's table is the mean of the steps since the row before,
    so that a long training makes neither the table nor the chart slow.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    name : str
        Name of the model, which the nodes are named after.

    Attributes
    ----------
    chart : vtkMRMLPlotChartNode
        What a plot view shows.
    """

    def __init__(self, environment: SceneEnvironment, name: str) -> None:
        self._environment = environment
        self._nodes = LiveNodes(environment)
        self._waiting: list[TrainingProgress] = []
        self._shown = float("-inf")
        self._last_step, self._highest = 0, 0.0
        self._training = self._add_table(f"{name} loss")
        self._validation = self._add_table(f"{name} validation loss")
        self._series = [
            self._add_series("Training", self._training, TRAINING_COLOR, marked=False),
            self._add_series("Held-out frames", self._validation, VALIDATION_COLOR, marked=True),
        ]
        self.chart = self._add_chart(f"{name} training")

    def add(self, steps: Sequence[TrainingProgress]) -> None:
        """Take finished steps, and show them if the last time was long enough ago."""
        self._waiting += steps
        if self._waiting and time.monotonic() - self._shown >= REFRESH_SECONDS:
            self.refresh()

    def refresh(self) -> None:
        """Show all steps that were taken."""
        steps, self._waiting = self._waiting, []
        self._shown = time.monotonic()
        if not steps:
            return
        self._last_step = steps[-1].step
        self._append(self._training, [(steps[-1].step, sum(step.loss for step in steps) / len(steps))])
        checks = [(step.step, step.validation_loss) for step in steps if step.validation_loss is not None]
        if checks:
            self._append(self._validation, checks)
        self._show_lines()
        self._scale(steps)

    def keep(self) -> None:
        """Leave tables and chart in the scene, with axes that end where the training did."""
        self.refresh()
        if self._environment.holds(self.chart) and self._last_step:
            self.chart.SetXAxisRange(0, self._last_step)
        self._nodes.keep()

    def remove(self) -> None:
        """Remove tables and chart, if they are not kept."""
        self._nodes.remove()

    def _show_lines(self) -> None:
        """Put series into the chart as soon as they have two points: VTK warns of a line with less."""
        for series in self._series:
            table = series.GetTableNode() if self._environment.holds(series) else None
            is_line = table is not None and table.GetNumberOfRows() > 1
            if is_line and self._environment.holds(self.chart) and not self.chart.HasPlotSeriesNodeID(series.GetID()):
                self.chart.AddAndObservePlotSeriesNodeID(series.GetID())

    def _scale(self, steps: Sequence[TrainingProgress]) -> None:
        """Let the axes span all steps to come: a plot view does not follow a growing table."""
        seen = [value for step in steps for value in (step.loss, step.validation_loss) if value is not None]
        self._highest = max(self._highest, *seen)
        if self._environment.holds(self.chart):
            with one_change(self.chart):
                self.chart.SetXAxisRange(0, steps[-1].steps)
                self.chart.SetYAxisRange(0, HEADROOM * self._highest)

    def _append(self, node: Any, rows: Sequence[tuple[float, float]]) -> None:
        if not self._environment.holds(node):  # the user has deleted it
            return
        table = node.GetTable()
        with one_change(node):
            for row in rows:
                for column, value in enumerate(row):
                    table.GetColumn(column).InsertNextValue(value)
            table.Modified()
            node.Modified()

    def _add_table(self, name: str) -> Any:
        def prepare(node: Any) -> None:
            for column in (STEP, LOSS):
                array = vtkDoubleArray()
                array.SetName(column)
                node.AddColumn(array)
            node.SetUseColumnTitleAsColumnHeader(True)

        return self._nodes.add("vtkMRMLTableNode", name, "loss", prepare)

    def _add_series(self, name: str, table: Any, color: tuple[float, float, float], *, marked: bool) -> Any:
        def prepare(node: Any) -> None:
            node.SetPlotType(node.PlotTypeScatter)
            node.SetXColumnName(STEP)
            node.SetYColumnName(LOSS)
            node.SetColor(*color)
            node.SetMarkerStyle(node.MarkerStyleCircle if marked else node.MarkerStyleNone)

        series = self._nodes.add("vtkMRMLPlotSeriesNode", name, "series", prepare)
        series.SetAndObserveTableNodeID(table.GetID())
        return series

    def _add_chart(self, name: str) -> Any:
        def prepare(node: Any) -> None:
            node.SetTitle(name)
            node.SetXAxisTitle(STEP)
            node.SetYAxisTitle(LOSS)
            node.SetXAxisRangeAuto(False)
            node.SetYAxisRangeAuto(False)

        return self._nodes.add("vtkMRMLPlotChartNode", name, "chart", prepare)
