"""Do, verify and record one file of an archive."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..commands.run_folder import attempted
from ..errors import OutputError, WorkerError
from .identity import FileIdentity
from .job import LoadedJob
from .order import FileOrder
from .record import Record
from .watch import RecordingWatch

SKIPPED, REDONE = "finished_before", "done_again_because"


def finished_report(order: FileOrder) -> dict[str, Any] | None:
    """Return the report of a file that needs no work, or None."""
    if order.archive.redo:
        return None
    record = Record.read(order.record)
    if record is None or not record.finished or record.reason_to_redo(order) is not None:
        return None
    return {"file": order.name, **record.report, SKIPPED: True}


def process(order: FileOrder, job: LoadedJob, *, progress: bool = False) -> dict[str, Any]:
    """Do one file unless it is finished; what fails becomes the entry ``error`` of the report.

    Parameters
    ----------
    order : FileOrder
    job : LoadedJob
        With the model and settings that the order names.
    progress : bool
        Show a bar on a terminal.
    """
    return attempted(order.name, lambda: _processed(order, job, progress), order.archive.source, order.archive.target)


def _processed(order: FileOrder, job: LoadedJob, progress: bool) -> dict[str, Any]:
    if job.made_with != order.archive.made_with:  # on another machine, or replaced since the command was given
        raise WorkerError("The process that should do it has another version of the model: install the same one.")
    _check_place(order)
    record = Record.read(order.record)
    redone: dict[str, Any] = {}
    if record is not None and not order.archive.redo:
        if record.finished and (reason := record.reason_to_redo(order)):
            redone = {REDONE: reason}
        elif record.can_be_there(order) and (report := _completed(order, record)) is not None:
            return report
    if record is not None:
        record.remove_temporaries(order)
    watch = RecordingWatch(order)
    report = job.do(order, watch, progress=progress)
    watch.finish(report)
    return {**report, **redone}


def _check_place(order: FileOrder) -> None:
    """Refuse a result that would lie among the inputs: through a link, or in an output that holds the input folder."""
    if Path(os.path.realpath(order.place)).is_relative_to(os.path.realpath(order.archive.source)):
        raise OutputError("The result would lie in the input folder, among other inputs: give another output folder.")


def _completed(order: FileOrder, record: Record) -> dict[str, Any] | None:
    """Verify an output that appeared before its run was killed; None where it is no good."""
    from .verifying import verify

    assert record.expected is not None
    target = order.archive.target
    try:
        paths = verify(target / record.expected.place, record.expected)
    except OutputError:
        return None
    outputs = tuple(FileIdentity.of(path, target) for path in paths)
    Record(record.made_with, record.inputs, outputs=outputs, report=record.report).write(order.record)
    return {**record.report, SKIPPED: True}
