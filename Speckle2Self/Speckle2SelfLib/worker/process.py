"""One running worker process as its parent sees it: lines to it, messages from it, its last words, its end."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from ..errors import WorkerError
from . import exit_status, frame_files, launch, protocol
from .jobs import package_folders

TAIL_LINES = 20
LONGEST_LINE = 2048
"""Bytes of a message that the pipe to a worker that listens takes at any time; Windows gives it as few as 4096."""
LONGEST_EARLY_LINE = 256
"""The same while the worker starts: more than one message may have to wait in the pipe then."""


class WorkerProcess:
    """A worker process and its session folder.

    The worker's standard output and error are files rather than pipes: they are polled by plain reading, without the
    reader threads that Slicer's event loop starves, without the calls that differ on Windows, and no worker ever
    blocks on a full pipe.

    Parameters
    ----------
    command : list of str or None
        What to start instead of ``python -m Speckle2SelfLib.worker``.
    folder : Path or None
        Where temporary files go, the system's temporary folder by default.
    """

    def __init__(self, command: list[str] | None = None, folder: Path | None = None) -> None:
        self.hello: protocol.Message | None = None
        self.folder = frame_files.new_session_folder(folder)
        self.last_heard = time.monotonic()
        self._rest = b""
        self._long_messages = 0
        self._words_before = 0
        try:
            with open(self.folder / "stdout", "wb") as stdout, open(self.folder / "stderr", "wb") as stderr:
                self._process = launch.start_process(command or self._command(), stdout, stderr)
            self._messages = open(self.folder / "stdout", "rb")  # noqa: SIM115 - closed by end()
        except BaseException:
            frame_files.remove_session_folder(self.folder)
            raise

    def _command(self) -> list[str]:
        worker = [launch.python_executable(), "-m", "Speckle2SelfLib.worker", "--session", str(self.folder)]
        # not through PYTHONPATH, which launchers may set anew
        return [*worker, "--packages", *map(str, package_folders())]

    @property
    def pid(self) -> int:
        """Process id of the worker itself once it said hello, before that of its launcher."""
        return int(self.hello["pid"]) if self.hello else self._process.pid

    @property
    def exit_status(self) -> int | None:
        """Exit status, or None while it runs."""
        return self._process.poll()

    def send(self, message: protocol.Message) -> None:
        """Send one message.

        Raises
        ------
        WorkerError
            If the worker has ended, or the disk of the temporary folder is full.
        """
        stdin, line = self._process.stdin, self._line(message)
        try:
            if message["type"] == "job" and self.hello is not None:
                self._words_before = (self.folder / "stderr").stat().st_size  # of earlier jobs
            if stdin is None:
                raise OSError("no standard input")
            stdin.write(line)
            stdin.flush()
        except (OSError, ValueError) as error:
            raise self.ended() from error

    def _line(self, message: protocol.Message) -> bytes:
        """Return the line to send; a long message goes into a file, as a full pipe would make the application wait.

        The worker reads its pipe only when Python runs in it, which takes a second or more after its start.
        """
        line = protocol.encode(message)
        if len(line) <= (LONGEST_EARLY_LINE if self.hello is None else LONGEST_LINE):
            return line
        self._long_messages += 1
        path = self.folder / f"message-{self._long_messages}"
        try:
            path.write_bytes(line)
        except OSError as error:
            if self.exit_status is not None:  # it takes its folder along
                raise self.ended() from error
            raise frame_files.no_space(self.folder, len(line), error) from error
        return protocol.encode({"type": "file", "path": str(path)})

    def receive(self) -> list[protocol.Message]:
        """Return the messages that came since the last call, without waiting."""
        *lines, self._rest = (self._rest + self._messages.read()).split(b"\n")
        messages = [message for message in map(protocol.decode, lines) if message is not None]
        if messages:
            self.last_heard = time.monotonic()
        return messages

    def last_words(self) -> str:
        """Return the last lines of the worker's standard error, not those that an earlier job left."""
        try:
            words = (self.folder / "stderr").read_bytes()[self._words_before :]
            text = words[-20000:].decode("utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.strip().splitlines()[-TAIL_LINES:])

    def ended(self) -> WorkerError:
        """Return the error that says that the worker has ended."""
        status = self.exit_status
        how = "ended" if status is None else f"ended with status {status}"
        reason = exit_status.meaning(status) if status is not None else ""
        if reason:
            return self.failure(f"The worker process {how} before its work was done ({reason})")
        return self.failure(f"The worker process {how} before its work was done")

    def failure(self, what: str) -> WorkerError:
        """Return a WorkerError with the worker's last error; the next job starts a fresh worker."""
        details = self.last_words()
        last_line = f" Its last message was: {_main_line(details)}" if details else ""
        error = WorkerError(f"{what}; try again, a fresh one is started then.{last_line}")
        error.add_note(details)
        return error

    def remove_jobs(self) -> None:
        """Remove the frames of earlier jobs, as far as nobody has them open."""
        for folder in self.folder.glob("job-*"):
            shutil.rmtree(folder, ignore_errors=True)

    def end(self) -> None:
        """End the process and remove its temporary files."""
        launch.end_process(self._process, int(self.hello["pid"]) if self.hello else None)
        self._messages.close()
        frame_files.remove_session_folder(self.folder)

    def __del__(self) -> None:
        # Slicer's "Reload" drops modules without any call; interpreter shutdown may have taken names away already.
        if not sys.is_finalizing() and getattr(self, "_process", None) is not None:
            launch.close_input(self._process)


def _main_line(details: str) -> str:
    """Return the line that names the error: the last one, or the first of the dump that Python writes in a crash."""
    lines = details.splitlines()
    return next((line for line in lines if line.startswith("Fatal Python error")), lines[-1]).strip()
