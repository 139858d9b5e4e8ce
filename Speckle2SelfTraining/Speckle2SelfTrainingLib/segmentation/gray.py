"""What of a frame is segmented: its luminance, and which pixels are picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.frame_path.frames import Frame, Mask
from Speckle2SelfLib.frame_path.luminance import luminance

LARGEST_VALUE = 1e30

Gray = NDArray[Any]


def gray_frame(frame: Frame, index: int, *, color: bool, keep: Mask | None) -> tuple[Gray, Mask | None]:
    """Return the luminance of a frame and the pixels that are picture.

    Parameters
    ----------
    frame : real array (H, W) or, with `color`, (H, W, 3 or 4)
    index : int
        Its number, for messages.
    color : bool
    keep : bool array (H, W) or None
        Pixels that are no picture.

    Returns
    -------
    gray : real array (H, W)
        Pixels that are not finite are 0.
    picture : bool array (H, W) or None
        None where all pixels are.

    Raises
    ------
    InputError
        If no pixel is left, or values are too large to compute with.
    """
    gray = luminance(frame) if color else frame
    picture = None if keep is None else ~keep
    if gray.dtype.kind == "f":
        finite = np.isfinite(gray)
        if not finite.all():
            picture = finite if picture is None else picture & finite
            gray = np.where(finite, gray, 0)
        if float(np.abs(gray).max()) > LARGEST_VALUE:
            raise InputError(f"Frame {index} holds values beyond 1e30; scale them down first.")
    if picture is not None and not picture.any():
        raise InputError(f"Frame {index} has no pixel that is a finite number and part of the picture: leave it out.")
    return gray, picture
