"""Which subjects are trained on and which are held out; never frames of one subject on either side, where avoidable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from Speckle2SelfLib.errors import InputError, SettingsError

from ...training.splitting import LARGEST_GAP, VALIDATION_SHARE
from .sources import LabelledSource


@dataclass(frozen=True)
class SubjectSplit:
    """Sources to train on and sources to hold out.

    Attributes
    ----------
    training, held_out : list of LabelledSource
    notes : list of str
        Sentences for the user.
    """

    training: list[LabelledSource]
    held_out: list[LabelledSource]
    notes: list[str] = field(default_factory=list)


def split_by_subject(
    sources: Sequence[LabelledSource],
    validation: Sequence[LabelledSource] | None = None,
    share: float = VALIDATION_SHARE,
    seed: int = 777,
) -> SubjectSplit:
    """Divide labelled frames into those to train on and those to hold out.

    Parameters
    ----------
    sources : sequence of LabelledSource
    validation : sequence of LabelledSource, optional
        Given ones are taken as they are, once it is sure that no subject of them is trained on.
    share : float
        Else about this share of the frames is held out: whole subjects drawn by `seed`; of a single subject its last
        frames, with a gap of a few frames, which neighbors resemble. 0 holds out none.
    seed : int

    Raises
    ------
    InputError
        If there are fewer than two frames, or a subject is on either side.
    SettingsError
        If `share` is not from 0 to below 1.
    """
    if not 0 <= share < 1:
        raise SettingsError(f"The share of held-out frames must lie between 0 and 1, got {share!r}.")
    if not sources:
        raise InputError("There are no frames to train on: give images with masks.")
    if validation:
        check_subjects(sources, validation)
        return SubjectSplit(list(sources), list(validation))
    labelled = [source for source in sources if not source.negative]
    negative = [source for source in sources if source.negative]
    if not labelled:
        raise InputError("There are only frames without a lumen: give labelled ones as well.")
    if not share:
        return SubjectSplit(list(sources), [])
    split = _by_subject(labelled, share, seed) if len(subjects_of(labelled)) > 1 else _blocks(labelled, share)
    if len(subjects_of(negative)) > 1:
        apart = _by_subject(negative, share, seed)
        return SubjectSplit(split.training + apart.training, split.held_out + apart.held_out, split.notes)
    return SubjectSplit(split.training + negative, split.held_out, split.notes)


def check_subjects(training: Sequence[LabelledSource], held_out: Sequence[LabelledSource]) -> None:
    """Refuse subjects that are on either side.

    Raises
    ------
    InputError
    """
    known = subjects_of(training)
    shared = [source.subject for source in held_out if source.subject in known and not source.block]
    if shared:
        raise InputError(
            f"The subject {shared[0]!r} is both trained on and validated on, so that the validation would say nothing "
            "about another one: give other subjects to validate on."
        )


def subjects_of(sources: Sequence[LabelledSource]) -> list[str]:
    """Return the subjects in the order given."""
    return list(dict.fromkeys(source.subject for source in sources))


def _by_subject(sources: Sequence[LabelledSource], share: float, seed: int) -> SubjectSplit:
    subjects = subjects_of(sources)
    counts = {name: sum(len(source) for source in sources if source.subject == name) for name in subjects}
    wanted = share * sum(counts.values())
    order = [subjects[index] for index in np.random.default_rng(seed).permutation(len(subjects))]
    # One huge subject must not leave little to train on; if all are huge, the smallest is held out.
    fitting = [name for name in order if counts[name] <= 2 * wanted] or [min(order, key=lambda name: counts[name])]
    held_out: list[str] = []
    for name in fitting[: len(subjects) - 1]:
        taken = sum(counts[other] for other in held_out)
        if not held_out or (taken < wanted and taken + counts[name] <= 2 * wanted):
            held_out.append(name)
    return SubjectSplit(
        [source for source in sources if source.subject not in held_out],
        [source for source in sources if source.subject in held_out],
    )


def _blocks(sources: Sequence[LabelledSource], share: float) -> SubjectSplit:
    """Hold out the last frames of a single subject."""
    count = sum(len(source) for source in sources)
    subject = sources[0].subject
    if count < 2:
        raise InputError(
            f"{sources[0].name!r} is the only frame: training needs at least two, one of them to validate on."
        )
    held_out = min(count - 1, max(1, round(share * count)))
    gap = min(LARGEST_GAP, (count - held_out - 1) // 4)
    note = (
        f"All frames are of one subject, {subject!r}: its last {held_out} are held out behind a gap of {gap}. They "
        "resemble those trained on, so that the Dice says little about other subjects."
    )
    first = _range(sources, 0, count - held_out - gap)
    last = [replace(source, block=True) for source in _range(sources, count - held_out, count)]
    return SubjectSplit(first, last, [note])


def _range(sources: Sequence[LabelledSource], start: int, stop: int) -> list[LabelledSource]:
    """Return frames `start` to `stop` of sources laid end to end."""
    found, before = [], 0
    for source in sources:
        low, high = max(0, start - before), min(len(source), stop - before)
        if (low, high) == (0, len(source)):
            found.append(source)
        elif low < high:
            found.append(source.part(low, high))
        before += len(source)
    return found
