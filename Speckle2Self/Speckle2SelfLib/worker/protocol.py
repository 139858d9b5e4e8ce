"""What client and worker say to each other: one JSON object per line, each with a ``type``.

Client to worker
    ``job`` (job, kind, and what a job of that kind needs), ``cancel`` (job, patience); one that is too long for a pipe
    lies in a file, and ``file`` (path) takes its place.
Worker to client
    ``hello`` (protocol, library, torch, device, reason, pid, problem), then for each job what its kind reports, and at
    the end one of ``done``, ``cancelled`` and ``error`` (kind, message). All but ``hello`` carry ``job``.

What a kind of job needs and reports is said in the module that runs it, see :mod:`.jobs`.
"""

from __future__ import annotations

import json
from typing import Any

from .. import __version__, errors

PROTOCOL_VERSION = 3

Message = dict[str, Any]

LAST_WORDS = ("cancelled", "done", "error")
"""Types of the message that ends a job."""


def encode(message: Message) -> bytes:
    """Return a message as one line of ASCII JSON, so that no console encoding can spoil it."""
    return json.dumps(message, ensure_ascii=True).encode("ascii") + b"\n"


def decode(line: bytes) -> Message | None:
    """Return the message in a line, or None where the line is not a message (launchers print to stdout, too)."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None


def check_hello(hello: Message) -> None:
    """Refuse a worker of another version.

    Raises
    ------
    WorkerError
        If protocol or library version differ: the installation was changed while the application ran.
    """
    theirs = (hello.get("protocol"), hello.get("library"))
    if theirs != (PROTOCOL_VERSION, __version__):
        raise errors.WorkerError(
            f"The worker process is version {theirs[1]} (protocol {theirs[0]}) but this is version {__version__} "
            f"(protocol {PROTOCOL_VERSION}); restart the application so that both are the same."
        )


def error_message(job: int, error: BaseException) -> Message:
    """Return the message that reports an exception to the client."""
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):  # the latter is torch's RuntimeError
        reason = str(error).partition("\n")[0] or type(error).__name__
        error = errors.WorkerError(
            f"The computer ran out of memory ({reason}); close other programs, or choose fewer frames."
        )
    return {"type": "error", "job": job, "kind": type(error).__name__, "message": str(error)}


def to_exception(message: Message) -> Exception:
    """Return the exception that an ``error`` message stands for; unknown kinds become a WorkerError."""
    kind, text = str(message.get("kind")), str(message.get("message"))
    error_class = getattr(errors, kind, None)
    if isinstance(error_class, type) and issubclass(error_class, (errors.Speckle2SelfError, errors.Cancelled)):
        return error_class(text)
    return errors.WorkerError(f"The job failed in the worker process with {kind}: {text}")
