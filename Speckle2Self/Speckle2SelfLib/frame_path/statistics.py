"""What is taken once per sweep: intensity range, picture area, speckle grain and working scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import InputError
from ..parallel import small_steps
from ..settings import DespeckleSettings
from .frames import Frames, Gray, Mask, same_kind
from .grain import measure_grain
from .levels import count_levels, is_counted
from .luminance import is_tinted, luminance, working_type
from .sampling import MAXIMUM_SAMPLES, sample_indices
from .sector import find_sector
from .signal import compress, envelope, find_fast_axis

GRAIN_SAMPLES = 6
LOW_PERCENTILE, HIGH_PERCENTILE = 0.1, 99.8
SMALLEST_SCALE = 0.3
WORTHWHILE_CHANGE = 0.2
MAXIMUM_PIXELS = 128 * 1024 * 1024
PERCENTILE_PIXELS = 8 * 1024 * 1024
LARGEST_VALUE = 1e30


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
    fast_axis : int
        Axis of fast time (RF input).
    tinted : bool
        The whole picture is colored, as by a chroma map: color marks no overlay (color input).
    """

    low: float
    high: float
    valid: Mask | None
    grain: tuple[float, float] | None
    scale: tuple[float, float]
    reference: float = 1.0
    fast_axis: int = 0
    tinted: bool = False

    @property
    def span(self) -> float:
        """Width of the intensity range; 0 for a constant sweep."""
        return self.high - self.low

    def without(self, keep: Mask) -> SweepStatistics:
        """Return the same statistics with more pixels that stay as they are; `keep` is bool, (H, W)."""
        return replace(self, valid=_excluding(keep, self.valid))


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
    # Few large frames tell as much as many small ones, and memory stays bounded.
    every = -(-first.shape[0] * first.shape[1] * min(len(frames), MAXIMUM_SAMPLES) // MAXIMUM_PIXELS)
    indices = sample_indices(len(frames))[:: max(1, every)]
    # The first frame is always among them; a lazy reader would decode it twice.
    chosen = [first, *(same_kind(np.asarray(frames[index]), first, index) for index in indices[1:])]
    fast_axis = find_fast_axis(chosen[0]) if settings.signal == "rf" else 0
    with small_steps((first.shape[0], first.shape[1])):
        stack, reference = _b_mode_stack(chosen, settings, fast_axis, color=color)
        _refuse_huge_values(stack)
        valid = find_sector(stack) if settings.mask else _finite_only(stack)
        if keep is not None:
            valid = _excluding(keep, valid)
        low, high = robust_range(stack, valid)
        grain = measure_grain(stack[:: max(1, len(stack) // GRAIN_SAMPLES)][:GRAIN_SAMPLES], valid, low, high)
        scale = working_scale(settings, grain, grain_range)
        tinted = color and is_tinted(chosen, high - low)
        return SweepStatistics(low, high, valid, grain, scale, reference, fast_axis, tinted)


def b_mode(frame: np.ndarray, settings: DespeckleSettings, reference: float, fast_axis: int, *, color: bool) -> Gray:
    """Return the gray B-mode values of a frame: its luminance, or its log-compressed envelope.

    Gray frames of whole numbers of up to 16 bits are returned as they are, without a copy.
    """
    if settings.signal != "bmode":
        return compress(envelope(frame, settings.signal, fast_axis), reference, settings.dynamic_range)
    if color:
        return luminance(frame)
    return frame if is_counted(frame.dtype) else frame.astype(working_type(frame.dtype))


def robust_range(stack: Gray, valid: Mask | None) -> tuple[float, float]:
    """Return the percentiles 0.1 and 99.8 of the valid, finite pixels; the full range where these coincide.

    Parameters
    ----------
    stack : array (K, H, W)
        Of floating-point numbers, of which some stand for all where they are more than 8 million, or of whole numbers
        of up to 16 bits, which are all counted.
    valid : bool array (H, W) or None

    Raises
    ------
    InputError
        If no pixel is finite.
    """
    if is_counted(stack.dtype):
        return _counted_range(stack, valid if valid is None or valid.any() else None)
    pixels = stack if valid is None else stack[:, valid]
    finite = np.isfinite(pixels)
    pixels = pixels.ravel() if finite.all() else pixels[finite]
    if not pixels.size:
        pixels = stack[np.isfinite(stack)]
    if not pixels.size:
        raise InputError("No pixel of the frames is a finite number: there is nothing to despeckle.")
    some = pixels[:: 1 + pixels.size // PERCENTILE_PIXELS]
    low, high = (float(value) for value in np.percentile(some, (LOW_PERCENTILE, HIGH_PERCENTILE)))
    return (low, high) if high > low else (float(pixels.min()), float(pixels.max()))


def _counted_range(stack: Gray, valid: Mask | None) -> tuple[float, float]:
    counts = count_levels(stack, valid)
    low, high = counts.percentile(LOW_PERCENTILE), counts.percentile(HIGH_PERCENTILE)
    return (low, high) if high > low else counts.extremes()


def _refuse_huge_values(stack: Gray) -> None:
    if stack.dtype.kind != "f":
        return
    finite = np.isfinite(stack)
    largest = max(float(stack.max(where=finite, initial=0.0)), -float(stack.min(where=finite, initial=0.0)))
    if largest > LARGEST_VALUE:
        raise InputError(f"The frames hold values up to {largest:.3g}; scale them below 1e30 first.")


def _b_mode_stack(
    frames: Sequence[np.ndarray], settings: DespeckleSettings, fast_axis: int, *, color: bool
) -> tuple[Gray, float]:
    """Return the gray B-mode values of the sampled frames and the envelope amplitude shown as white."""
    if settings.signal == "bmode":
        gray = [b_mode(frame, settings, 1.0, fast_axis, color=color) for frame in frames]
        return gray[0][None] if len(gray) == 1 else np.stack(gray), 1.0
    stack = np.stack([envelope(frame, settings.signal, fast_axis).astype(np.float32) for frame in frames])
    reference = envelope_reference(stack)
    for index, magnitude in enumerate(stack):
        stack[index] = compress(magnitude, reference, settings.dynamic_range)
    return stack, reference


def envelope_reference(magnitudes: Gray) -> float:
    """Return the amplitude shown as white: percentile 99.8 over the envelopes (K, H, W) of the sampled frames."""
    reference = float(np.percentile(magnitudes.reshape(len(magnitudes), -1)[:, ::7], HIGH_PERCENTILE))
    return reference if reference > 0 else 1.0


def working_scale(
    settings: DespeckleSettings,
    grain: tuple[float, float] | None,
    grain_range: tuple[tuple[float, float], tuple[float, float]] | None,
) -> tuple[float, float]:
    """Return the scale at which speckle that is coarser than the model knows gets the grain that it knows; else 1."""
    if not isinstance(settings.scale, str):
        return settings.scale
    if grain is None or grain_range is None:
        return (1.0, 1.0)
    rows, columns = (_axis_scale(width, known[1]) for width, known in zip(grain, grain_range, strict=True))
    return (rows, columns)


def _axis_scale(width: float, largest: float) -> float:
    # Finer grain than the model knows is left alone: enlarging was measured to leave five times the noise in.
    wanted = min(1.0, largest / width)
    # Resampling costs sharpness of the grain itself: not for a small gain.
    return 1.0 if 1 - wanted < WORTHWHILE_CHANGE else round(max(SMALLEST_SCALE, wanted), 2)


def _excluding(keep: Mask, valid: Mask | None) -> Mask:
    return ~keep if valid is None else valid & ~keep


def _finite_only(stack: Gray) -> Mask | None:
    if stack.dtype.kind != "f":
        return None
    finite = np.isfinite(stack).any(axis=0)
    return None if finite.all() else np.asarray(finite)
