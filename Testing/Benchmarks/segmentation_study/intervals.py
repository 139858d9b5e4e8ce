"""Means with confidence intervals that know how few subjects there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .results import Scores, SubjectScores

REPLICATES = 5000
LEVEL = 0.95
SEED = 20261122

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A mean over subjects and where it lies.

    Attributes
    ----------
    mean, low, high : float
        Mean of the subjects' means, and the percentile interval.
    by_subject : dict of str to float
    """

    mean: float
    low: float
    high: float
    by_subject: dict[str, float]


def estimate(scores: Scores, replicates: int = REPLICATES, seed: int = SEED) -> Estimate:
    """Return the mean over subjects with its bootstrap interval.

    Frames of a sweep repeat each other and so do sweeps of a neck: what is drawn again is whole subjects, within each
    its exams, and the seeds of its trainings; a frame never stands for itself. Values that are not numbers, of frames
    on which no lumen was found, are left out.

    Parameters
    ----------
    scores : dict
        By subject: exam of each frame, and values (seeds, N).
    replicates, seed : int
        Of the bootstrap.
    """
    names = sorted(scores)
    by_subject = {name: float(np.nanmean(scores[name][1])) for name in names}
    rng = np.random.default_rng(seed)
    draws = np.zeros(replicates)
    for _ in names:
        # A subject that is drawn twice has its exams and seeds drawn twice.
        redrawn = np.stack([subject_means(scores[name], replicates, rng) for name in names])
        draws += redrawn[rng.integers(len(names), size=replicates), np.arange(replicates)]
    draws /= len(names)
    low, high = np.nanquantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(np.mean(list(by_subject.values()))), float(low), float(high), by_subject)


def subject_means(scores: SubjectScores, replicates: int, rng: np.random.Generator) -> Values:
    """Return the mean of one subject for every replicate, its exams and seeds drawn with replacement, (replicates,)."""
    exams, values = scores
    sums, counts = exam_sums(exams, values)
    seeds = rng.integers(len(values), size=(replicates, len(values), 1))
    drawn = rng.integers(sums.shape[1], size=(replicates, 1, sums.shape[1]))
    total, number = sums[seeds, drawn].sum(axis=(1, 2)), counts[seeds, drawn].sum(axis=(1, 2))
    # An exam on which nothing was found has no distances.
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def exam_sums(exams: Sequence[str], values: Values) -> tuple[Values, Values]:
    """Return sum and number of the values of each exam, each (seeds, exams)."""
    names = list(dict.fromkeys(exams))
    member = np.array([[exam == name for name in names] for exam in exams], float)
    there = np.isfinite(values)
    return np.where(there, values, 0) @ member, there.astype(float) @ member


def seed_spread(scores: Scores) -> float:
    """Return how far two trainings that differ in nothing but the seed lie apart, the mean over subjects.

    Not a number where there is one seed.
    """
    spreads = [
        float(np.ptp(np.nanmean(values, axis=1))) if len(values) > 1 else float("nan") for _, values in scores.values()
    ]
    return float(np.mean(spreads))
