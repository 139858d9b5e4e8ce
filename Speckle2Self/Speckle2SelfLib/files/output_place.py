"""Where a result goes: checked before any work, written beside its target and renamed only once it is complete."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import OutputError

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def writing_to(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into one sentence about ``path``."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise OutputError(
                f"{path} could not be written because the disk is full; free some space or choose another folder."
            ) from error
        raise OutputError(f"{path} could not be written: {error.strerror or error}.") from error


class OutputPlace:
    """One output (a file, or a header with its data file) that appears complete or not at all.

    Parameters
    ----------
    path : Path
        Where the result shall be. A link is followed, so that its target is replaced and not the link.
    inputs : iterable of Path
        Files that the result is computed from and that therefore must not be replaced.

    Raises
    ------
    OutputError
        If the folder is missing or read-only, or the output is a folder, an input or protected against writing.
    """

    def __init__(self, path: Path, inputs: Iterable[Path]) -> None:
        self.asked = Path(path)
        self._inputs = tuple(inputs)
        self._parts: dict[Path, Path] = {}  # final path -> temporary path
        self._scratch: list[Path] = []
        try:
            self.path = self.add(self.asked)
        except BaseException:  # an interruption as well
            self.discard()
            raise

    def add(self, path: Path) -> Path:
        """Reserve one more file of this output and return the path it will finally have."""
        self._check(path)
        final = Path(os.path.realpath(path))
        suffixes = "".join(final.suffixes[-2:])
        temporary = final.with_name(f".{secrets.token_hex(6)}.part{suffixes}")
        self._parts[final] = temporary  # before it exists, so that an interruption in between leaves nothing behind
        try:
            with open(temporary, "xb"):
                pass
        except OSError as error:
            del self._parts[final]
            if error.errno in DISK_FULL:
                raise OutputError(f"The disk that {path} should be written to is full; free some space.") from error
            raise OutputError(
                f"The folder {path.parent} cannot be written to ({error.strerror}); choose another output folder."
            ) from error
        return final

    def temporary(self, final: Path) -> Path:
        """Return the file to write now, next to ``final``."""
        return self._parts[final]

    def scratch(self, suffix: str) -> Path:
        """Return a file beside the output to write something in between, which is removed with the temporary files."""
        path = self.path.with_name(f".{secrets.token_hex(6)}.part{suffix}")
        self._scratch.append(path)
        return path

    @property
    def temporaries(self) -> list[Path]:
        """The files that are there until this output is published or discarded."""
        return [*self._parts.values(), *self._scratch]

    def publish(self) -> None:
        """Rename every temporary file to its final name; on failure the old files are put back."""
        saved: dict[Path, Path] = {}
        done: list[Path] = []
        try:
            with writing_to(self.asked):
                if len(self._parts) > 1:
                    for final, temporary in self._parts.items():
                        if final.exists():
                            backup = temporary.with_name(temporary.name + ".old")
                            os.replace(final, backup)
                            saved[final] = backup
                for final, temporary in self._parts.items():
                    os.replace(temporary, final)
                    done.append(final)
        except BaseException:
            for final in done:
                if len(self._parts) > 1:
                    final.unlink(missing_ok=True)
            for final, backup in saved.items():
                os.replace(backup, final)
            raise
        for backup in saved.values():
            backup.unlink(missing_ok=True)
        self._parts.clear()

    def discard(self) -> None:
        """Remove what was written so far; files that were there before stay."""
        for temporary in self.temporaries:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        self._parts.clear()
        self._scratch.clear()

    def _check(self, path: Path) -> None:
        if path.is_dir():
            raise OutputError(f"The output {path} is a folder; give the name of a file in it.")
        if not path.parent.is_dir():
            raise OutputError(f"The folder {path.parent} of the output does not exist; create it first.")
        for source in self._inputs:
            if _same_file(path, source):
                raise OutputError(f"The output {path} is the input file {source}; choose another name.")
        if path.exists() and not os.access(path, os.W_OK):
            raise OutputError(f"The output {path} exists and is read-only; choose another name.")


def _same_file(first: Path, second: Path) -> bool:
    if os.path.realpath(first) == os.path.realpath(second):
        return True
    try:
        return os.path.samefile(first, second)  # hard links, and names that differ in case only where case is ignored
    except OSError:
        return False
