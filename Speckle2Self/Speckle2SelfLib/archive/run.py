"""Despeckle an archive: here, in processes of this machine, or on a cluster."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files import iter_sweeps
from .machine import check_jobs, seats
from .one_file import finished_report, process
from .order import Archive, FileOrder
from .outcome import Outcome

if TYPE_CHECKING:
    from ..despeckler import Despeckler

LOOKED_AT = 256  # files that decide how many processes are worth it


def made_with(despeckler: Despeckler, frames: slice | None, frame_axis: int | None) -> dict[str, Any]:
    """Return what decides the pixels of every result besides the input, as JSON values."""
    values = despeckler.settings.to_dict()
    return {
        "model": despeckler.model.name,
        "model_sha256": despeckler.model.sha256,
        **{name: values[name] for name in (*despeckler.settings.applied, "precision")},
        "frames": None if frames is None else [frames.start, frames.stop],
        "frame_axis": frame_axis,
    }


def despeckle_archive(
    source: Path,
    target: Path,
    despeckler: Despeckler,
    *,
    frame_axis: int | None = None,
    frames: slice | None = None,
    jobs: int | None = None,
    threads: int | None = None,
    scheduler: str | None = None,
    redo: bool = False,
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
    jobs : int, optional
        Processes; None chooses for the machine.
    threads : int, optional
        Processors to use, over all processes; None takes all.
    scheduler : str, optional
        Address of a Dask scheduler whose workers do the work.
    redo : bool
        Despeckle finished files again.
    keep : bool
        Keep the report of every file.

    Raises
    ------
    InputError
        If the folder holds nothing that can be read.
    SettingsError, WorkerError, DependencyError
        If processes or the cluster cannot do the work.
    """
    jobs = check_jobs(jobs)
    archive = Archive(source, target, made_with(despeckler, frames, frame_axis), frame_axis, frames, redo)
    outcome = Outcome(keep=keep)
    orders = _unfinished(archive, outcome)
    try:
        if scheduler is None:
            outcome.counting(_here(orders, despeckler, jobs, threads))
        else:
            from .cluster import on_cluster

            outcome.counting(on_cluster(scheduler, orders, despeckler))
    finally:
        outcome.tell()
    return outcome


def _unfinished(archive: Archive, outcome: Outcome) -> Iterator[FileOrder]:
    for entry in iter_sweeps(archive.source):
        order = FileOrder.of(archive, entry)
        report = finished_report(order)
        if report is None:
            yield order
        else:
            outcome.add(report)


def _here(
    orders: Iterator[FileOrder], despeckler: Despeckler, jobs: int | None, threads: int | None
) -> Iterator[dict[str, Any]]:
    first = list(itertools.islice(orders, LOOKED_AT if jobs is None else max(2, jobs)))
    taken = seats(despeckler.engine.device, jobs, first, _usable_gpus(despeckler.engine.device), threads)
    every = itertools.chain(first, orders)
    if len(taken) == 1 and taken[0].device == despeckler.engine.device:
        for order in every:
            yield process(order, despeckler, progress=len(first) == 1)  # several have a bar of their own
        return
    from .pool import Pool

    pool = Pool(taken, despeckler.settings)
    try:
        yield from pool.run(every)
    finally:
        despeckler.engine.notes += [note for note in pool.notes if note not in despeckler.engine.notes]


def _usable_gpus(device: str) -> int:
    if device != "cuda":
        return 0
    import torch

    return torch.cuda.device_count()
