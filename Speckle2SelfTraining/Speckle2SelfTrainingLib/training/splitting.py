"""Which frames are trained on and which are held out: by sweep, never by frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfLib.frame_path.frames import Frames

from .sources import FrameSource, Split, hash_frame, shows_anything

VALIDATION_SHARE = 0.2
LARGEST_GAP = 3


def split_sources(
    sources: Sequence[FrameSource],
    validation: Sequence[FrameSource] | None = None,
    share: float = VALIDATION_SHARE,
    seed: int = 777,
) -> Split:
    """Return the sweeps to train on and those to hold out.

    Parameters
    ----------
    sources : sequence of FrameSource
    validation : sequence of FrameSource, optional
        Given ones are taken as they are, once it is sure that no frame of them is trained on.
    share : float
        Else about this share of the frames is held out: whole sweeps drawn by `seed`; of a single sweep its end,
        with a gap of a few frames, which neighbors resemble.
    seed : int

    Raises
    ------
    InputError
        If there are no frames, only one, or a validation sweep is trained on, too.
    SettingsError
        If `share` is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise SettingsError(f"The share of held-out frames must lie between 0 and 1, got {share!r}.")
    total = sum(len(source) for source in sources)
    if total == 0:
        raise InputError("There are no frames to train on: give at least one sweep.")
    if validation:
        check_overlap(sources, validation)
        return list(sources), list(validation)
    if total == 1:
        raise InputError(
            f"{sources[0].name!r} is the only frame: training needs at least two, one of them to validate on."
        )
    real = [source for source in sources if source.truth is None]
    simulated = [source for source in sources if source.truth is not None]
    halves = [_split_kind(kind, share, seed) for kind in (real, simulated) if kind]
    training = [source for half in halves for source in half[0]]
    return training, _without_repeated([source for half in halves for source in half[1]], training)


def check_overlap(training: Sequence[FrameSource], validation: Sequence[FrameSource]) -> None:
    """Refuse validation sweeps of which any frame is trained on, under whatever name.

    Raises
    ------
    InputError
    """
    files = {source.origin: source.name for source in training if source.origin}
    for source in validation:
        if source.origin in files:
            raise InputError(
                f"The validation sweep {source.name!r} is also trained on: give a sweep that is not among the inputs."
            )
    # Simulated frames are told apart by their seed, and making them takes long.
    owners = _owners(training)
    for source in validation:
        if source.truth is None:
            refuse_shared(source.name, [hash_frame(frame) for frame in iterate(source.frames)], owners)


def refuse_shared(name: str, hashes: Sequence[str], owners: Mapping[str, str]) -> None:
    """Refuse a validation sweep of which frames are trained on.

    Parameters
    ----------
    name : str
        Of the validation sweep.
    hashes : sequence of str
        Of its frames.
    owners : mapping of str to str
        Training sweep by hash of every frame.

    Raises
    ------
    InputError
    """
    shared = [owners[key] for key in hashes if key in owners]
    if shared:
        raise InputError(
            f"{len(shared)} of {len(hashes)} frames of the validation sweep {name!r} are also in the training sweep "
            f"{shared[0]!r}: give a sweep that is not trained on."
        )


def _owners(sources: Sequence[FrameSource]) -> dict[str, str]:
    """Return the sweep's name by the hash of every real frame that shows anything: blank ones are alike everywhere."""
    return {
        hash_frame(frame): source.name
        for source in sources
        if source.truth is None
        for frame in iterate(source.frames)
        if shows_anything(frame)
    }


def _without_repeated(held_out: list[FrameSource], training: list[FrameSource]) -> list[FrameSource]:
    """Leave frames out that are trained on, too: frozen images, a sweep in two formats.

    Raises
    ------
    InputError
        If none remain.
    """
    owners = _owners(training)
    kept = []
    for source in held_out:
        hashes = [] if source.truth is not None else [hash_frame(frame) for frame in iterate(source.frames)]
        fresh = [index for index, key in enumerate(hashes) if key not in owners]
        if len(fresh) == len(hashes):
            kept.append(source)
        elif fresh:
            kept.append(source.only(fresh))
    if not kept:
        raise InputError(
            "No frame can be held out to validate on, because the sweeps repeat the same images: "
            "name another sweep to validate on."
        )
    return kept


def iterate(frames: Frames) -> Iterator[NDArray[np.generic]]:
    """Yield the frames in order, one in memory at a time."""
    return (np.asarray(frames[index]) for index in range(len(frames)))


def _split_kind(sources: Sequence[FrameSource], share: float, seed: int) -> Split:
    """Hold out real and simulated sweeps apart, so that there are some of both on either side."""
    if len(sources) > 1:
        return _draw(sources, share, seed)
    return _cut(sources[0], share) if len(sources[0]) > 1 else (list(sources), [])


def _cut(source: FrameSource, share: float) -> Split:
    count = len(source)
    held_out = min(count - 1, max(1, round(share * count)))
    # Simulated frames are independent of each other.
    gap = 0 if source.truth is not None else min(LARGEST_GAP, (count - held_out - 1) // 4)
    return [source.part(0, count - held_out - gap)], [source.part(count - held_out, count)]


def _draw(sources: Sequence[FrameSource], share: float, seed: int) -> Split:
    wanted = share * sum(len(source) for source in sources)
    order = [int(index) for index in np.random.default_rng(seed).permutation(len(sources))]
    # One huge sweep must not leave little to train on; if all are huge, the smallest is held out.
    fitting = [index for index in order if len(sources[index]) <= 2 * wanted] or [
        min(order, key=lambda index: len(sources[index]))
    ]
    held_out: set[int] = set()
    taken = 0
    for index in fitting[: len(sources) - 1]:
        if not held_out or (taken < wanted and taken + len(sources[index]) <= 2 * wanted):
            held_out.add(index)
            taken += len(sources[index])
    return (
        [source for index, source in enumerate(sources) if index not in held_out],
        [source for index, source in enumerate(sources) if index in held_out],
    )
