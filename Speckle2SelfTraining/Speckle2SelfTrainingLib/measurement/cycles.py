"""How far a vessel widens with the heart beat: diastolic and systolic diameter over a cine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

HEART_RATES = (30.0, 200.0)  # per minute
SMOOTHING = 0.02  # seconds, standard deviation: costs 1 % of the distension at 72 beats per minute
PROMINENCE = 0.4  # of the range of diameters, for a beat
SLOWEST_SAMPLING = 0.15  # seconds between frames, beyond which the beat is not seen
LONGEST_GAP = 0.5  # seconds without a usable frame
MOST_UNEVEN = 2.0  # longest against shortest beat
FEWEST_FRAMES = 5
PERCENTILES = (5.0, 95.0)

CYCLES = "means of the smallest and of the largest diameter of each heart beat"
RANGE = "5th and 95th percentile of the diameters; no heart beats could be told apart"


@dataclass(frozen=True)
class Distension:
    """The change of the equivalent diameter over a cine, which assumes that the probe was held still.

    Attributes
    ----------
    diastolic, systolic : float
        Smallest and largest diameter in the sense of `method`.
    distension : float
        Their difference.
    strain : float
        Distension in percent of the diastolic diameter.
    beats : int
        Heart beats that were seen whole; 0 where they could not be told apart.
    heart_rate : float
        Beats per minute; nan without beats. A check on the result rather than a result.
    noise : float
        Standard deviation of the diameter from one frame to the next that is no motion of the wall (upper bound).
    method : str
        How both diameters were found, in words.
    """

    diastolic: float
    systolic: float
    distension: float
    strain: float
    beats: int
    heart_rate: float
    noise: float
    method: str


def measure_distension(times: Sequence[float], diameters: Sequence[float], usable: Sequence[bool]) -> Distension | None:
    """Return how far a vessel widens over a cine; None for fewer than five usable frames.

    Parameters
    ----------
    times : sequence of float
        Seconds.
    diameters : sequence of float
    usable : sequence of bool
        Frames that count.
    """
    time, diameter = np.asarray(times, np.float64), np.asarray(diameters, np.float64)
    kept = np.asarray(usable, bool) & np.isfinite(time) & np.isfinite(diameter)
    time, diameter = time[kept], diameter[kept]
    if time.size < FEWEST_FRAMES or np.any(np.diff(time) <= 0):
        return None
    noise = frame_noise(diameter)
    beats = _beats(time, diameter)
    if beats is None:
        diastolic, systolic = (float(value) for value in np.percentile(diameter, PERCENTILES))
        return _distension(diastolic, systolic, 0, math.nan, noise, RANGE)
    smallest, largest, intervals = beats
    rate = 60 / float(np.mean(intervals))
    return _distension(float(smallest.mean()), float(largest.mean()), len(intervals), rate, noise, CYCLES)


def frame_noise(diameters: Values) -> float:
    """Return the standard deviation of independent errors of single frames (robust, from second differences)."""
    rest = diameters[1:-1] - (diameters[:-2] + diameters[2:]) / 2
    return float(1.4826 * np.median(np.abs(rest)) / math.sqrt(1.5))


def _distension(
    diastolic: float, systolic: float, beats: int, heart_rate: float, noise: float, method: str
) -> Distension:
    wider = systolic - diastolic
    strain = 100 * wider / diastolic if diastolic > 0 else math.nan
    return Distension(diastolic, systolic, wider, strain, beats, heart_rate, noise, method)


def _beats(time: Values, diameter: Values) -> tuple[Values, Values, Values] | None:
    """Return the smallest and the largest diameters of beats and the intervals of peaks; None without two peaks."""
    from scipy import ndimage, signal

    steps = np.diff(time)
    step = float(np.median(steps))
    if step > SLOWEST_SAMPLING or steps.max() > LONGEST_GAP:
        return None
    even = np.arange(time[0], time[-1] + step / 2, step)
    smooth = ndimage.gaussian_filter1d(np.interp(even, time, diameter), SMOOTHING / step)
    low, high = np.percentile(signal.detrend(smooth), PERCENTILES)
    peaks, _ = signal.find_peaks(
        smooth,
        distance=max(60 / HEART_RATES[1] / step, 1),
        prominence=max(PROMINENCE * (high - low), 2 * frame_noise(diameter), 1e-9),
    )
    intervals = np.diff(even[peaks])
    if intervals.size == 0 or intervals.max() > MOST_UNEVEN * intervals.min():
        return None
    if not HEART_RATES[0] <= 60 / float(intervals.mean()) <= HEART_RATES[1]:
        return None
    valleys = [float(smooth[first:last].min()) for first, last in pairwise(peaks)]
    return np.array(valleys), smooth[peaks], intervals
