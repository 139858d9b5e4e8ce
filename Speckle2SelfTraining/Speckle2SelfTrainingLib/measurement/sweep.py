"""Measure every frame of a sweep, and what follows from all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from Speckle2SelfLib.errors import InputError, SettingsError

from .centers import FrameMatrices
from .checks import checked_series, checked_spacing
from .cycles import measure_distension
from .lumen import MILLIMETERS, PIXELS, LumenMeasures, measure_mask
from .notices import notices_about
from .options import ALONG, MINIMUM_CONFIDENCE
from .profile import WINDOW, find_minimum, jumps, smooth_profile
from .result import Axis, FrameMeasures, SweepMeasures

SHORTEST_SWEEP = 2.0  # mm: a probe that moves less was held still


def measure_sweep(
    masks: Iterable[Any],
    spacing: Sequence[float] | float | None = None,
    confidences: Sequence[float] | None = None,
    times: Sequence[float] | None = None,
    positions: Sequence[float] | None = None,
    *,
    along: str = "auto",
    minimum_confidence: float = MINIMUM_CONFIDENCE,
) -> SweepMeasures:
    """Measure the lumen on every frame of a sweep or cine.

    Parameters
    ----------
    masks : iterable of arrays (H, W), or array (N, H, W)
        As :func:`.measure_mask` takes them; an empty mask is a frame without a lumen. Taken one by one.
    spacing : (float, float) or float, optional
        Pixel size (row, column) in mm; None measures in pixels and says so.
    confidences : sequence of float, optional
        0 to 1 per frame.
    times : sequence of float, optional
        Seconds per frame.
    positions : sequence of float, optional
        mm along the sweep per frame (see :func:`.positions_along`).
    along : {"auto", "position", "time", "frame"}
        What the profile runs along. "auto" takes positions if the probe moved by 2 mm or more, else times, else the
        numbers of frames.
    minimum_confidence : float
        Frames below are listed, but left out of minimum, mean and distension.

    Returns
    -------
    SweepMeasures

    Raises
    ------
    InputError
        If there are no masks, or a mask, a pixel size or the number of the other values does not fit.
    SettingsError
        If `along` or `minimum_confidence` is not accepted, or `along` asks for what was not given.
    """
    if not 0 <= minimum_confidence <= 1:
        raise SettingsError(f"minimum_confidence must be a number from 0 to 1, got {minimum_confidence!r}.")
    pixel_size = checked_spacing(spacing)
    lumens = _measure_all(masks, pixel_size, confidences)
    return sweep_of(
        lumens, pixel_size, times=times, positions=positions, along=along, minimum_confidence=minimum_confidence
    )


def sweep_of(
    lumens: Sequence[LumenMeasures],
    spacing: tuple[float, float] | None,
    *,
    times: Sequence[float] | None = None,
    positions: Sequence[float] | None = None,
    along: str = "auto",
    minimum_confidence: float = MINIMUM_CONFIDENCE,
    notes: Sequence[str] = (),
    matrices: FrameMatrices | None = None,
) -> SweepMeasures:
    """Put measured frames together; see :func:`measure_sweep`, which measures them first.

    Parameters
    ----------
    lumens : sequence of LumenMeasures
        One per frame.
    spacing, times, positions, along, minimum_confidence
        As in :func:`measure_sweep`.
    notes : sequence of str
        Sentences about how the frames were understood; they follow the notices of the result.
    matrices : FrameMatrices, optional
        Where the pixels of each frame lie in the patient.
    """
    if not lumens:
        raise InputError("There are no frames to measure: give at least one mask.")
    count = len(lumens)
    known_times = checked_series("times", times, count)
    known_positions = checked_series("positions", positions, count)
    axis = _axis(along, known_positions, known_times)
    place, time = (series or [math.nan] * count for series in (known_positions, known_times))
    diameters = [lumen.equivalent_diameter for lumen in lumens]
    # A confidence that nobody stated (nan) is no reason to leave a frame out.
    usable = [lumen.plausible and not lumen.confidence < minimum_confidence for lumen in lumens]
    jumping = jumps(diameters, usable)
    for frame in jumping:
        usable[frame] = False
    smooth = smooth_profile(diameters, usable)
    alone = [frame for frame in range(count) if usable[frame] and math.isnan(smooth[frame]) and count >= WINDOW]
    for frame in alone:
        usable[frame] = False
    minimum = find_minimum(diameters, smooth, place, time)
    distension = measure_distension(time, diameters, usable) if axis == "time" else None
    rows = tuple(
        FrameMeasures(
            frame,
            lumen,
            place[frame],
            time[frame],
            usable[frame],
            float(smooth[frame]),
            None if matrices is None else matrices.center(frame, lumen),
        )
        for frame, lumen in enumerate(lumens)
    )
    unit = PIXELS if spacing is None else MILLIMETERS
    notices = notices_about(rows, unit, jumping, alone, minimum_confidence, minimum, distension, axis)
    coordinates = None if matrices is None else matrices.coordinates
    return SweepMeasures(rows, unit, spacing, axis, minimum, distension, (*notices, *notes), coordinates)


def _measure_all(
    masks: Iterable[Any], spacing: tuple[float, float] | None, confidences: Sequence[float] | None
) -> list[LumenMeasures]:
    lumens: list[LumenMeasures] = []
    shape: tuple[int, ...] | None = None
    for frame, mask in enumerate(masks):
        array = np.asarray(mask)
        shape = shape or array.shape
        if array.shape != shape:
            raise InputError(f"The mask of frame {frame} is {array.shape}, that of frame 0 {shape}: they must agree.")
        try:
            lumens.append(measure_mask(array, spacing, _confidence(confidences, frame)))
        except InputError as error:
            raise InputError(f"Frame {frame}: {error}") from error
    checked_series("confidences", confidences, len(lumens))
    return lumens


def _confidence(confidences: Sequence[float] | None, frame: int) -> float | None:
    return None if confidences is None or frame >= len(confidences) else confidences[frame]


def _axis(along: str, positions: Sequence[float] | None, times: Sequence[float] | None) -> Axis:
    if along not in ALONG:
        raise SettingsError(f"along must be one of {', '.join(ALONG)}, got {along!r}.")
    if (along == "position" and positions is None) or (along == "time" and times is None):
        raise SettingsError(f"The profile cannot run along {along}: it is not known for these frames.")
    if along in ("position", "time", "frame"):
        return along  # type: ignore[return-value]
    if (
        positions is not None
        and np.ptp([place for place in positions if math.isfinite(place)] or [0]) >= SHORTEST_SWEEP
    ):
        return "position"
    if times is not None:
        return "time"
    return "frame"
