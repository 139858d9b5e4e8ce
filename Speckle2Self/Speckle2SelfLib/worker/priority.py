"""The worker gives way to the application: what the user sees and touches comes first."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

STEPS_BACK = 5
"""Of the 19 that there are: beside the busy views of the application, the worker gets a quarter of a processor.

With processors to spare it computes as fast as ever.
"""
GROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Lower the priority of this process and of what it starts.

    Linux and macOS: one that was lowered already, by ``nice``, is lowered further. Windows has no ``nice``: there the
    process is started below normal (:func:`.launch.start_process`).
    """
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        os.nice(STEPS_BACK)
    # Linux shares processors among sessions first (the worker is one of its own), and within them by priority.
    with contextlib.suppress(OSError):
        GROUP.write_text(str(STEPS_BACK))
