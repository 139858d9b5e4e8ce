"""Keeps the record of a file of an archive while the file is done."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, OutputError
from .identity import FileIdentity
from .order import FileOrder
from .record import Expected, Record

if TYPE_CHECKING:
    from ..files import Sweep, SweepWriter
    from ..frame_path.frames import Frame


class RecordingWatch:
    """Writes the record of a file: begun, computed and, once the output is verified, finished.

    Parameters
    ----------
    order : FileOrder
    """

    def __init__(self, order: FileOrder) -> None:
        self._order = order
        self._as_listed = _as_listed(order)
        self._sums: list[int] = []
        self._inputs: tuple[FileIdentity, ...] = ()
        self._sweep: Sweep | None = None

    def opened(self, sweep: Sweep, writer: SweepWriter) -> None:
        """Write the record of what is about to be done."""
        archive = self._order.archive
        self._sweep, self._place = sweep, writer.path
        self._indices, self._shape, self._dtype = writer.indices, writer.frames.shape[1:], str(writer.dtype)
        self._inputs = tuple(FileIdentity.of(path, archive.source) for path in sweep.files or (sweep.path,))
        folder = os.path.realpath(archive.target)
        names = tuple(Path(os.path.relpath(path, folder)).as_posix() for path in writer.temporaries)
        self._begun = Record(archive.made_with, self._inputs, names)
        self._begun.write(self._order.record)

    def wrote(self, position: int, frame: Frame) -> None:
        """Take the checksum of a frame, and refuse values that are no numbers where the input has none such."""
        import numpy as np

        from .verifying import frame_sum

        if frame.dtype.kind == "f" and self._sweep is not None and not np.isfinite(frame).all():
            index = self._indices[position]
            if np.isfinite(self._sweep.frames[index]).all():
                raise OutputError(
                    f"Frame {index} of {self._order.path} came out with values that are no finite numbers: "
                    "try --precision fp32 or --device cpu."
                )
        self._sums.append(frame_sum(frame))

    def computed(self, report: dict[str, Any]) -> None:
        """Record what the output will hold, unless the input was not the same all the while."""
        self._sweep = None  # its memory is needed for reading the result back
        source, target = self._order.archive.source, self._order.archive.target
        self._check_inputs(source)
        place = Path(os.path.relpath(self._place, target)).as_posix()
        self._expected = Expected(place, len(self._sums), self._shape, self._dtype, tuple(self._sums))
        begun = self._begun
        Record(begun.made_with, begun.inputs, begun.temporaries, self._expected, report=report).write(
            self._order.record
        )

    def finish(self, report: dict[str, Any]) -> None:
        """Verify the output and complete the record."""
        from .verifying import verify

        target = self._order.archive.target
        try:
            paths = verify(self._place, self._expected)
        except OutputError:
            self._place.unlink(missing_ok=True)
            raise
        outputs = tuple(FileIdentity.of(path, target) for path in paths)
        Record(self._begun.made_with, self._inputs, outputs=outputs, report=report).write(self._order.record)

    def _check_inputs(self, source: Path) -> None:
        for identity in (*self._as_listed, *self._inputs):
            now = FileIdentity.of(source / identity.name, source, content=False)
            if (now.size, now.modified) != (identity.size, identity.modified):
                raise InputError(
                    f"{source / identity.name} changed while it was read: give the command again once it is complete."
                )


def _as_listed(order: FileOrder) -> list[FileIdentity]:
    """Return the state of a file before it is opened; none where opening will say what is wrong with it."""
    try:
        return [FileIdentity.of(order.path, order.archive.source, content=False)]
    except OSError:
        return []
