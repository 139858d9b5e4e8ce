"""What the authors' inference takes; no torch here, so that the panel can ask before anything is started."""

from __future__ import annotations

from ..errors import InputError

MULTIPLE = 16
MINIMUM_PIXELS = 2 * MULTIPLE**2


def check_published_input(rows: int, columns: int, *, color: bool, signal: str) -> None:
    """Refuse frames that the published preset does not take.

    Parameters
    ----------
    rows, columns : int
        Size of a frame in pixels.
    color : bool
        Whether it is RGB or RGBA.
    signal : {"bmode", "envelope", "rf"}
        What the pixels are.

    Raises
    ------
    InputError
        If the size is no multiple of 16 or below 16 x 32, or the frame is colored, RF or an envelope.
    """
    if color or signal != "bmode":
        raise InputError("The preset 'published' takes gray B-mode frames only: use the default preset.")
    if rows % MULTIPLE or columns % MULTIPLE:
        raise InputError(
            f"The preset 'published' takes sizes that are multiples of {MULTIPLE}, got {rows} x {columns} "
            "(rows x columns): use the default preset."
        )
    if rows * columns < MINIMUM_PIXELS:
        raise InputError("The preset 'published' takes at least 16 x 32 pixels: use the default preset.")
