"""A job on the scene that ends with a table."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.job import Progress
from Speckle2SelfLib.scene.stepped_job import Schedule, SteppedJob


class TablePlan(Protocol):
    """What these jobs need of their plans."""

    @property
    def environment(self) -> SceneEnvironment:
        """The scene."""

    @property
    def table(self) -> Any:
        """Table to fill anew, or None."""


class TableJob(SteppedJob):
    """Fills a table node.

    Parameters
    ----------
    plan : TablePlan
    watched : list of vtkMRMLNode
        Nodes beside the table without which the job ends.
    onProgress : callable or None
        Called with (done, total); False cancels.
    onFinished : callable or None
        Called with the table.
    onError, schedule
        See :class:`~Speckle2SelfLib.scene.stepped_job.SteppedJob`.

    Attributes
    ----------
    total : int
        How much there is to do.
    table : vtkMRMLTableNode or None
        The table, once finished.
    """

    total: int

    def __init__(
        self,
        plan: TablePlan,
        watched: list[Any],
        onProgress: Progress | None = None,
        onFinished: Callable[[Any], object] | None = None,
        onError: Callable[[Exception], object] | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        self.table: Any = None
        self._on_progress = onProgress
        given = [plan.table] if plan.table is not None else []
        super().__init__(plan.environment, [*watched, *given], onFinished, onError, schedule)

    @property
    @abstractmethod
    def done(self) -> int:
        """How much of it is done."""

    @property
    def result(self) -> Any:
        """The table."""
        return self.table

    def _report(self) -> object:
        return self._on_progress(self.done, self.total) if self._on_progress is not None else None
