"""What belongs to the ultrasound picture: not the black around the sector, not text, rulers and logos."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .frames import Gray, Mask
from .neighborhood import dilated, eroded

LEVEL_TOLERANCE = 2.5 / 255
MINIMUM_SECTOR_SHARE = 0.04
OVERLAY_FRAMES = 8
MAXIMUM_STATIC_SHARE = 0.6
LIT_SHARE = 0.08
ABRUPT = 0.75
MAXIMUM_DOUBT = 0.35
DRAWN_SHARE = 0.12


def find_sector(frames: Gray) -> Mask | None:
    """Find the pixels that belong to the ultrasound picture.

    Parameters
    ----------
    frames : float array, shape (K, H, W)
        Up to 32 frames spread over a sweep; a pixel that is finite in none of them does not belong to it.

    Returns
    -------
    bool array (H, W), or None where the whole frame does
    """
    known = np.isfinite(frames)
    finite = known.any(axis=0)
    if not finite.any():
        return np.asarray(finite)
    low, high = float(frames[known].min()), float(frames[known].max())
    if high <= low:
        return None if finite.all() else np.asarray(finite)
    filled = frames if known.all() else np.where(known, frames, low)
    tolerance = LEVEL_TOLERANCE * (high - low)
    inside: Mask = finite & ~_background(filled, tolerance)
    inside &= ~_static_overlay(filled, inside, low + LIT_SHARE * (high - low), tolerance)
    if int(np.count_nonzero(inside)) < MINIMUM_SECTOR_SHARE * int(np.count_nonzero(finite)):
        inside = np.asarray(finite)
    return None if bool(np.all(inside)) else np.asarray(inside)


def _background(frames: Gray, tolerance: float) -> Mask:
    """Pixels outside the field of view: the border's level in all frames, in areas that reach the border."""
    border = np.concatenate(
        [frames[:, 0].ravel(), frames[:, -1].ravel(), frames[..., 0].ravel(), frames[..., -1].ravel()]
    )
    level = float(np.quantile(border, 0.02))
    if int(np.count_nonzero(border <= level + tolerance)) < 0.02 * border.size:
        return np.zeros(frames.shape[1:], bool)
    empty = (np.abs(frames.max(axis=0) - level) <= tolerance) & (np.abs(frames.min(axis=0) - level) <= tolerance)
    size = max(2, round(0.012 * max(empty.shape)))
    # Dark speckle inside the sector is as black as the background: only solid areas count.
    solid = eroded(empty, size, outside=True)
    outside = _touching_border(solid)
    outside = ndimage.binary_dilation(outside, np.ones((3, 3), bool), iterations=size + 2, mask=empty)
    return np.asarray(outside | _text_islands(frames, ~outside, level + tolerance, size))


def _touching_border(mask: Mask) -> Mask:
    labels, _ = ndimage.label(mask)
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return np.asarray(np.isin(labels, edge[edge > 0]))


def _text_islands(frames: Gray, inside: Mask, background: float, size: int) -> Mask:
    """Areas apart from the picture that are text, rulers or logos: of one level, or still while the picture moves."""
    closed = eroded(dilated(np.pad(inside, size), size), size, outside=False)[size:-size, size:-size]
    labels, count = ndimage.label(closed, np.ones((3, 3), bool))
    if count < 2:
        return np.zeros(inside.shape, bool)
    numbers = np.arange(1, count + 1)
    areas = ndimage.sum_labels(closed, labels, numbers)
    top = frames.max(axis=0)
    lit = np.where(inside & (top > background), labels, 0)
    brightest = np.concatenate([[np.inf], ndimage.maximum(top, lit, numbers)])
    # Drawn strokes have one level, speckle and echoes have all of them.
    drawn = _label_means(top - background >= 0.93 * (brightest[labels] - background), lit, numbers) > DRAWN_SHARE
    still = np.zeros(count, bool)
    if len(frames) >= OVERLAY_FRAMES:
        change = frames.max(axis=0) - frames.min(axis=0)
        moving = float(np.median(change[labels == numbers[np.argmax(areas)]])) > 0
        still = moving & (_label_means(change == 0, lit, numbers) > 0.8)
    text = (areas < 0.2 * areas.max()) & (drawn | still | (ndimage.sum_labels(lit > 0, labels, numbers) < size))
    return np.asarray(inside & np.isin(labels, numbers[text]))


def _static_overlay(frames: Gray, inside: Mask, lit_level: float, tolerance: float) -> Mask:
    """Lit pixels that never change while the picture does, with the rim that smoothing on screen leaves."""
    nothing = np.zeros(inside.shape, bool)
    if len(frames) < OVERLAY_FRAMES:
        return nothing
    top = frames.max(axis=0)
    lit = inside & (top > lit_level)
    still = lit & (top - frames.min(axis=0) <= tolerance)
    nearly_still = lit & ~still & (top - frames.min(axis=0) <= 2 * tolerance)
    # Overlay does not move at all. Where many pixels move a little, tissue hardly moves: nothing can be told apart.
    if int(np.count_nonzero(nearly_still)) > MAXIMUM_DOUBT * int(np.count_nonzero(still)):
        return nothing
    if int(np.count_nonzero(still)) > MAXIMUM_STATIC_SHARE * int(np.count_nonzero(lit)):
        return nothing  # the sweep does not move: everything is static
    overlay = _without_saturated_tissue(still, frames.mean(axis=0), float(top.max()) - tolerance)
    return np.asarray(ndimage.binary_dilation(overlay, np.ones((3, 3), bool))) if overlay.any() else nothing


def _without_saturated_tissue(still: Mask, mean: Gray, white: float) -> Mask:
    """Leave out strong reflectors, which are white in every frame, too, but fade into their surroundings."""
    labels, count = ndimage.label(still, np.ones((3, 3), bool))
    if not count:
        return still
    numbers = np.arange(1, count + 1)
    grown = ndimage.maximum_filter(labels, 3)
    ring = np.where(still, 0, grown)
    level = _label_means(mean, labels, numbers)
    around = _label_means(mean, ring, numbers)
    saturated = _label_means(mean >= white, labels, numbers) > 0.5
    tissue = saturated & ~(around < ABRUPT * level)
    return np.asarray(still & ~np.isin(labels, numbers[tissue]))


def _label_means(values: Gray | Mask, labels: NDArray[np.integer], numbers: NDArray[np.integer]) -> NDArray[np.float64]:
    """Mean of the values under every label; NaN where a label has no pixel."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(ndimage.mean(values, labels, numbers))
