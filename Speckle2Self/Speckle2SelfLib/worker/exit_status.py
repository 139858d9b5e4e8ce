"""What the exit status of a worker process tells, in words."""

from __future__ import annotations

_LAUNCHER_OFFSET = 128  # shells and launchers report "killed by signal 9" as 137
_SIGNALS = {
    4: "it needs instructions that this processor lacks",
    6: "it aborted",
    7: "it crashed: the disk of the temporary folder may be full",
    9: "it was killed, as systems do where memory runs out: close other programs or choose fewer frames",
    10: "it crashed: the disk of the temporary folder may be full",  # macOS numbers so what Linux numbers 7
    11: "it crashed",
    15: "it was told to end",
}
# Windows: NTSTATUS codes, as Python reports them
_WINDOWS = {
    0xC0000005: "it crashed",
    0xC0000017: "memory ran out: close other programs or choose fewer frames",
    0xC000001D: "it needs instructions that this processor lacks",
    0xC0000135: "a DLL is missing: install the newest Microsoft Visual C++ Redistributable",
    0xC000012D: "memory ran out: close other programs or choose fewer frames",
    0xC0000409: "it crashed",
}


def meaning(status: int) -> str:
    """Return why a process ended with this status, empty where the number says no more than that it failed.

    Parameters
    ----------
    status : int
        As :meth:`subprocess.Popen.poll` returns it: negative for a signal (Linux, macOS).
    """
    if status in _WINDOWS:
        return _WINDOWS[status]
    return _SIGNALS.get(-status if status < 0 else status - _LAUNCHER_OFFSET, "")
