"""Connected areas of a mask, found from the runs of its rows: hundreds of runs instead of all pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .frames import Mask

Numbers = NDArray[np.int64]


class Areas:
    """The connected areas of a mask, numbered from 0.

    Parameters
    ----------
    mask : bool array (H, W)
    diagonal : bool
        Pixels that touch at a corner are connected, too.

    Attributes
    ----------
    count : int
    sizes : int64 array (count,)
        Pixels of each area.
    """

    def __init__(self, mask: Mask, *, diagonal: bool) -> None:
        self._shape = mask.shape
        # A column that belongs to nothing parts the last run of a row from the first of the next.
        width = mask.shape[1] + 1
        padded = np.zeros((mask.shape[0], width), bool)
        padded[:, :-1] = mask
        flat = padded.ravel()
        edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
        if flat[0]:
            edges = np.concatenate([[0], edges])
        self._width, self._starts, self._ends = width, edges[::2], edges[1::2]
        self.count, self._labels = _connected(self._starts, self._ends, width, int(diagonal))
        self.sizes: Numbers = np.bincount(self._labels, self._ends - self._starts, minlength=self.count).astype(
            np.int64
        )

    def touching_border(self) -> Mask:
        """Return which areas reach the first or last row or column, bool (count,)."""
        rows, columns = self._starts // self._width, self._starts % self._width
        touches = (rows == 0) | (rows == self._shape[0] - 1) | (columns == 0)
        touches |= self._ends % self._width == self._shape[1]
        found = np.zeros(self.count, bool)
        found[self._labels[touches]] = True
        return found

    def mask(self, chosen: Mask) -> Mask:
        """Return the pixels of the chosen areas, bool (H, W), from bool (count,)."""
        borders = np.stack([self._starts, self._ends], 1).ravel()
        lengths = np.diff(borders, prepend=0, append=self._shape[0] * self._width)
        inside = np.zeros(len(lengths), bool)
        inside[1::2] = chosen[self._labels]
        return np.repeat(inside, lengths).reshape(self._shape[0], self._width)[:, :-1]

    def pixels(self, chosen: Mask) -> tuple[Numbers, Numbers]:
        """Return flat indices of the pixels of the chosen areas and the number of the area of each, both (K,)."""
        runs = np.flatnonzero(chosen[self._labels])
        starts, lengths = self._starts[runs], (self._ends - self._starts)[runs]
        firsts = np.cumsum(lengths) - lengths
        padded = np.arange(int(lengths.sum())) + np.repeat(starts - firsts, lengths)
        return padded - padded // self._width, np.repeat(self._labels[runs], lengths)


def _connected(starts: Numbers, ends: Numbers, width: int, reach: int) -> tuple[int, Numbers]:
    """Return how many areas there are and that of every run; 1 as `reach` joins runs that touch at a corner, 0 not."""
    if not len(starts):
        return 0, np.zeros(0, np.int64)
    # SciPy's graphs take a while to load, which frames without anything to part should not pay.
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    first = np.searchsorted(ends, starts - width - reach, "right")
    last = np.searchsorted(starts, ends - width + reach, "left")
    touched = np.maximum(last - first, 0)
    pointers = np.concatenate([[0], np.cumsum(touched)])
    above = np.arange(pointers[-1]) + np.repeat(first - pointers[:-1], touched)
    graph = csr_array((np.ones(len(above)), above, pointers), shape=(len(starts), len(starts)))
    count, labels = connected_components(graph, directed=False)
    return int(count), np.asarray(labels, np.int64)
