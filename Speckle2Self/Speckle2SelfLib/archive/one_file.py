"""Despeckle, verify and record one file of an archive."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..commands.run_file import despeckle_file
from ..commands.run_folder import attempted, made_place
from ..errors import OutputError
from .identity import FileIdentity
from .order import FileOrder
from .record import Record

if TYPE_CHECKING:
    from ..despeckler import Despeckler
    from ..files import Sweep, SweepWriter
    from ..frame_path.frames import Frame

SKIPPED, REDONE = "finished_before", "done_again_because"


def finished_report(order: FileOrder) -> dict[str, Any] | None:
    """Return the report of a file that needs no work, or None."""
    if order.archive.redo:
        return None
    record = Record.read(order.record)
    if record is None or not record.finished or record.reason_to_redo(order) is not None:
        return None
    return {"file": order.name, **record.report, SKIPPED: True}


def process(order: FileOrder, despeckler: Despeckler, *, progress: bool = False) -> dict[str, Any]:
    """Despeckle one file unless it is finished; what fails becomes the entry ``error`` of the report.

    Parameters
    ----------
    order : FileOrder
    despeckler : Despeckler
        With the model and settings that the order names.
    progress : bool
        Show a bar on a terminal.
    """
    return attempted(
        order.name, lambda: _processed(order, despeckler, progress), order.archive.source, order.archive.target
    )


def _processed(order: FileOrder, despeckler: Despeckler, progress: bool) -> dict[str, Any]:
    record = Record.read(order.record)
    redone: dict[str, Any] = {}
    if record is not None and not order.archive.redo:
        if record.finished and (reason := record.reason_to_redo(order)):
            redone = {REDONE: reason}
        elif record.was_published(order):
            report = _completed(order, record, despeckler)
            if report is not None:
                return report
    if record is not None:
        record.remove_temporaries(order)
    watch = _Watch(order)
    report = despeckle_file(
        order.path,
        made_place(order.place),
        despeckler,
        frame_axis=order.archive.frame_axis,
        frames=order.archive.frames,
        watch=watch,
        progress=progress,
    )
    watch.finish(report)
    return {**report, **redone}


def _completed(order: FileOrder, record: Record, despeckler: Despeckler) -> dict[str, Any] | None:
    """Verify an output that appeared before its run was killed; None where it is no good."""
    from ..commands.frame_range import chosen_frames
    from ..files import open_sweep
    from .verifying import Expected, verify

    sweep = open_sweep(order.path, frame_axis=order.archive.frame_axis)
    indices = chosen_frames(order.archive.frames, len(sweep), order.path.name)
    expected = Expected(len(indices), tuple(sweep.frame_shape), despeckler.output_dtype(sweep.dtype))
    try:
        result = verify(order.place, expected, order.archive.frame_axis)
    except OutputError:
        return None
    report = {"frames": len(indices), "size": list(expected.shape), "type": str(expected.dtype), "notes": []}
    _store(order, record.inputs, result, report)
    return {**report, SKIPPED: True}


class _Watch:
    """Keeps the record of a file while it is despeckled."""

    def __init__(self, order: FileOrder) -> None:
        self._order = order
        self._sums: list[int] = []
        self._inputs: tuple[FileIdentity, ...] = ()

    def opened(self, sweep: Sweep, writer: SweepWriter) -> None:
        """Write the record of what is about to be done."""
        from .verifying import Expected

        self._sweep, self._indices = sweep, writer.indices
        source, target = self._order.archive.source, self._order.archive.target
        paths = sweep.files or (sweep.path,)
        self._inputs = tuple(FileIdentity.of(path, source) for path in paths)
        place = self._order.place
        self._expected = Expected(len(writer.indices), tuple(sweep.frame_shape), writer.dtype, self._sums)
        before = FileIdentity.of(place, target, content=False) if place.is_file() else None
        names = tuple(Path(os.path.relpath(path, os.path.realpath(target))).as_posix() for path in writer.temporaries)
        Record(self._order.archive.made_with, self._inputs, before, names).write(self._order.record)

    def wrote(self, position: int, frame: Frame) -> None:
        """Take the checksum of a frame, and refuse values that are no numbers where the input has none such."""
        import numpy as np

        from .verifying import frame_sum

        if frame.dtype.kind == "f" and not np.isfinite(frame).all():
            index = self._indices[position]
            if np.isfinite(self._sweep.frames[index]).all():
                raise OutputError(
                    f"Frame {index} of {self._order.path} came out with values that are no finite numbers: "
                    "try --precision fp32 or --device cpu."
                )
        self._sums.append(frame_sum(frame))

    def finish(self, report: dict[str, Any]) -> None:
        """Verify the output and complete the record."""
        from .verifying import verify

        try:
            result = verify(self._order.place, self._expected, self._order.archive.frame_axis)
        except OutputError:
            self._order.place.unlink(missing_ok=True)
            raise
        _store(self._order, self._inputs, result, report)


def _store(order: FileOrder, inputs: tuple[FileIdentity, ...], result: Sweep, report: dict[str, Any]) -> None:
    target = order.archive.target
    paths = dict.fromkeys((order.place, *(path for path in result.files if path.resolve() != order.place.resolve())))
    outputs = tuple(FileIdentity.of(path, target) for path in paths)
    Record(order.archive.made_with, inputs, outputs=outputs, report=report).write(order.record)
