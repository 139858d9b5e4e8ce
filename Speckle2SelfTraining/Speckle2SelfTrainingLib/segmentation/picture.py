"""Where on a frame the ultrasound picture is: a lumen lies in it, not on the screen around it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from Speckle2SelfLib.frame_path.frames import Frames, Mask, same_kind
from Speckle2SelfLib.frame_path.resample import resize
from Speckle2SelfLib.frame_path.sector import find_sector

from .gray import gray_frame
from .surroundings import surroundings

LONG_SIDE = 1024
"""Pixels: larger frames are thinned, which takes nothing from a sector and keeps memory bounded."""

ENCLOSED = 0.5
"""Share of a lumen's surroundings that must be picture. A lumen is black and may reach into a shadow or over the edge
of the frame, so its own pixels say nothing. Of real ones 0.87 and more of the surroundings are picture, of a black
margin between overlays 0.36."""


def find_picture(frames: Frames, indices: Sequence[int], *, color: bool, keep: Mask | None) -> Mask | None:
    """Find the ultrasound picture from a few frames.

    Parameters
    ----------
    frames : Frames
    indices : sequence of int
        Frames to look at.
    color : bool
    keep : bool array (H, W) or None
        Pixels that are no picture.

    Returns
    -------
    bool array, with the proportions of a frame, or None where all of it is picture
    """
    first = np.asarray(frames[0])
    step = -(-max(first.shape[:2]) // LONG_SIDE)
    thinned = []
    for index in indices:
        gray, picture = gray_frame(same_kind(np.asarray(frames[index]), first, index), index, color=color, keep=keep)
        thin = gray[::step, ::step].astype(np.float32)
        thinned.append(thin if picture is None else np.where(picture[::step, ::step], thin, np.nan))
    return find_sector(np.stack(thinned))


def on_grid(picture: Mask | None, size: tuple[int, int]) -> Mask | None:
    """Return the picture's area on a grid of `size` rows and columns."""
    if picture is None:
        return None
    return np.asarray(resize(torch.from_numpy(picture.astype(np.float32))[None, None], size)[0, 0] >= 0.5)


def is_enclosed(mask: Mask, picture: Mask | None) -> bool:
    """Return whether an area is surrounded by picture.

    Parameters
    ----------
    mask, picture : bool arrays (h, w)
    """
    if picture is None:
        return True
    box, around = surroundings(mask)
    return not around.any() or float(picture[box][around].mean()) >= ENCLOSED
