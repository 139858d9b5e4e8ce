"""The size at which the network sees a frame."""

from __future__ import annotations

TARGET_SPACING = 0.165
"""Millimeters per pixel at which a common carotid, 6 to 8 mm wide, looks to the network as it did in training."""

LONG_SIDE = 256
"""Pixels of a frame's longer side at scale 1, where the size of a pixel is unknown."""

SMALLEST_SIDE, LARGEST_SIDE = 32, 1024


def working_size(shape: tuple[int, int], spacing: tuple[float, float] | None, scale: float = 1.0) -> tuple[int, int]:
    """Return the rows and columns that a frame has for the network.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the frame.
    spacing : (float, float) or None
        Millimeters per row and per column, where known: then pixels become square as well.
    scale : float
        Enlarges (above 1) or shrinks what follows from the spacing, or from :data:`LONG_SIDE`.

    Returns
    -------
    (int, int)
        Each from 32 to 1024; at those bounds, of a frame of known spacing, the other side follows.
    """
    if spacing is not None:
        rows, columns = (side * step / TARGET_SPACING for side, step in zip(shape, spacing, strict=True))
    else:
        factor = LONG_SIDE / max(shape)
        rows, columns = shape[0] * factor, shape[1] * factor
    bounded = min(scale, LARGEST_SIDE / max(rows, columns))
    return max(SMALLEST_SIDE, round(rows * bounded)), max(SMALLEST_SIDE, round(columns * bounded))
