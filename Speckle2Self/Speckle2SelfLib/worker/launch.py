"""Starting the worker: which Python, with which environment, and how to end it for certain."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

from ..errors import WorkerError

LIBRARY_PARENT = Path(__file__).resolve().parents[2]


def python_executable() -> str:
    """Return the Python that has this library's packages.

    Slicer puts ``PythonSlicer`` on its own PATH (slicer.util.executePythonModule finds it in the same way); it is a
    launcher that sets up Slicer's libraries. Elsewhere it is the Python that runs this.

    Raises
    ------
    WorkerError
        If this is Slicer and PythonSlicer cannot be found.
    """
    if not _inside_slicer():
        return sys.executable
    found = shutil.which("PythonSlicer")
    if found is None:
        raise WorkerError("PythonSlicer was not found beside this Slicer; reinstall Slicer.")
    return found


def _inside_slicer() -> bool:
    # Only asked of an imported module: importing slicer here would load VTK where it is not needed.
    return hasattr(sys.modules.get("slicer"), "app")


def environment() -> dict[str, str]:
    """Return the worker's environment: this library importable, text in UTF-8 whatever the console's code page."""
    values = dict(os.environ)
    values["PYTHONPATH"] = os.pathsep.join(filter(None, [str(LIBRARY_PARENT), values.get("PYTHONPATH")]))
    values["PYTHONIOENCODING"] = "utf-8"
    values["PYTHONUNBUFFERED"] = "1"
    # Threads of PyTorch that wait for each other turn in circles shortly and then sleep (GNU OpenMP, so Linux): a frame
    # of 512 x 512 takes 83 ms on two idle cores and 160 ms beside two busy programs, where the default takes 76 and
    # 309 ms and OMP_WAIT_POLICY=PASSIVE 95 and 218 ms. The views of the application are such a program.
    values.setdefault("GOMP_SPINCOUNT", "10000")
    return values


def start_process(command: list[str], stdout: IO[bytes], stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the worker with its output going to files.

    Raises
    ------
    WorkerError
        If the executable cannot be started.
    """
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            env=environment(),
            # Nothing else of the application goes to the worker, and its own pipe to no later child: Python opens files
            # and pipes so that they are not inherited (on Windows and elsewhere), so it closes with the application.
            close_fds=True,
            # "python -m" looks into the current folder first, which may hold a torch.py of somebody
            cwd=LIBRARY_PARENT,
            # Windows: no console window pops up, neither of this launcher nor of the Python that it starts, which
            # shares its invisible console; nor does Ctrl-C of a terminal reach them. The launcher passes its low
            # priority on to that Python. Elsewhere the worker lowers its own (see priority.py).
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            # Linux, macOS: Ctrl-C in the terminal reaches only this process, which then cancels in good order
            start_new_session=os.name == "posix",
        )
    except OSError as error:
        raise WorkerError(
            f"The worker process cannot be started ({error.strerror or error}); check the installation."
        ) from error


def end_process(process: subprocess.Popen[bytes], worker_pid: int | None, patience: float = 0.03) -> None:
    """End the worker: by closing its standard input and, where that is not enough, by force.

    Killing the launcher PythonSlicer would leave its child running, so the process that said hello is killed as well.
    Never waits longer than twice the patience: the user interface stands still meanwhile.
    """
    close_input(process)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        if worker_pid is not None and worker_pid != process.pid:
            _kill(worker_pid)
        process.kill()  # TerminateProcess on Windows
        # One with much memory on a GPU takes longer to disappear; Python collects it when it starts the next process.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def close_input(process: subprocess.Popen[bytes]) -> None:
    """Close the worker's standard input, which ends it."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):  # it has ended already
            process.stdin.close()


def _kill(pid: int) -> None:
    with contextlib.suppress(OSError):  # it has ended already
        # Windows knows no SIGKILL; there, SIGTERM through os.kill is TerminateProcess, which is as final
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
