"""Whether frames are like those that a model was trained on: their speckle grain and their gray levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .frames import Gray, Mask
from .grain import measure_grain
from .levels import count_levels, is_counted
from .statistics import HIGH_PERCENTILE, SweepStatistics

Range = tuple[float, float]

# The grain that a model names covers most of its training, not all of it.
GRAIN_TOLERANCE = 1.25
# The middle of a frame is enough, and costs a fiftieth of what the network does.
LOOKED_AT = 192
NAMED_RANGES = 6


@dataclass(frozen=True)
class TrainedOn:
    """What a model was trained on, as far as its metadata says; None stands for "not said".

    Parameters
    ----------
    grain : ((float, float), (float, float)) or None
        Speckle grain along rows and along columns, pixels (smallest, largest).
    mean : (float, float) or None
        Mean gray level of a normalized frame, where 0 to 1 is the robust range of its sweep.
    brightest : (float, float) or None
        Percentile 99.8 of a normalized frame.
    """

    grain: tuple[Range, Range] | None = None
    mean: Range | None = None
    brightest: Range | None = None


class Familiarity:
    """Looks at the frames of a job and says which are unlike those of the training.

    Parameters
    ----------
    trained_on : TrainedOn
    """

    def __init__(self, trained_on: TrainedOn) -> None:
        self._known = trained_on
        self._count = 0
        self._grain: dict[int, tuple[float, float]] = {}
        self._levels: dict[int, tuple[float, float]] = {}

    def look(self, index: int, gray: Gray, valid: Mask, statistics: SweepStatistics) -> None:
        """Take note of a frame.

        Parameters
        ----------
        index : int
            Its number in the sweep, from 0.
        gray : float array (H, W)
            B-mode values, in the unit of the sweep.
        valid : bool array (H, W)
            Pixels of the ultrasound picture.
        statistics : SweepStatistics
            Of the sweep.
        """
        self._count += 1
        if statistics.span <= 0:
            return
        self._look_at_levels(index, gray, valid, statistics)
        self._look_at_grain(index, gray, valid, statistics)

    def notes(self) -> list[str]:
        """Return a sentence for the grain and one for the levels, where frames are outside; frames count from 1."""
        notes = []
        if self._grain and self._known.grain is not None:
            rows, columns = np.median(list(self._grain.values()), axis=0)
            (row_low, row_high), (column_low, column_high) = self._known.grain
            notes.append(
                f"Warning: speckle grain outside the model's training in {self._where(self._grain)}: {rows:.2f} x "
                f"{columns:.2f} pixels (rows x columns) at the working scale, trained on {row_low:.3g} to "
                f"{row_high:.3g} x {column_low:.3g} to {column_high:.3g}; look at the result critically."
            )
        if self._levels and self._known.mean is not None and self._known.brightest is not None:
            mean, brightest = np.median(list(self._levels.values()), axis=0)
            notes.append(
                f"Warning: gray levels outside the model's training in {self._where(self._levels)}: mean {mean:.2g} "
                f"and brightest {brightest:.2g} of the sweep's range, trained on {self._known.mean[0]:.3g} to "
                f"{self._known.mean[1]:.3g} and {self._known.brightest[0]:.3g} to {self._known.brightest[1]:.3g}; look "
                f"at the result critically."
            )
        return notes

    def _look_at_levels(self, index: int, gray: Gray, valid: Mask, statistics: SweepStatistics) -> None:
        if self._known.mean is None or self._known.brightest is None or not valid.any():
            return
        mean, brightest = ((level - statistics.low) / statistics.span for level in _mean_and_brightest(gray, valid))
        if _outside(mean, self._known.mean) or _outside(brightest, self._known.brightest):
            self._levels[index] = mean, brightest

    def _look_at_grain(self, index: int, gray: Gray, valid: Mask, statistics: SweepStatistics) -> None:
        if self._known.grain is None:
            return
        middle = tuple(slice(max(0, (length - LOOKED_AT) // 2), (length + LOOKED_AT) // 2) for length in gray.shape)
        measured = measure_grain(gray[middle][None], valid[middle], statistics.low, statistics.high)
        if measured is None:
            return
        grain = (measured[0] * statistics.scale[0], measured[1] * statistics.scale[1])
        if any(_outside(one, known, GRAIN_TOLERANCE) for one, known in zip(grain, self._known.grain, strict=True)):
            self._grain[index] = grain

    def _where(self, found: Mapping[int, object]) -> str:
        if len(found) == self._count:
            return "the only frame" if self._count == 1 else f"all {self._count} frames"
        return f"{len(found)} of {self._count} frames ({ranges(found)}, counted from 1)"


def ranges(indices: Mapping[int, object]) -> str:
    """Return frame numbers in words, counted from 1: "1 to 3, 7"."""
    runs: list[list[int]] = []
    for number in sorted(index + 1 for index in indices):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = [str(first) if first == last else f"{first} to {last}" for first, last in runs]
    return ", ".join(words[:NAMED_RANGES]) + (", ..." if len(words) > NAMED_RANGES else "")


def _mean_and_brightest(gray: Gray, valid: Mask) -> tuple[float, float]:
    if is_counted(gray.dtype):
        counts = count_levels(gray, valid)
        return counts.mean(), counts.percentile(HIGH_PERCENTILE)
    pixels = gray[valid]
    return float(pixels.mean()), float(np.percentile(pixels, HIGH_PERCENTILE))


def _outside(value: float, known: Range, tolerance: float = 1.0) -> bool:
    return not known[0] / tolerance <= value <= known[1] * tolerance
