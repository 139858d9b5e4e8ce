"""The frames of a previewed sweep on their way to the worker: each is sent once, when it is needed first."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..frame_path.sampling import sample_indices
from .frame_files import FrameFile, FrameWriter
from .live_task import LiveTask

if TYPE_CHECKING:
    import numpy as np

_numbers = itertools.count(1)
_left_behind: list[Path] = []  # whole sweeps: previews that are switched on and off must not fill the disk


class Sweep(Protocol):
    """What is asked of a sweep: its frames, and what they are."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the pixels."""
        ...

    @property
    def frame_shape(self) -> tuple[int, ...]:
        """(H, W), or (H, W, C) for color."""
        ...

    @property
    def color(self) -> bool:
        """Whether the frames are RGB or RGBA."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> np.ndarray[Any, Any]: ...


class LiveSweep:
    """A file in the worker's session folder that fills with the frames of a sweep as they are needed.

    First come those that the statistics are taken from, at most 32; frames that nobody looks at stay holes.

    Parameters
    ----------
    sweep : Sweep
        Its frames must not change; a changed image is another sweep.
    """

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self._writer: FrameWriter | None = None
        self._sent: set[int] = set()

    def send(self, task: LiveTask, index: int, settings: dict[str, Any]) -> Iterator[None]:
        """Write what the worker lacks for a frame, one frame per step, then send the request.

        Raises
        ------
        WorkerError
            If the disk is full or the worker has ended.
        """
        writer = self._writer_in(task.session)
        for needed in [*sample_indices(len(self.sweep)), index]:
            if needed not in self._sent:
                writer.write(needed, self.sweep[needed])
                self._sent.add(needed)
                yield
        writer.share()
        target = writer.target
        task.send(
            settings=settings,
            input=str(target.path),
            shape=list(target.shape),
            dtype=target.dtype,
            color=self.sweep.color,
            index=index,
        )

    def close(self) -> None:
        """Remove the file; where Windows refuses, because the worker reads it, it goes with the next one."""
        writer, self._writer = self._writer, None
        self._sent.clear()
        if writer is not None:
            writer.close()
            _left_behind.append(writer.target.path)
        for path in list(_left_behind):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
                _left_behind.remove(path)

    def _writer_in(self, session: Path) -> FrameWriter:
        known = self._writer
        if known is not None and known.target.path.parent == session and known.target.path.exists():
            return known
        self.close()  # another worker process knows nothing of the sweep
        shape = (len(self.sweep), *self.sweep.frame_shape)
        path = session / f"live-{next(_numbers)}"
        self._writer = FrameWriter(FrameFile(path, shape, self.sweep.dtype.str))
        return self._writer
