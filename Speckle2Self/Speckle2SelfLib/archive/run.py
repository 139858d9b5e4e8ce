"""Run an archive: here, in processes of this machine, or on a cluster."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import iter_sweeps
from .job import LoadedJob
from .lock import held
from .machine import check_jobs, seats
from .means import Means
from .one_file import finished_report, process
from .order import Archive, FileOrder
from .outcome import Outcome

if TYPE_CHECKING:
    from ..despeckler import Despeckler

LOOKED_AT = 256  # files that decide how many processes are worth it


def despeckle_archive(
    source: Path,
    target: Path,
    despeckler: Despeckler,
    *,
    frame_axis: int | None = None,
    frames: slice | None = None,
    means: Means | None = None,
    keep: bool = False,
) -> Outcome:
    """Despeckle the files of a folder that are not finished yet; what fails is said at once and listed at the end.

    Parameters
    ----------
    source, target : Path
        Folders that were checked.
    despeckler : Despeckler
    frame_axis : int, optional
    frames : slice, optional
    means : Means, optional
    keep : bool
        Keep the report of every file.

    Raises
    ------
    InputError
        If the folder holds nothing that can be read.
    OutputError
        If another command works on the output folder.
    SettingsError, WorkerError, DependencyError
        If processes or the cluster cannot do the work.
    """
    from .despeckling import LoadedDespeckling

    means, job = means or Means(), LoadedDespeckling(despeckler, frames, frame_axis)
    archive = Archive(source, target, job.made_with, means.redo)

    def orders() -> Iterator[FileOrder]:
        return (FileOrder.of(archive, entry) for entry in iter_sweeps(source))

    return run_archive(orders, target, job, means, Outcome(keep=keep, name="despeckle"))


def run_archive(
    orders: Callable[[], Iterator[FileOrder]], target: Path, job: LoadedJob, means: Means, outcome: Outcome
) -> Outcome:
    """Do the files of an archive that are not finished yet.

    Parameters
    ----------
    orders : callable
        Returns all files of the archive, one after the other; taken a few at a time, and counted for the bar.
    target : Path
        The output folder.
    job : LoadedJob
    means : Means
    outcome : Outcome
        Takes the reports, and is returned.

    Raises
    ------
    OutputError, SettingsError, WorkerError, DependencyError
        As :func:`despeckle_archive`.
    """
    check_jobs(means.jobs, means.threads)
    try:
        unfinished = _unfinished(orders(), outcome)
        first = next(unfinished, None)
        if first is not None:
            with held(target):
                outcome.counting(_reports(itertools.chain([first], unfinished), job, means), orders)
    finally:
        outcome.tell()
    return outcome


def _unfinished(orders: Iterable[FileOrder], outcome: Outcome) -> Iterator[FileOrder]:
    for order in orders:
        report = finished_report(order)
        if report is None:
            yield order
        else:
            outcome.add(report)


def _reports(orders: Iterator[FileOrder], job: LoadedJob, means: Means) -> Iterator[dict[str, Any]]:
    if means.scheduler is None:
        return _here(orders, job, means)
    from .cluster import on_cluster

    return on_cluster(means.scheduler, orders, job.job)


def _here(orders: Iterator[FileOrder], job: LoadedJob, means: Means) -> Iterator[dict[str, Any]]:
    jobs, device = means.jobs, job.engine.device
    first = list(itertools.islice(orders, LOOKED_AT if jobs is None else max(2, jobs)))
    taken = seats(device, jobs, first, _usable_gpus(device), means.threads)
    every = itertools.chain(first, orders)
    if len(taken) == 1 and taken[0].device == device:
        for order in every:
            yield process(order, job, progress=len(first) == 1)  # several have a bar of their own
        return
    from .pool import Pool

    pool = Pool(taken, job.job)
    try:
        yield from pool.run(every)
    finally:
        job.engine.notes += [note for note in pool.notes if note not in job.engine.notes]


def _usable_gpus(device: str) -> int:
    if device != "cuda":
        return 0
    import torch

    return torch.cuda.device_count()
