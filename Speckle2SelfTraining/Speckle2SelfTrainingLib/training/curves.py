"""Learning curves: a table, a picture, and a log for TensorBoard."""

from __future__ import annotations

import csv
import importlib.util
import io
from pathlib import Path
from typing import Any

from .checkpoint import write_whole
from .progress import CurveRow

CSV, PICTURE, LOG = "curves.csv", "curves.png", "tensorboard"
FIRST_COLUMNS = ("step", "loss", "reconstruction", "consistency")
LAST_COLUMNS = ("validation_loss", "learning_rate", "seconds")
SMOOTHING = 50
# Shares from 0 to 1 that are known at validations only.
SHARES = ("validation_dice", "validation_false_alarms", "learned_dice")


class Curves:
    """The rows of all steps so far, and their files.

    Parameters
    ----------
    folder : Path
    rows : list of dict
        Of the steps before, when a training is resumed.
    """

    def __init__(self, folder: Path, rows: list[CurveRow]) -> None:
        self._folder, self.rows = folder, rows
        self._log = _tensorboard(folder / LOG, len(rows))

    def add(self, row: CurveRow) -> None:
        """Take the row of a step."""
        self.rows.append(row)
        if self._log is not None:
            for name, value in row.items():
                if name != "step" and value is not None:
                    self._log.add_scalar(name, value, int(row["step"] or 0))

    def write(self) -> None:
        """Write the table and the picture.

        Raises
        ------
        OutputError
            If the disk is full or the folder cannot be written.
        """
        if not self.rows:
            return
        write_whole(self._folder / CSV, self._table())
        write_whole(self._folder / PICTURE, draw_curves(self.rows))
        if self._log is not None:
            self._log.flush()

    def close(self) -> None:
        """Close the log."""
        if self._log is not None:
            self._log.close()

    def _table(self) -> bytes:
        text = io.StringIO()
        writer = csv.DictWriter(text, columns_of(self.rows), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue().encode()


def columns_of(rows: list[CurveRow]) -> list[str]:
    """Return the columns in a fixed order: step, losses, what else is minimized, the rest."""
    names = {name for row in rows for name in row}
    middle = sorted(names - {*FIRST_COLUMNS, *LAST_COLUMNS})
    return [name for name in (*FIRST_COLUMNS, *middle, *LAST_COLUMNS) if name in names]


def draw_curves(rows: list[CurveRow]) -> bytes:
    """Draw losses and validation over the steps; return the PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axis = figure.add_subplot()
    steps = [row["step"] or 0.0 for row in rows]
    columns = [name for name in columns_of(rows) if name not in ("step", *LAST_COLUMNS)]
    shares = [name for name in columns if name in SHARES]
    shown = [name for name in columns if name not in shares]
    for name in shown:
        values = [row.get(name) or 0.0 for row in rows]
        if any(values):
            axis.plot(steps, _smooth(values), label=name, linewidth=1.8 if name == "loss" else 1.1)
    _draw_validated(axis, rows, "validation_loss", "validation", "black")
    axis.set(xlabel="step", ylabel="loss", yscale="log")
    axis.grid(alpha=0.3, which="both")
    if shares:
        right = axis.twinx()
        for number, name in enumerate(shares):
            _draw_validated(right, rows, name, name.removeprefix("validation_").replace("_", " "), f"C{number + 2}")
        right.set(ylim=(0, 1.02), ylabel="share")
        figure.legend(loc="outside upper center", ncols=6)
    else:
        axis.legend()
    picture = io.BytesIO()
    FigureCanvasAgg(figure).print_png(picture)
    return picture.getvalue()


def _draw_validated(axis: Any, rows: list[CurveRow], name: str, label: str, color: str) -> None:
    points = [(row["step"], row[name]) for row in rows if row.get(name) is not None]
    if points:
        axis.plot(*zip(*points, strict=True), "o--", label=label, markersize=4, color=color)


def _smooth(values: list[float]) -> list[float]:
    """Return running means over at most 1/50 of the curve, so that its course is seen."""
    reach = max(1, len(values) // SMOOTHING)
    return [sum(values[max(0, i - reach + 1) : i + 1]) / (i + 1 - max(0, i - reach + 1)) for i in range(len(values))]


def _tensorboard(folder: Path, step: int) -> Any:
    """Return a writer, or None where TensorBoard is not installed; of a killed run, later steps are dropped."""
    if importlib.util.find_spec("tensorboard") is None:
        return None
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder), purge_step=step + 1)
