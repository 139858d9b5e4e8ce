"""The frames of six subjects, as they are and despeckled: filtered once at half size and kept on disk.

Every input, the original too, is the frame averaged over 2 x 2 pixels and rounded to 8 bits, so that nothing but the
filter differs. Half size is still finer than the 256 pixels that the network works on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfTrainingLib.evaluation.peers import PEERS

Gray8 = NDArray[np.uint8]
Filter = Callable[[Gray8, list[int]], Gray8]

SUBJECTS = ("S01", "S02", "S03", "S04", "S05", "S06")
REDUCTION = 2
EVERY = 2  # of the 100 frames of a subject: neighbors in a sweep are alike, and filters take a second each
ORIGINAL, OURS, OURS_MILD, SRAD, NLM = "original", "speckle2self", "speckle2self-0.5", "srad", "nlm"
INPUTS = (ORIGINAL, OURS, SRAD, NLM, OURS_MILD)
MILD = 0.5


@dataclass(frozen=True)
class Subject:
    """The labelled frames of one subject.

    Attributes
    ----------
    name : str
    exams : tuple of str
        Of each frame; frames of an exam follow each other.
    masks : uint8 array (N, H, W), 0 or 1
        The expert's lumen at full size.
    """

    name: str
    exams: tuple[str, ...]
    masks: Gray8

    @property
    def small_masks(self) -> Gray8:
        """The lumen at the size of the inputs, (N, H/2, W/2): pixels that it covers half or more."""
        return np.asarray(block_means(self.masks) >= 0.5, np.uint8)


def frame_files(folder: Path, subject: str) -> list[Path]:
    """Return the frame files of a subject, in the order of its exams and sweeps."""
    return sorted(path for path in (folder / subject).glob("*.png") if not path.stem.endswith("_mask"))


def exam_of(path: Path) -> str:
    """Return the exam that a frame file belongs to: the first part of its name."""
    return path.stem.partition("_")[0]


def load_subject(folder: Path, name: str) -> Subject:
    """Read the masks of the frames of a subject that take part."""
    paths = frame_files(folder, name)[::EVERY]
    masks = np.stack([_read(path.with_name(f"{path.stem}_mask.png")) > 0 for path in paths])
    return Subject(name, tuple(exam_of(path) for path in paths), masks.astype(np.uint8))


def block_means(frames: NDArray[np.generic]) -> NDArray[np.float32]:
    """Average (..., H, W) over 2 x 2 pixels; an odd last row or column is repeated, so that 749 rows become 375."""
    rows, columns = frames.shape[-2:]
    margins = [(0, 0)] * (frames.ndim - 2) + [(0, -rows % REDUCTION), (0, -columns % REDUCTION)]
    padded = np.pad(frames, margins, mode="edge")
    shape = (*frames.shape[:-2], padded.shape[-2] // REDUCTION, REDUCTION, padded.shape[-1] // REDUCTION, REDUCTION)
    return np.asarray(padded.reshape(shape).mean(axis=(-3, -1), dtype=np.float32))


def input_path(cache: Path, name: str, subject: str) -> Path:
    """Return where an input of a subject lies."""
    return cache / f"{name}-{subject}.npy"


def prepare_inputs(folder: Path, cache: Path, names: tuple[str, ...] = INPUTS) -> None:
    """Filter what is not on disk yet, subject by subject; a stopped run goes on with the next one."""
    cache.mkdir(parents=True, exist_ok=True)
    for name in names:
        waiting = [subject for subject in SUBJECTS if not input_path(cache, name, subject).is_file()]
        apply = make_filter(name) if waiting else None
        for subject in waiting:
            assert apply is not None
            began = time.perf_counter()
            results = filter_subject(frame_files(folder, subject), apply)
            temporary = cache / f".{name}-{subject}.npy"
            np.save(temporary, results)
            os.replace(temporary, input_path(cache, name, subject))
            seconds = (time.perf_counter() - began) / len(results)
            print(f"{name} {subject}: {seconds:.2f} s per frame", flush=True)


def filter_subject(paths: list[Path], apply: Filter) -> Gray8:
    """Return the filtered frames of a subject that take part, (N, H/2, W/2)."""
    frames = np.stack([np.rint(block_means(_read(path))).astype(np.uint8) for path in paths])
    results = []
    for exam in exam_slices([exam_of(path) for path in paths]):
        wanted = [index - exam.start for index in range(exam.start, exam.stop) if index % EVERY == 0]
        if wanted:
            results.append(apply(frames[exam], wanted))
    return np.concatenate(results)


def exam_slices(exams: list[str]) -> list[slice]:
    """Return the frames of each exam."""
    slices, start = [], 0
    for _, group in groupby(exams):
        count = len(list(group))
        slices.append(slice(start, start + count))
        start += count
    return slices


def make_filter(name: str) -> Filter:
    """Return the function from the 8-bit frames of an exam, (N, H, W), to those of some numbers, despeckled.

    Our model takes one range and one grain for the whole exam, as for any sweep; peers look at each frame by itself.
    """
    if name == ORIGINAL:
        return lambda frames, wanted: frames[wanted]
    if name in PEERS:
        peer = PEERS[name]
        return lambda frames, wanted: np.stack(peer.run(list(frames[wanted]), peer.default))
    from Speckle2SelfLib.despeckler import Despeckler

    despeckler = Despeckler(device="cpu") if name == OURS else Despeckler(device="cpu", strength=MILD)
    return lambda frames, wanted: np.stack([frame for _, frame in despeckler.stream(frames, indices=wanted)])


def _read(path: Path) -> Gray8:
    return np.asarray(open_sweep(path).frames[0], np.uint8)
