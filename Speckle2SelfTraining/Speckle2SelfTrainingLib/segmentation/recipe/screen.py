"""Marks of the machine's screen: letters, rulers, gray wedges and arrows beside the picture and in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MARKS = 8
INSIDE = 0.15
"""Share of the marks that lie in the picture."""


def draw_screen(
    picture: NDArray[np.float32], inside: NDArray[np.bool_], lumen: NDArray[np.bool_], rng: np.random.Generator
) -> None:
    """Draw marks into a window, most of them beside the picture, none over a lumen.

    Black between letters and frames is where a network that knows pictures only sees vessels.

    Parameters
    ----------
    picture : float32 array (H, W)
        0..1; changed.
    inside, lumen : bool array (H, W)
    rng : numpy.random.Generator
    """
    for _ in range(int(rng.integers(2, MARKS + 1))):
        mark = _letters if rng.random() < 0.5 else _bar
        row, column = (int(rng.integers(0, side)) for side in picture.shape)
        allowed = ~lumen if rng.random() < INSIDE else ~inside
        shape = mark(rng)
        window = np.s_[row : row + shape.shape[0], column : column + shape.shape[1]]
        shape = shape[: picture[window].shape[0], : picture[window].shape[1]]
        drawn = (shape > 0) & allowed[window]
        picture[window][drawn] = shape[drawn]


def _letters(rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a word: rough blocks as tall as a line of text at the working scale."""
    height, count = int(rng.integers(3, 9)), int(rng.integers(1, 14))
    width = max(2, round(0.6 * height))
    blocks = rng.random((height, count, width)) < 0.5
    blocks[:, :, -1] = False
    level = rng.uniform(0.5, 1)
    return (blocks.reshape(height, count * width) * level).astype(np.float32)


def _bar(rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a line, a ruler with ticks, or a gray wedge."""
    length, width = int(rng.integers(10, 150)), int(rng.integers(1, 10))
    bar = np.full((length, width), rng.uniform(0.4, 1), np.float32)
    kind = rng.random()
    if kind < 0.4:
        bar[:] = np.linspace(1, 0.01, length, dtype=np.float32)[:, None]
    elif kind < 0.8:
        bar[np.arange(length) % int(rng.integers(4, 20)) > 0] = 0
    return bar if rng.random() < 0.6 else bar.T
