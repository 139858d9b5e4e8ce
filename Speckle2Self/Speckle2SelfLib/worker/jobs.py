"""What the worker can do: one module for each kind of job, found through a table of names.

A module of a kind has ``run(message, context)``, which sends what it reports and its last message ``done``. As with the
subcommands, names keep this library from importing one that is built on it.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..errors import Cancelled, WorkerError
from .protocol import Message

if TYPE_CHECKING:
    from .warm import WarmDespecklers

KINDS = {
    "despeckle": "Speckle2SelfLib.worker.despeckling",
    "preview": "Speckle2SelfLib.worker.previewing",
    "follow": "Speckle2SelfLib.worker.following",
    "train": "Speckle2SelfTrainingLib.worker.training",
    "train-segmentation": "Speckle2SelfTrainingLib.worker.segmentation_training",
    "segment": "Speckle2SelfTrainingLib.worker.segmenting",
    "evaluate": "Speckle2SelfTrainingLib.worker.evaluating",
}


@dataclass(frozen=True)
class JobContext:
    """What a running job has of the worker.

    Parameters
    ----------
    job : int
        Number of the job.
    cancelled : callable
        Says whether the client has taken the job back.
    report : callable
        ``report(type, **fields)`` sends a message about this job.
    despecklers : WarmDespecklers
        Models that are loaded already.
    kept : dict
        What else kinds of jobs keep for the next ones, each under its own name.
    """

    job: int
    cancelled: Callable[[], bool]
    report: Callable[..., None]
    despecklers: WarmDespecklers
    kept: dict[str, Any] = field(default_factory=dict)

    def stop_if_cancelled(self) -> None:
        """Give the job up where the client has taken it back.

        Raises
        ------
        Cancelled
        """
        if self.cancelled():
            raise Cancelled("The job was taken back.")


def module_of(message: Message) -> ModuleType:
    """Return the module that runs a job.

    Raises
    ------
    WorkerError
        If there is no such kind of job.
    """
    name = KINDS.get(str(message.get("kind")))
    if name is None:
        raise WorkerError(f"The worker process knows no job of the kind {message.get('kind')!r}.")
    return importlib.import_module(name)


def package_folders() -> list[Path]:
    """Return the folders that the packages of all kinds lie in, as far as they are installed; imports none of them.

    Once the extension is installed it is one folder; in the source tree every module has its own.
    """
    folders: list[Path] = []
    for package in sorted({name.partition(".")[0] for name in KINDS.values()}):
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations or []) if spec is not None else []:
            folder = Path(place).resolve().parent
            if folder not in folders:
                folders.append(folder)
    return folders
