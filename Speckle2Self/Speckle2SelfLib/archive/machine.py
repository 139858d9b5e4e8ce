"""How many processes work on an archive, each on which device and with how many threads.

By itself never more threads than processors, over all processes. More processes than processors are taken only where
the user asks for them, as for a slow disk, which leaves processors idle; each then computes with one thread.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..errors import SettingsError
from .container import memory_left, processors_granted
from .order import FileOrder

MAXIMUM_JOBS = 61 if os.name == "nt" else 256  # Windows waits for fewer than 63 pipes at once
BYTES_PER_PROCESS = 1024**2  # of files; below, starting one more process costs more time than it saves
PROCESS_MEMORY = 1024**3
MEMORY_PER_BYTE = 6  # of the largest file: its frames, the result, and what is computed from them
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
)


@dataclass(frozen=True)
class Seat:
    """What one process gets.

    Parameters
    ----------
    device : str
        As a setting.
    threads : int
    """

    device: str
    threads: int


def seats(
    device: str, jobs: int | None, orders: Sequence[FileOrder], gpus: int, processors: int | None = None
) -> list[Seat]:
    """Return what each process gets; a single one means this process itself.

    Parameters
    ----------
    device : str
        As chosen for one process: "cpu", "cuda", "cuda:N" or "mps".
    jobs : int or None
        Asked for by the user; None takes one per GPU, or on the CPU as many as processors, files and memory allow.
    orders : sequence of FileOrder
        The first files of the archive.
    gpus : int
        Number of GPUs that can be used.
    processors : int, optional
        To be shared; None takes all that this process may use.
    """
    cores = processors or available_processors()
    if jobs is None:
        jobs = {"cpu": _cpu_jobs(cores, orders), "cuda": min(gpus, len(orders))}.get(device, 1)
    jobs = max(1, min(jobs, MAXIMUM_JOBS))
    several = device == "cuda" and gpus > 1 and jobs > 1
    devices = [f"cuda:{index % gpus}" for index in range(jobs)] if several else [device] * jobs
    return [Seat(one, max(1, cores // jobs)) for one in devices]


def check_jobs(jobs: int | None, threads: int | None = None) -> int | None:
    """Return a number of processes that can be used, or refuse it.

    Raises
    ------
    SettingsError
        If it is none, or more than the threads that the user gives to all of them.
    """
    if jobs is None:
        return None
    if not 1 <= jobs <= MAXIMUM_JOBS:
        raise SettingsError(f"--jobs must be a whole number from 1 to {MAXIMUM_JOBS}, got {jobs}.")
    if threads is not None and jobs > threads:
        raise SettingsError(
            f"--jobs {jobs} needs at least as many --threads, got {threads}: every process computes with one or more."
        )
    return jobs


def available_processors() -> int:
    """Return how many processors this process may use."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(here, processors_granted() or here)


def available_memory() -> int | None:
    """Return the bytes of memory that are free; None where this cannot be known."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            entries = dict(line.split(":") for line in file)
        free = int(entries["MemAvailable"].split()[0]) * 1024
    except (OSError, LookupError, ValueError):
        return None
    left = memory_left()
    return free if left is None else min(free, left)


@contextlib.contextmanager
def thread_limits(threads: int) -> Iterator[None]:
    """Let processes that are started meanwhile compute with so many threads, unless the user has said otherwise."""
    mine = [name for name in THREAD_VARIABLES if name not in os.environ]
    os.environ.update(dict.fromkeys(mine, str(threads)))
    try:
        yield
    finally:
        for name in mine:
            os.environ.pop(name, None)


def _cpu_jobs(cores: int, orders: Sequence[FileOrder]) -> int:
    sizes = list(_sizes(orders))
    memory = available_memory()
    wanted = min(cores, len(orders), 1 + sum(sizes) // BYTES_PER_PROCESS)
    if memory is None:
        return wanted
    return min(wanted, memory // (PROCESS_MEMORY + MEMORY_PER_BYTE * max(sizes, default=0)))


def _sizes(orders: Iterable[FileOrder]) -> Iterator[int]:
    for order in orders:
        with contextlib.suppress(OSError):
            yield order.path.stat().st_size
