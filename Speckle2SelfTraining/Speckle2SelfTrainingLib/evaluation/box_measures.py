"""Measures inside boxes (row, column, height, width) of tissue and of lumen."""

from __future__ import annotations

import numpy as np

from .boxes import Box
from .frames import LEVELS, Gray, Gray8

GCNR_BINS = 256
BLACK_LEVEL = 1  # of 255


def crop(frame: Gray, box: Box) -> Gray:
    """Return the pixels of a box (row, column, height, width) as float64."""
    row, column, height, width = box
    return np.asarray(frame[row : row + height, column : column + width], np.float64)


def mean_to_spread(frame: Gray, box: Box) -> float:
    """Return MSR = mean / standard deviation inside a box; infinite where it is perfectly flat."""
    pixels = crop(frame, box)
    spread = float(pixels.std())
    return float("inf") if spread == 0 else float(pixels.mean() / spread)


def equivalent_looks(frame: Gray, box: Box) -> float:
    """Return ENL = MSR squared inside a box."""
    return mean_to_spread(frame, box) ** 2


def contrast_to_noise(frame: Gray, tissue: Box, lumen: Box) -> float:
    """Return CNR = |mean difference| / sqrt(sum of variances) between two boxes."""
    one, other = crop(frame, tissue), crop(frame, lumen)
    noise = float(np.sqrt(one.var() + other.var()))
    difference = float(abs(one.mean() - other.mean()))
    return difference / noise if noise > 0 else float("inf") if difference > 0 else 0.0


def generalized_contrast(frame: Gray8, tissue: Box, lumen: Box) -> float:
    """Return gCNR = 1 - overlap of the two boxes' histograms (256 bins over 0..255): 0 equal, 1 fully apart."""
    shares = [
        np.histogram(crop(frame, box), GCNR_BINS, (0, LEVELS + 1))[0] / (box[2] * box[3]) for box in (tissue, lumen)
    ]
    return float(1 - np.minimum(*shares).sum())


def black_share(frame: Gray8, lumen: Box) -> float:
    """Return the share of pixels of a box at level 0 or 1 of 255."""
    return float((crop(frame, lumen) <= BLACK_LEVEL).mean())
