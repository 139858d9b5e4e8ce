"""What is trained: which input, on which frames of which subjects, from which seed, in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .inputs import NLM, ORIGINAL, OURS, OURS_MILD, SRAD, SUBJECTS

# The shipped despeckler saw frames of S01 to S04 when it was trained, and none of S05 and S06: the last fold is clean.
FOLDS = (("S01", "S02"), ("S03", "S04"), ("S05", "S06"))
CLEAN_FOLD = 2
SEEDS = (0, 1)
FEW = (10, 30)
MAIN_INPUTS = (ORIGINAL, OURS, SRAD, NLM)


@dataclass(frozen=True)
class Run:
    """One training and its test.

    Attributes
    ----------
    source : str
        The input, of :data:`.inputs.INPUTS`.
    labelled : int or None
        Number of frames to learn from; None stands for all of the training subjects.
    fold : int
        Number of the two subjects that are tested on.
    seed : int
        Of the network's first weights, of the draw of frames and of the windows: equal for all inputs.
    """

    source: str
    labelled: int | None
    fold: int
    seed: int

    @property
    def test_subjects(self) -> tuple[str, ...]:
        """Subjects that this run is tested on."""
        return FOLDS[self.fold]

    @property
    def training_subjects(self) -> tuple[str, ...]:
        """All other subjects."""
        return tuple(subject for subject in SUBJECTS if subject not in self.test_subjects)


def all_runs(seeds: Sequence[int] = SEEDS) -> list[Run]:
    """Return every run in an order in which a study that is stopped early has compared like with like.

    Seed by seed: all labels, then few; within them fold by fold, and every input of a fold before the next fold.
    Our milder setting, an extra, comes last.
    """
    runs = []
    for seed in seeds:
        runs += [Run(source, None, fold, seed) for fold in range(len(FOLDS)) for source in MAIN_INPUTS]
        runs += [
            Run(source, labelled, fold, seed)
            for fold in range(len(FOLDS))
            for labelled in FEW
            for source in (ORIGINAL, OURS)
        ]
    return runs + [Run(OURS_MILD, None, fold, seed) for seed in seeds for fold in range(len(FOLDS))]


def labelled_frames(counts: Mapping[str, int], labelled: int | None, seed: int) -> dict[str, list[int]]:
    """Choose the frames to learn from: as many of each subject as of the next, spread over its exams.

    Parameters
    ----------
    counts : mapping of str to int
        Frames of each training subject, which are in the order of its exams and sweeps.
    labelled : int or None
        Frames to choose; None chooses all.
    seed : int
        Shifts the choice, and says which subjects give one frame more where the number cannot be divided.
    """
    if labelled is None:
        return {subject: list(range(count)) for subject, count in counts.items()}
    share, rest = divmod(labelled, len(counts))
    rng = np.random.default_rng(seed)
    chosen = {}
    for position, (subject, count) in enumerate(counts.items()):
        number = share + ((position + seed) % len(counts) < rest)
        phase = rng.random()
        chosen[subject] = [int((index + phase) * count / number) for index in range(number)]
    return chosen
