"""What a container, or a job of a batch system, leaves of a Linux machine: the limits of its control group.

Files and their units: https://docs.kernel.org/admin-guide/cgroup-v2.html and cgroup-v1/memory.html there. A limit of a
group holds for all groups below it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

MEMBERSHIP = Path("/proc/self/cgroup")
ROOT = Path("/sys/fs/cgroup")
UNLIMITED = 1 << 60  # cgroup v1 says "no limit" with a very large number


def processors_granted() -> int | None:
    """Return how many processors the quota of this process is worth, rounded up; None where there is no quota."""
    shares = [share for folder in _groups("cpu") if (share := _share(folder)) is not None]
    return max(1, math.ceil(min(shares))) if shares else None


def memory_left() -> int | None:
    """Return the bytes that this process and those beside it may still take; None where nothing limits them."""
    left = [room for folder in _groups("memory") if (room := _room(folder)) is not None]
    return max(0, min(left)) if left else None


def _groups(controller: str) -> Iterator[Path]:
    """Yield the group of this process and those above, as far as they can be seen from here."""
    try:
        lines = MEMBERSHIP.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        root = ROOT / controller if controllers else ROOT
        below = Path(path.lstrip("/"))
        yield from (root / group for group in dict.fromkeys((below, *below.parents)))


def _share(folder: Path) -> float | None:
    quota, period = [*_words(folder / "cpu.max"), "", ""][:2]
    if not quota:
        quota = "".join(_words(folder / "cpu.cfs_quota_us"))
        period = "".join(_words(folder / "cpu.cfs_period_us"))
    try:
        share = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):  # "max", or no such file
        return None
    return share if share > 0 else None


def _room(folder: Path) -> int | None:
    for limit, usage, cache in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        most, used = "".join(_words(folder / limit)), "".join(_words(folder / usage))
        if most.isdecimal() and used.isdecimal() and int(most) < UNLIMITED:
            return int(most) - int(used) + _entry(folder / "memory.stat", cache)
    return None


def _entry(path: Path, name: str) -> int:
    """Return one number of ``memory.stat``: pages of files that the kernel gives up for others."""
    words = _words(path)
    return int(words[words.index(name) + 1]) if name in words else 0


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return []
