"""The size of a simulated lumen, known apart from any picture of it."""

from __future__ import annotations

import math

import numpy as np

from .fields import Array
from .scene import Anatomy

COARSE_MM, FINE_MM = 0.2, 0.01


def true_lumen_area(anatomy: Anatomy, size: tuple[float, float], time: float = 0.0) -> float:
    """Return the area of the artery's lumen in the anatomy itself, whatever the pixels of its pictures.

    Parameters
    ----------
    anatomy : Anatomy
    size : (float, float)
        Depth and width of the field of view, mm.
    time : float
        Along the sweep: the number of a frame times the step of its sweep.

    Returns
    -------
    float
        mm^2, from samples 0.01 mm apart: within 0.05 % for a lumen of 3 mm or more. Only what lies in the field of
        view counts; 0 where there is no lumen.
    """
    depth, width = size
    lumen, rows, columns = _sampled(anatomy, (0.0, depth), (-width / 2, width / 2), time, COARSE_MM)
    if not lumen.any():
        return 0.0
    down, across = rows[lumen.any(1)], columns[lumen.any(0)]
    box = [
        (max(float(found[0]) - COARSE_MM, low), min(float(found[-1]) + COARSE_MM, high))
        for found, low, high in ((down, 0.0, depth), (across, -width / 2, width / 2))
    ]
    lumen, _, _ = _sampled(anatomy, box[0], box[1], time, FINE_MM)
    return int(np.count_nonzero(lumen)) * FINE_MM**2


def true_lumen_diameter(anatomy: Anatomy, size: tuple[float, float], time: float = 0.0) -> float:
    """Return the diameter (mm) of the circle of the lumen's area; see :func:`true_lumen_area`."""
    return math.sqrt(4 * true_lumen_area(anatomy, size, time) / math.pi)


def _sampled(
    anatomy: Anatomy, depth: tuple[float, float], width: tuple[float, float], time: float, step: float
) -> tuple[np.ndarray, Array, Array]:
    rows, columns = (np.arange(low + step / 2, high, step, dtype=np.float32) for low, high in (depth, width))
    down, across = np.meshgrid(rows, columns, indexing="ij")
    return anatomy.sample(down, across, time).lumen, rows, columns
