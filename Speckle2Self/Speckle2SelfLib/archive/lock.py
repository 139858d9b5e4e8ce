"""One command at a time works on an output folder."""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ..errors import OutputError
from ..files.output_place import writing_to
from .order import RECORDS

LOCK, HOLDER = ".lock", ".holder.json"  # hidden: no file of an archive has a record of such a name


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold an output folder against other commands.

    The operating system lets it go when this process ends, however it ends. Where the file system knows no locks, as on
    some network shares, nothing is held.

    Raises
    ------
    OutputError
        If another command works on it, or nothing can be written there.
    """
    # The network library brings filelock along; Windows and POSIX lock in different ways.
    from filelock import FileLock, Timeout

    place = folder / RECORDS
    with writing_to(folder):
        place.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise OutputError(
            f"Another command works on the folder {folder} ({_holder(place / HOLDER)}): "
            "wait until it has ended, stop it, or give another output folder."
        ) from None
    except (OSError, NotImplementedError) as error:
        if not os.access(place, os.W_OK):
            raise OutputError(f"The folder {place} cannot be written to; choose another output folder.") from error
        yield  # no locks here, or the lock belongs to another user
        return
    try:
        _write_holder(place / HOLDER)
        yield
    finally:
        with contextlib.suppress(OSError):
            (place / HOLDER).unlink(missing_ok=True)
        lock.release()


def _write_holder(path: Path) -> None:
    started = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    values = {"process": os.getpid(), "computer": platform.node(), "since": started}
    with contextlib.suppress(OSError):  # a full disk is said with the first file
        path.write_text(json.dumps(values), encoding="utf-8")


def _holder(path: Path) -> str:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return f"process {values['process']} on {values['computer']} since {values['since']}"
    except (OSError, ValueError, LookupError, TypeError):
        return "which has only just started"
