"""Who does the files of an archive; imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Means:
    """Who does the work, and which of it.

    Parameters
    ----------
    jobs : int, optional
        Processes; None chooses for the machine.
    threads : int, optional
        Processors to use, over all processes; None takes all.
    scheduler : str, optional
        Address of a Dask scheduler whose workers do the work.
    redo : bool
        Do finished files again.
    """

    jobs: int | None = None
    threads: int | None = None
    scheduler: str | None = None
    redo: bool = False
