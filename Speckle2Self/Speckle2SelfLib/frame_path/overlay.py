"""Text, rulers and logos that lie over the picture: they do not move while the picture does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .frames import Gray, Mask
from .luminance import working_type
from .shapes import dilated, surrounding_maximum

OVERLAY_FRAMES = 8
MAXIMUM_STATIC_SHARE = 0.6
ABRUPT = 0.75
MAXIMUM_DOUBT = 0.35


def static_overlay(frames: Gray, top: Gray, bottom: Gray, inside: Mask, lit_level: float, tolerance: float) -> Mask:
    """Find lit pixels that never change while the picture does, with the rim that smoothing on screen leaves.

    Parameters
    ----------
    frames : array of finite numbers, shape (K, H, W)
    top, bottom : array (H, W)
        Largest and smallest level that every pixel has in them.
    inside : bool array (H, W)
        Where to look.
    lit_level : float
        Level above which a pixel is lit.
    tolerance : float
        Change that a pixel of an overlay may show, in the unit of the frames.

    Returns
    -------
    bool array (H, W)
    """
    nothing = np.zeros(inside.shape, bool)
    if len(frames) < OVERLAY_FRAMES:
        return nothing
    lit = inside & (top > lit_level)
    change = np.subtract(top, bottom, dtype=working_type(top.dtype))  # levels of bytes have no sign
    still = lit & (change <= tolerance)
    nearly_still = lit & ~still & (change <= 2 * tolerance)
    # Overlay does not move at all. Where many pixels move a little, tissue hardly moves: nothing can be told apart.
    if int(np.count_nonzero(nearly_still)) > MAXIMUM_DOUBT * int(np.count_nonzero(still)):
        return nothing
    if int(np.count_nonzero(still)) > MAXIMUM_STATIC_SHARE * int(np.count_nonzero(lit)):
        return nothing  # the sweep does not move: everything is static
    if not still.any():
        return nothing
    overlay = _without_saturated_tissue(still, frames, float(top.max()) - tolerance)
    return dilated(overlay, 3) if overlay.any() else nothing


def _without_saturated_tissue(still: Mask, frames: Gray, white: float) -> Mask:
    """Leave out strong reflectors, which are white in every frame, too, but fade into their surroundings."""
    from scipy import ndimage  # takes a while to load, and only sweeps with something still need it

    labels, count = ndimage.label(still, np.ones((3, 3), bool))
    near = np.flatnonzero(dilated(still, 3))
    mean = frames.reshape(len(frames), -1)[:, near].mean(axis=0)
    here = np.take(labels, near)
    ring = np.where(here > 0, 0, np.take(surrounding_maximum(labels, (1, 1)), near))
    level, around = _label_means(mean, here, count), _label_means(mean, ring, count)
    saturated = _label_means(mean >= white, here, count) > 0.5
    tissue = saturated & ~(around < ABRUPT * level)
    tissue[0] = False  # what is not still
    return np.asarray(still & ~tissue[labels])


def _label_means(values: NDArray[np.floating], labels: NDArray[np.integer], count: int) -> NDArray[np.float64]:
    """Mean of the values under every label from 0 to `count`; NaN where a label has no pixel."""
    pixels = np.bincount(labels, minlength=count + 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.bincount(labels, values, count + 1) / pixels)
