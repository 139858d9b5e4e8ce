"""The labelled frames of a training in memory, reduced to what windows need, each checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.settings import MAXIMUM_SIDE, MINIMUM_SIDE

from ...training.sources import hash_frame
from ...training.store import hash_files
from ..labels import IGNORE, LUMEN
from ..recipe import Example, prepare
from .sources import LabelledSource

MOST_SHOWN = 5
LABEL_LEVELS = 8


@dataclass(frozen=True)
class LabelledFrame:
    """One frame.

    Attributes
    ----------
    example : Example
    subject : str
    lumen : bool
        Whether its mask shows a lumen.
    labelled : bool
        Whether its mask says anything.
    """

    example: Example
    subject: str
    lumen: bool
    labelled: bool


@dataclass
class LabelledStore:
    """Frames in memory and where they are from.

    Attributes
    ----------
    frames : list of LabelledFrame
    sources : list of dict
        Per source: name, subject, number of frames and of those with a lumen, size, SHA-256; JSON-ready, no paths.
    notes : list of str
        Sentences for the user.
    owners : dict of str
        Subject by the hash of every frame.
    """

    frames: list[LabelledFrame] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)

    @property
    def subjects(self) -> list[str]:
        """Subjects in the order given."""
        return list(dict.fromkeys(frame.subject for frame in self.frames))

    @property
    def digest(self) -> str:
        """SHA-256 over all frames and masks, by which a resumed training knows that it goes on with the same ones."""
        return hashlib.sha256("".join(source["pixels_sha256"] for source in self.sources).encode()).hexdigest()


def load_labelled(
    sources: Sequence[LabelledSource], limit: int, trained_on: Mapping[str, str] | None = None
) -> LabelledStore:
    """Read frames and masks into memory.

    Parameters
    ----------
    sources : sequence of LabelledSource
    limit : int
        More frames than that are thinned evenly.
    trained_on : mapping of str, optional
        Subject by the hash of frames that are trained on: held-out ones that repeat them are left out.

    Raises
    ------
    InputError
        If a frame or a mask is none, they do not fit each other, or a frame of one subject is that of another.
    """
    store = LabelledStore()
    total = sum(len(source) for source in sources)
    every = max(1, -(-total // limit))
    if every > 1:
        store.notes.append(f"One of {every} frames is used: there are {total}, and maximum_frames is {limit}.")
    for source in sources:
        store.notes += source.notes
        _load(source, every, store, trained_on or {})
    return store


def check_lumen(store: LabelledStore) -> None:
    """Refuse frames without a lumen on any of them.

    Raises
    ------
    InputError
    """
    if not any(frame.lumen for frame in store.frames):
        raise InputError(
            f"None of the {len(store.frames)} masks shows a lumen, so that there is nothing to learn: label it on some "
            "frames, or say which value is the lumen."
        )


def _load(source: LabelledSource, every: int, store: LabelledStore, trained_on: Mapping[str, str]) -> None:
    hashes: list[str] = []
    size: list[int] = []
    count = repeated = 0
    for index in range(0, len(source), every):
        frame, mask = _checked_frame(source, index), _checked_mask(source, index)
        if mask.shape != frame.shape:
            raise InputError(
                f"Mask {index} of {source.name!r} has {mask.shape[0]} x {mask.shape[1]} pixels, but its frame "
                f"{frame.shape[0]} x {frame.shape[1]} (rows x columns): give the mask of this frame."
            )
        key = hash_frame(frame)
        _check_owner(source, key, {**trained_on, **store.owners}, frame)
        if key in trained_on:
            repeated += 1
            continue
        store.owners[key] = source.subject
        hashes += [key, hash_frame(mask)]
        size = size or [int(length) for length in frame.shape]
        lumen = bool((mask == LUMEN).any())
        count += lumen
        example = prepare(frame, mask, source.spacing)
        store.frames.append(LabelledFrame(example, source.subject, lumen, bool((mask != IGNORE).any())))
    if repeated:
        store.notes.append(f"{repeated} held-out frames of {source.name!r} are trained on, too, and are left out.")
    digest = hashlib.sha256("".join(hashes).encode()).hexdigest()
    store.sources.append(
        {
            "name": source.name,
            "subject": source.subject,
            "frames": len(hashes) // 2,
            "frames_with_lumen": count,
            "size": size,
            "spacing": None if source.spacing is None else [float(step) for step in source.spacing],
            "sha256": hash_files(source.files) or digest,
            "pixels_sha256": digest,
        }
    )


def _check_owner(source: LabelledSource, key: str, owners: Mapping[str, str], frame: NDArray[Any]) -> None:
    owner = owners.get(key, source.subject)
    # Blank frames are alike everywhere.
    if owner != source.subject and bool((frame != frame.flat[0]).any()):
        raise InputError(
            f"A frame of {source.name!r} (subject {source.subject!r}) is also one of the subject {owner!r}: name both "
            "alike, or leave one out, since subjects are what keeps training and validation apart."
        )


def _checked_frame(source: LabelledSource, index: int) -> NDArray[Any]:
    frame = np.asarray(source.frames[index])
    if frame.ndim != 2 or frame.dtype.kind not in "buif":
        raise InputError(f"Frame {index} of {source.name!r} must be gray, (H, W), got {frame.shape} of {frame.dtype}.")
    if not all(MINIMUM_SIDE <= length <= MAXIMUM_SIDE for length in frame.shape):
        raise InputError(
            f"Frame {index} of {source.name!r} has {frame.shape[0]} x {frame.shape[1]} pixels: "
            f"{MINIMUM_SIDE} to {MAXIMUM_SIDE} rows and columns are accepted."
        )
    if not np.isfinite(frame).all():
        raise InputError(
            f"Frame {index} of {source.name!r} holds values that are not finite numbers (NaN or infinite): "
            "replace them or leave the frame out."
        )
    return frame


def _checked_mask(source: LabelledSource, index: int) -> NDArray[np.uint8]:
    mask = np.asarray(source.masks[index])
    if mask.ndim != 2 or mask.dtype.kind not in "buif":
        raise InputError(f"Mask {index} of {source.name!r} must be (H, W), got {mask.shape} of {mask.dtype}.")
    values = np.unique(mask)
    if len(values) > LABEL_LEVELS:
        raise InputError(
            f"Mask {index} of {source.name!r} has {len(values)} different values, as a picture does: give a label map."
        )
    unknown = [value for value in values.tolist() if value not in (0, LUMEN, IGNORE)]
    if unknown:
        shown = ", ".join(f"{value:g}" for value in values.tolist()[:MOST_SHOWN])
        raise InputError(
            f"Mask {index} of {source.name!r} holds the values {shown}: 0 (background), {LUMEN} (lumen) and {IGNORE} "
            "(not labelled) are accepted; say which value is the lumen."
        )
    return mask.astype(np.uint8)
