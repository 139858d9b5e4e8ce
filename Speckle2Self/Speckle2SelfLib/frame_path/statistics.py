"""What is taken once per sweep: intensity range, picture area, speckle grain and working scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..settings import DespeckleSettings
from .frames import Frames, Gray, Mask, same_kind
from .grain import measure_grain
from .luminance import luminance, working_type
from .sampling import sample_indices
from .sector import find_sector
from .signal import compress, envelope

GRAIN_SAMPLES = 6
LOW_PERCENTILE, HIGH_PERCENTILE = 0.1, 99.8
SMALLEST_SCALE, LARGEST_SCALE = 0.3, 2.0
WORTHWHILE_CHANGE = 0.2


@dataclass(frozen=True)
class SweepStatistics:
    """Everything about a sweep that the filtering of one frame needs.

    Attributes
    ----------
    low, high : float
        Robust intensity range (percentiles 0.1 and 99.8 of the picture area), in the unit of the (B-mode) frames.
    valid : bool array (H, W) or None
        Pixels that are filtered; None stands for all.
    grain : (float, float) or None
        Speckle grain along rows and columns, pixels; None where it could not be measured.
    scale : (float, float)
        Working scale along rows and columns.
    reference : float
        Envelope amplitude shown as white (RF and envelope input).
    """

    low: float
    high: float
    valid: Mask | None
    grain: tuple[float, float] | None
    scale: tuple[float, float]
    reference: float = 1.0

    @property
    def span(self) -> float:
        """Width of the intensity range; 0 for a constant sweep."""
        return self.high - self.low


def analyze(
    frames: Frames,
    settings: DespeckleSettings,
    grain_range: tuple[tuple[float, float], tuple[float, float]] | None,
    *,
    color: bool,
    keep: Mask | None,
) -> SweepStatistics:
    """Take the statistics of a sweep from at most 32 frames spread over it.

    Parameters
    ----------
    frames : Frames, items (H, W) or, with `color`, (H, W, C)
    settings : DespeckleSettings
    grain_range : ((float, float), (float, float)) or None
        Speckle grain along rows and along columns that the model was trained on, pixels (smallest, largest).
    color : bool
    keep : bool array (H, W) or None
        Pixels that must stay as they are.

    Raises
    ------
    InputError
        If no pixel of the sampled frames is finite.
    """
    first = np.asarray(frames[0])
    chosen = [same_kind(np.asarray(frames[index]), first, index) for index in sample_indices(len(frames))]
    reference = envelope_reference(chosen, settings.signal) if settings.signal != "bmode" else 1.0
    stack = np.stack([b_mode(frame, settings, reference, color=color) for frame in chosen])
    valid = find_sector(stack) if settings.mask else _finite_only(stack)
    if keep is not None:
        valid = ~keep if valid is None else valid & ~keep
    low, high = robust_range(stack, valid)
    grain = measure_grain(stack[:: max(1, len(stack) // GRAIN_SAMPLES)][:GRAIN_SAMPLES], valid, low, high)
    return SweepStatistics(low, high, valid, grain, working_scale(settings, grain, grain_range), reference)


def b_mode(frame: np.ndarray, settings: DespeckleSettings, reference: float, *, color: bool) -> Gray:
    """Return the gray B-mode values of a frame: its luminance, or its log-compressed envelope."""
    if settings.signal != "bmode":
        return compress(envelope(frame, settings.signal), reference, settings.dynamic_range)
    return luminance(frame) if color else frame.astype(working_type(frame.dtype))


def robust_range(stack: Gray, valid: Mask | None) -> tuple[float, float]:
    """Return the percentiles 0.1 and 99.8 of the valid, finite pixels; the full range where these coincide."""
    pixels = stack if valid is None else stack[:, valid]
    pixels = pixels[np.isfinite(pixels)]
    if not pixels.size:
        pixels = stack[np.isfinite(stack)]
    if not pixels.size:
        raise InputError("No pixel of the frames is a finite number: there is nothing to despeckle.")
    low, high = (float(value) for value in np.percentile(pixels, (LOW_PERCENTILE, HIGH_PERCENTILE)))
    return (low, high) if high > low else (float(pixels.min()), float(pixels.max()))


def envelope_reference(frames: Sequence[np.ndarray], signal: str) -> float:
    """Return the envelope amplitude shown as white: percentile 99.8 over the sampled frames."""
    values = np.concatenate([envelope(frame, signal).ravel()[::7] for frame in frames])
    reference = float(np.percentile(values, HIGH_PERCENTILE))
    return reference if reference > 0 else 1.0


def working_scale(
    settings: DespeckleSettings,
    grain: tuple[float, float] | None,
    grain_range: tuple[tuple[float, float], tuple[float, float]] | None,
) -> tuple[float, float]:
    """Return the scale that brings the speckle grain into the range that the model knows; 1 where it is in it."""
    if not isinstance(settings.scale, str):
        return settings.scale
    if grain is None or grain_range is None:
        return (1.0, 1.0)
    rows, columns = (_axis_scale(width, known) for width, known in zip(grain, grain_range, strict=True))
    return (rows, columns)


def _axis_scale(width: float, known: tuple[float, float]) -> float:
    smallest, largest = known
    wanted = smallest / width if width < smallest else min(1.0, largest / width)
    # Resampling costs sharpness of the grain itself: not for a small gain.
    if abs(wanted - 1) < WORTHWHILE_CHANGE:
        return 1.0
    return round(min(LARGEST_SCALE, max(SMALLEST_SCALE, wanted)), 2)


def _finite_only(stack: Gray) -> Mask | None:
    finite = np.isfinite(stack).any(axis=0)
    return None if finite.all() else np.asarray(finite)
