"""Frames in files that client and worker both map into memory, and the temporary folder that holds them."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import WorkerError

if TYPE_CHECKING:
    import numpy as np

FOLDER_PREFIX = "Speckle2Self-worker-"
ABANDONED_AFTER_SECONDS = 24 * 3600.0
_ZEROS = bytes(1 << 20)


@dataclass(frozen=True)
class FrameFile:
    """A file of equally sized frames without a header.

    Parameters
    ----------
    path : Path
        Where the file lies.
    shape : tuple of int
        (N, H, W) or (N, H, W, C).
    dtype : str
        numpy's name of the type with byte order, e.g. ``"<u2"``.
    """

    path: Path
    shape: tuple[int, ...]
    dtype: str

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self.frame_size * self.shape[0]

    @property
    def frame_size(self) -> int:
        """Bytes of one frame."""
        import numpy as np

        return int(math.prod(self.shape[1:])) * np.dtype(self.dtype).itemsize

    def allocate(self) -> None:
        """Create the file with its space reserved.

        A mapped page without space behind it kills the process (SIGBUS) instead of raising, so the space is taken
        here, where a full disk is an error like any other.

        Raises
        ------
        WorkerError
            If the disk is full or the folder cannot be written.
        """
        try:
            with open(self.path, "wb") as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, self.size)
                else:  # macOS has no posix_fallocate, and Windows reserves only what is written
                    for start in range(0, self.size, len(_ZEROS)):
                        file.write(_ZEROS[: self.size - start])
        except OSError as error:
            raise no_space(self.path.parent, self.size, error) from error

    def map(self, mode: Any = "r") -> np.ndarray[Any, Any]:
        """Return the frames as an array that lives in the file ("r" to read, "r+" to read and write)."""
        import numpy as np

        return np.memmap(self.path, dtype=self.dtype, mode=mode, shape=self.shape)


class FrameWriter:
    """Writes single frames of a :class:`FrameFile`, any of them, in any order; the rest stays a hole."""

    def __init__(self, target: FrameFile) -> None:
        self.target = target
        try:
            self._file = open(target.path, "wb")  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise no_space(target.path.parent, target.size, error) from error

    def write(self, index: int, frame: np.ndarray[Any, Any]) -> None:
        """Write one frame; plain writing rather than mapping, so that a full disk raises WorkerError."""
        import numpy as np

        data = np.ascontiguousarray(frame, dtype=self.target.dtype)
        try:
            self._file.seek(index * self.target.frame_size)
            self._file.write(data.data)
        except OSError as error:
            raise no_space(self.target.path.parent, self.target.size, error) from error

    def share(self) -> None:
        """Give the file its full length and let others read what was written so far; more may be written later."""
        try:
            self._file.truncate(self.target.size)
            self._file.flush()
        except OSError as error:
            raise no_space(self.target.path.parent, self.target.size, error) from error

    def finish(self) -> None:
        """Give the file its full length and close it."""
        self.share()
        try:
            self._file.close()
        except OSError as error:
            raise no_space(self.target.path.parent, self.target.size, error) from error

    def close(self) -> None:
        """Close the file, whatever state it is in."""
        try:
            self._file.close()
        except OSError:
            # a full disk refuses the last flush, too; the file is about to be removed
            self._file.close()


def no_space(folder: Path, size: int, error: OSError) -> WorkerError:
    """Return the error for a temporary file that cannot be written."""
    reason = error.strerror or str(error)
    return WorkerError(
        f"The temporary folder cannot hold the {size / 2**20:.0f} MB of frames ({reason}); free some disk space, or "
        f"choose another temporary folder."
    )


def new_session_folder(parent: Path | None = None) -> Path:
    """Create the folder of one worker process, and remove what crashed sessions left behind a day ago or more."""
    base = Path(parent) if parent is not None else Path(tempfile.gettempdir())
    try:
        _remove_abandoned(base)
        return Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=base))
    except OSError as error:
        raise no_space(base, 0, error) from error


def remove_session_folder(folder: Path) -> None:
    """Remove the folder of a worker process, and nothing that is not such a folder.

    Windows keeps files that somebody has open; what stays is removed by a later session.
    """
    if folder.name.startswith(FOLDER_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(base: Path) -> None:
    now = time.time()
    for folder in base.glob(FOLDER_PREFIX + "*"):
        try:
            newest = max(path.stat().st_mtime for path in [folder, *folder.rglob("*")])
        except OSError:
            continue
        # Safe for a session that merely idles: its logs stay open, and a job makes its folder anew.
        if now - newest > ABANDONED_AFTER_SECONDS:
            remove_session_folder(folder)
