"""What choosing some frames of a sweep changes in its header."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def positions(indices: Sequence[int]) -> dict[int, int]:
    """Return the number of each selected frame in the output, by its number in the input."""
    return {index: position for position, index in enumerate(indices)}


def even_step(indices: Sequence[int]) -> int:
    """Return the distance between selected frames, 1 where there is no single one."""
    steps = {later - earlier for earlier, later in pairwise(indices)}
    return steps.pop() if len(steps) == 1 else 1


def number_text(value: float) -> str:
    """Return the shortest text that reads back as ``value``, without a trailing ``.0``."""
    text = repr(float(value) + 0.0)  # + 0.0 turns -0.0 into 0.0
    return text[:-2] if text.endswith(".0") else text


def numbers_text(values: Sequence[float], separator: str = " ") -> str:
    """Return several numbers as text."""
    return separator.join(number_text(value) for value in values)
