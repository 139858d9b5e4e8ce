"""The progress bar of the commands."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Result = TypeVar("Result")


def with_progress(results: Iterable[Result], total: int, name: str) -> Iterator[Result]:
    """Show frames and time left on a terminal; a pipe gets nothing."""
    if not sys.stderr.isatty():
        return iter(results)
    from tqdm import tqdm

    return iter(tqdm(results, total=total, desc=name, unit="frame", file=sys.stderr))
