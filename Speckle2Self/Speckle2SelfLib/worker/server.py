"""The worker process itself: takes jobs one after the other and keeps the models that they used."""

from __future__ import annotations

import argparse
import faulthandler
import gc
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from .. import __version__
from ..errors import Cancelled, DependencyError
from .commands import CommandReader
from .frame_files import remove_session_folder
from .jobs import JobContext, module_of
from .protocol import PROTOCOL_VERSION, Message, encode, error_message
from .warm import WarmDespecklers

Send = Callable[[Message], None]


def main(arguments: list[str] | None = None) -> int:
    """Run the worker until its standard input closes."""
    parser = argparse.ArgumentParser(prog="python -m Speckle2SelfLib.worker", description=__doc__)
    parser.add_argument("--session", type=Path, help="folder of temporary files, removed when the parent ends")
    parser.add_argument("--packages", nargs="*", default=[], help="folders of packages that jobs may need")
    options = parser.parse_args(arguments)
    session: Path | None = options.session
    sys.path += [folder for folder in options.packages if folder not in sys.path]
    output = _take_standard_output()
    faulthandler.enable()  # a crash in C code leaves its place on standard error, which the application shows

    def send(message: Message) -> None:
        output.write(encode(message))
        output.flush()

    commands = CommandReader(sys.stdin.buffer, at_end=lambda: remove_session_folder(session) if session else None)
    send(hello())
    warm = WarmDespecklers()
    kept: dict[str, Any] = {}
    while True:
        _answer(commands.next_job(), commands, send, warm, kept)


def hello() -> Message:
    """Return the first message: who answers here, and whether torch works and where it would run."""
    message: Message = {
        "type": "hello",
        "protocol": PROTOCOL_VERSION,
        "library": __version__,
        "pid": os.getpid(),
        "python": sys.version.split()[0],
        "torch": None,
        "device": None,
        "reason": None,
        "problem": None,
    }
    try:
        import torch

        from ..engine import choose_device

        message["torch"] = str(torch.__version__)
        message["device"], message["reason"] = choose_device("auto")
    except Exception as error:  # a broken torch fails in many ways: ImportError, OSError of a DLL, RuntimeError
        traceback.print_exc()
        message["problem"] = f"{type(error).__name__}: {error}"
    return message


def _take_standard_output() -> BinaryIO:
    """Keep standard output for the protocol: whatever else prints there, C libraries included, goes to stderr."""
    protocol_output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return protocol_output


def _answer(message: Message, commands: CommandReader, send: Send, warm: WarmDespecklers, kept: dict[str, Any]) -> None:
    job = int(message["job"])

    def report(kind: str, **fields: object) -> None:
        send({"type": kind, "job": job, **fields})

    failure: Message | None = None
    try:
        context = JobContext(job, lambda: commands.is_cancelled(job), report, warm, kept)
        module_of(message).run(message, context)
    except Cancelled:
        failure = {"type": "cancelled", "job": job}
    except ModuleNotFoundError as error:
        traceback.print_exc()
        missing = DependencyError(f"The Python package {error.name!r} is missing; install it first.")
        failure = error_message(job, missing)
    except Exception as error:
        traceback.print_exc()
        failure = error_message(job, error)
    finally:
        commands.answered()
    if failure is not None:
        # Sent out here: inside "except", the error's frames still hold the mapped files, which Windows does not let the
        # client remove, as it does when it hears of the end. What hangs in a circle goes now as well.
        gc.collect()
        send(failure)
