"""``python -m Speckle2SelfLib.worker``: the process that :class:`~Speckle2SelfLib.worker.WorkerClient` starts."""

from __future__ import annotations

from ..kept_memory import keep_freed_memory
from .priority import give_way
from .server import main

if __name__ == "__main__":
    give_way()
    keep_freed_memory()
    raise SystemExit(main())
