"""How many threads a command computes with, so that several commands at the same time do not take turns."""

from __future__ import annotations

import argparse

from ..errors import SettingsError

MOST_THREADS = 1024


def add_threads(group: argparse._ArgumentGroup) -> None:
    """Declare ``--threads``."""
    text = "processors to use, over all processes (default: all)"
    group.add_argument("--threads", metavar="N", type=int, help=text)


def check_threads(threads: int | None) -> int | None:
    """Return a number of threads that can be used, or refuse it.

    Raises
    ------
    SettingsError
    """
    if threads is not None and not 1 <= threads <= MOST_THREADS:
        raise SettingsError(f"--threads must be a whole number from 1 to {MOST_THREADS}, got {threads}.")
    return threads


def take_threads(threads: int | None) -> None:
    """Let this process compute with so many threads; None leaves it to PyTorch.

    A program that uses the library says the same by ``torch.set_num_threads``, before it despeckles or segments: frames
    of a sweep are shared among as many threads (:mod:`..parallel`).
    """
    if threads is not None:
        import torch

        torch.set_num_threads(threads)
