"""What belongs to the ultrasound picture: not the black around the sector, not text, rulers and logos."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .frames import Gray, Mask
from .levels import is_counted
from .overlay import OVERLAY_FRAMES, static_overlay
from .runs import Areas
from .shapes import dilated, eroded, grown_within

LEVEL_TOLERANCE = 2.5 / 255
MINIMUM_SECTOR_SHARE = 0.04
LIT_SHARE = 0.08
DRAWN_SHARE = 0.12


def find_sector(frames: Gray) -> Mask | None:
    """Find the pixels that belong to the ultrasound picture.

    Parameters
    ----------
    frames : array of numbers, shape (K, H, W)
        Up to 32 frames spread over a sweep; a pixel that is finite in none of them does not belong to it.

    Returns
    -------
    bool array (H, W), or None where the whole frame does
    """
    if frames.dtype.kind == "f":
        known = np.isfinite(frames)
        finite = known.any(axis=0)
        if not finite.any():
            return np.asarray(finite)
        if not known.all():
            frames = np.where(known, frames, frames.min(where=known, initial=np.inf))
    else:
        finite = np.ones(frames.shape[1:], bool)
    top, bottom = (frames[0], frames[0]) if len(frames) == 1 else (frames.max(axis=0), frames.min(axis=0))
    low, high = float(bottom.min()), float(top.max())
    if high <= low:
        return None if finite.all() else np.asarray(finite)
    tolerance = LEVEL_TOLERANCE * (high - low)
    inside: Mask = finite & ~_background(_Sweep(frames, top, bottom), tolerance)
    inside &= ~static_overlay(frames, top, bottom, inside, low + LIT_SHARE * (high - low), tolerance)
    if int(np.count_nonzero(inside)) < MINIMUM_SECTOR_SHARE * int(np.count_nonzero(finite)):
        inside = np.asarray(finite)
    return None if bool(np.all(inside)) else np.asarray(inside)


@dataclass(frozen=True)
class _Sweep:
    """Finite frames (K, H, W) and the largest and smallest level that every pixel has in them, (H, W)."""

    frames: Gray
    top: Gray
    bottom: Gray


def _background(sweep: _Sweep, tolerance: float) -> Mask:
    """Pixels outside the field of view: the border's level in all frames, in areas that reach the border."""
    frames = sweep.frames
    border = np.concatenate(
        [frames[:, 0].ravel(), frames[:, -1].ravel(), frames[..., 0].ravel(), frames[..., -1].ravel()]
    )
    level = float(np.quantile(border, 0.02))
    if int(np.count_nonzero(border <= level + tolerance)) < 0.02 * border.size:
        return np.zeros(frames.shape[1:], bool)
    darkest, brightest = _between(level - tolerance, level + tolerance, frames.dtype)
    empty = (sweep.bottom >= darkest) & (sweep.top <= brightest)
    size = max(2, round(0.012 * max(empty.shape)))
    # Dark speckle inside the sector is as black as the background: only solid areas count.
    solid = Areas(eroded(empty, size, outside=True), diagonal=False)
    outside = grown_within(solid.mask(solid.touching_border()), empty, size + 2)
    return np.asarray(outside | _text_islands(sweep, ~outside, level + tolerance, size))


def _between(low: float, high: float, dtype: np.dtype) -> tuple[Any, Any]:
    """Return limits of the same numbers that compare with `dtype` without a conversion of every pixel."""
    return (math.ceil(low), math.floor(high)) if is_counted(dtype) else (low, high)


def _text_islands(sweep: _Sweep, inside: Mask, background: float, size: int) -> Mask:
    """Areas apart from the picture that are text, rulers or logos: of one level, or still while the picture moves."""
    closed = eroded(dilated(np.pad(inside, size), size), size, outside=False)[size:-size, size:-size]
    areas = Areas(closed, diagonal=True)
    small = areas.sizes < 0.2 * areas.sizes.max(initial=0)
    if not small.any():
        return np.zeros(inside.shape, bool)
    pixels, numbers = areas.pixels(small)
    top, bottom = (np.take(extreme, pixels).astype(np.float64) for extreme in (sweep.top, sweep.bottom))
    lit = np.take(inside, pixels) & (top > background)
    top, change, numbers = top[lit], (top - bottom)[lit], numbers[lit]
    count = np.bincount(numbers, minlength=areas.count)
    brightest = np.full(areas.count, -np.inf)
    np.maximum.at(brightest, numbers, top)
    # Drawn strokes have one level, speckle and echoes have all of them.
    white = top - background >= 0.93 * (brightest[numbers] - background)
    text = np.bincount(numbers, white, areas.count) > DRAWN_SHARE * count
    if len(sweep.frames) >= OVERLAY_FRAMES and _moves(sweep, areas):
        text |= np.bincount(numbers, change == 0, areas.count) > 0.8 * count
    return np.asarray(inside & areas.mask(small & (text | (count < size))))


def _moves(sweep: _Sweep, areas: Areas) -> bool:
    """Whether half of the pixels of the largest area change, or more."""
    largest = areas.mask(np.arange(areas.count) == np.argmax(areas.sizes))
    return 2 * int(np.count_nonzero(largest & (sweep.top > sweep.bottom))) >= int(np.count_nonzero(largest))
