"""The worker process: the network runs in a process of its own, which the caller starts, polls and can kill.

Inside the desktop the main thread holds the interpreter lock in Qt's event loop, so a Python thread hardly runs there;
a process also frees GPU memory when it ends and cannot take the scene down with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import WorkerClient, shared_worker
    from .task import WorkerTask

__all__ = ["WorkerClient", "WorkerTask", "shared_worker"]


def __getattr__(name: str) -> Any:
    if name == "WorkerTask":
        from .task import WorkerTask

        return WorkerTask
    if name in __all__:
        from . import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
