"""What is done with every file of an archive, as the processes and machines that share the work see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from ..commands.run_file import Watch
    from ..engine import Engine
    from .order import FileOrder


class Job(Protocol):
    """What is to be done, without anything heavy: it is sent to processes and machines, which load it once.

    Two jobs that are equal do the same.
    """

    def on_device(self, device: str) -> Self:
        """Return the same job on another device."""

    def anywhere(self) -> Self:
        """Return a job that means the same on another machine: no path in it depends on the working folder."""

    def loaded(self) -> LoadedJob:
        """Load the model."""


class LoadedJob(Protocol):
    """A job whose model is loaded."""

    @property
    def job(self) -> Job:
        """What was loaded."""

    @property
    def engine(self) -> Engine:
        """Device and notes."""

    @property
    def made_with(self) -> dict[str, Any]:
        """What decides the pixels of every result besides the input: model, settings, frames. JSON values."""

    def do(self, order: FileOrder, watch: Watch, *, progress: bool) -> dict[str, Any]:
        """Write the result of one file, telling `watch`, and return its report.

        The output is called ``order.output_name``, or that and a suffix which only the open file decides.
        """
