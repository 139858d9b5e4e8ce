"""What all table nodes of this library share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from Speckle2SelfLib.errors import OutputError
from Speckle2SelfLib.scene.environment import SceneEnvironment

TABLE_CLASS = "vtkMRMLTableNode"


def check_table(environment: SceneEnvironment, table: Any) -> None:
    """Refuse an output that is neither None nor a table of the scene.

    Raises
    ------
    OutputError
    """
    if table is None:
        return
    if not hasattr(table, "IsA") or not environment.holds(table) or not table.IsA(TABLE_CLASS):
        raise OutputError(f"The output must be a table of this scene, got {table!r}; choose one or None.")


def add_column(table: Any, column_class: Any, name: str, values: Iterable[Any]) -> None:
    """Add a column of values to a table node; nothing is known yet of its title and unit."""
    column = column_class()
    column.SetName(name)
    for value in values:
        column.InsertNextValue(value)
    table.AddColumn(column)
