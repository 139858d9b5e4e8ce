"""Several frames of a sweep at the same time: one thread computes a whole frame faster than many share each step."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

# Each frame at work takes 40 to 100 bytes per pixel more.
PIXELS_AT_WORK = 4 * 1024 * 1024

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


def _take(processors: int) -> None:
    """Limit PyTorch in this thread; asking first, because the first use in a thread takes the number of the process."""
    torch.get_num_threads()
    torch.set_num_threads(processors)
