"""How many threads compute what: in a sweep one a frame; all the network of a single frame; one its small steps."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

# Each frame at work takes 40 to 100 bytes per pixel more.
PIXELS_AT_WORK = 4 * 1024 * 1024
# A step of fewer pixels takes tens of microseconds: waking other threads for it takes as long, and where another
# program uses their processor, each step would wait for its turn there.
SMALL_FRAME = 1024 * 1024

Given = TypeVar("Given")
Made = TypeVar("Made")


def frames_at_work(device: str, size: tuple[int, int], count: int) -> int:
    """Return how many frames to compute at the same time: as PyTorch may use processors and memory allows.

    Parameters
    ----------
    device : str
        A GPU takes batches instead.
    size : (int, int)
        Rows and columns of a frame.
    count : int
        Frames that there are.
    """
    if device != "cpu":
        return 1
    return max(1, min(count, torch.get_num_threads(), PIXELS_AT_WORK // (size[0] * size[1])))


def in_order(compute: Callable[[Given], Made], items: Iterable[Given], at_work: int) -> Generator[Made]:
    """Compute items in threads and return the results in the order of the items.

    Items are taken, and results handed out, in the caller's thread, while others are computed. The processors that
    PyTorch may use (``torch.set_num_threads``) are divided among the threads.

    Parameters
    ----------
    compute : callable
    items : iterable
        At most ``at_work + 1`` are held at a time.
    at_work : int
        How many to compute at the same time; one is computed without a thread.
    """
    if at_work == 1:
        yield from map(compute, items)
        return
    processors = torch.get_num_threads()
    waiting: deque[Future[Made]] = deque()
    pool = ThreadPoolExecutor(at_work, "frames", initializer=_take, initargs=(max(1, processors // at_work),))
    try:
        for item in items:
            waiting.append(pool.submit(compute, item))
            if len(waiting) > at_work:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(processors)


@contextlib.contextmanager
def small_steps(size: tuple[int, int]) -> Iterator[None]:
    """Compute steps that are small for frames of `size` (rows, columns) in the calling thread alone.

    Nothing is noted for gradients, which takes a fifth of such a step. The result does not depend on the threads.
    """
    processors = torch.get_num_threads() if size[0] * size[1] < SMALL_FRAME else 1
    if processors > 1:
        torch.set_num_threads(1)
    try:
        with torch.inference_mode():
            yield
    finally:
        if processors > 1:
            torch.set_num_threads(processors)


def _take(processors: int) -> None:
    """Limit PyTorch in this thread; asking first, because the first use in a thread takes the number of the process."""
    torch.get_num_threads()
    torch.set_num_threads(processors)
