"""What is evaluated: frames with boxes and perhaps their truth, from files or simulated."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from Speckle2SelfLib.errors import DependencyError, InputError

from .boxes import Box, Boxes, BoxFile, find_boxes
from .frames import LEVELS, Gray8, GrayFrames, Mask

if TYPE_CHECKING:
    from ..simulation.benchmark_sets import BenchmarkSet, PairFrame

DEVELOPMENT_SEED = 5_000_000  # added to a benchmark set's own: no frame is in both
SWEEP_FRAMES = 3


@dataclass(frozen=True)
class Group:
    """Frames that belong to one sweep, so that our model takes one range and one picture area for them.

    Attributes
    ----------
    indices : tuple of int
        Into the frames of the set.
    keep : bool array (H, W) or None
        Pixels that must come out unchanged.
    samples : sequence of uint8 arrays (H, W)
        More frames of the sweep, from which only range and picture area are taken.
    """

    indices: tuple[int, ...]
    keep: Mask | None = None
    samples: Sequence[Gray8] = ()


@dataclass(frozen=True)
class EvaluationSet:
    """Frames to evaluate.

    Attributes
    ----------
    name, about : str
    frames : list of uint8 arrays (H, W)
    boxes : list of Boxes, one per frame
    groups : list of Group
    truth : list of uint8 arrays (H, W), or None
    sources : list of str
        Where each frame comes from; no path of the machine.
    flicker : (tuple of int, Box) or None
        Frames that follow each other, and the box in which their brightness is watched.
    measured : int or None
        Only this many first frames enter the means, where the others are there for flicker; None stands for all.
    results : dict of str to list of uint8 arrays
        Results made elsewhere, by method.
    """

    name: str
    about: str
    frames: list[Gray8]
    boxes: list[Boxes]
    groups: list[Group]
    truth: list[Gray8] | None = None
    sources: list[str] = field(default_factory=list)
    flicker: tuple[tuple[int, ...], Box] | None = None
    measured: int | None = None
    results: dict[str, list[Gray8]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of frames that enter the means."""
        return len(self.frames) if self.measured is None else self.measured


def simulated_set(name: str, frames: int, size: int, *, development: bool = False) -> EvaluationSet:
    """Simulate a benchmark set, and a short sweep of it for flicker.

    Parameters
    ----------
    name : str
        As in :mod:`..simulation.benchmark_sets`.
    frames, size : int
        Frames, and rows and columns of each.
    development : bool
        Take another seed, for tuning; without the sweep.

    Raises
    ------
    SettingsError
        If there is no set of this name.
    """
    from ..simulation.benchmark_sets import chosen

    entry = chosen(name)
    if development:
        entry = dataclasses.replace(entry, seed=entry.seed + DEVELOPMENT_SEED)
    pairs = [entry.sweep(index, size).frame(0) for index in range(frames)]
    sweep = [] if development else _sweep(entry, size)
    every = pairs + sweep
    boxes = [find_boxes(pair.clean, pair.sector, pair.lumen) for pair in every]
    following = tuple(range(len(pairs), len(every)))
    flicker = (following, box) if sweep and (box := boxes[len(pairs)].tissue) is not None else None
    return EvaluationSet(
        name=name,
        about=f"simulated, {entry.about}",
        frames=[pair.speckled for pair in every],
        boxes=boxes,
        groups=[Group((index,)) for index in range(len(pairs))] + ([Group(following)] if sweep else []),
        truth=[pair.clean for pair in every],
        sources=[f"{name} {index}" for index in range(len(pairs))] + [f"{name} sweep {index}" for index in following],
        flicker=flicker,
        measured=len(pairs),
    )


def _sweep(entry: BenchmarkSet, size: int) -> list[PairFrame]:
    sweep = entry.sweep(0, size)
    return [sweep.frame(index) for index in range(1, SWEEP_FRAMES + 1)]


def cropped(evaluated: EvaluationSet, size: int) -> EvaluationSet:
    """Return the middle of every frame of a set with truth, `size` rows and columns: the same grain at less cost."""
    frames = [_center(frame, size) for frame in evaluated.frames]
    truth = None if evaluated.truth is None else [_center(frame, size) for frame in evaluated.truth]
    boxes = [find_boxes(frame) for frame in (frames if truth is None else truth)]
    return dataclasses.replace(evaluated, frames=frames, truth=truth, boxes=boxes, flicker=None)


def _center(frame: Gray8, size: int) -> Gray8:
    top, left = (max(0, (length - size) // 2) for length in frame.shape)
    return np.ascontiguousarray(frame[top : top + size, left : left + size])


def file_set(
    paths: Sequence[Path],
    *,
    name: str = "input",
    limit: int,
    truth: Sequence[Path] = (),
    boxes: BoxFile | None = None,
    independent: bool = False,
    results: dict[str, list[Path]] | None = None,
) -> EvaluationSet:
    """Read the frames of files.

    Parameters
    ----------
    paths : sequence of Path
        Files that `despeckle` takes, and GIF; their frames may differ in size from file to file.
    name : str
        Of the set, in tables.
    limit : int
        Frames of each file, from its middle, so that they follow each other.
    truth : sequence of Path
        The clean frames, one file for each of `paths`, or none.
    boxes : BoxFile, optional
        Found in every frame where left out.
    independent : bool
        The frames of a file are different pictures and no sweep.
    results : dict of str to list of Path, optional
        Results made elsewhere, one file for each of `paths`.

    Raises
    ------
    InputError
        If a file cannot be read, or does not fit the others.
    """
    from Speckle2SelfLib.frame_path.sector import find_sector  # which loads scipy

    if truth and len(truth) != len(paths):
        raise InputError(f"There are {len(truth)} files of truth for {len(paths)} inputs: give one for each.")
    collected = EvaluationSet(name, "files", [], [], [], truth=[] if truth else None)
    sweeps: list[Group] = []
    for number, path in enumerate(paths, 1):
        gray, keep = read_gray(path)
        chosen = middle(len(gray), limit)
        frames = [gray[index] for index in chosen]
        clean = _fitting(truth[number - 1], "truth", len(gray), chosen, frames) if truth else None
        valid = find_sector(np.stack(frames).astype(np.float32) / np.float32(LEVELS))
        first = len(collected.frames)
        indices = tuple(range(first, first + len(frames)))
        sweep = Group(indices, keep)
        collected.frames.extend(frames)
        collected.groups.extend([Group((index,), keep) for index in indices] if independent else [sweep])
        collected.sources.extend(f"{path.name}, frame {index}" for index in chosen)
        if collected.truth is not None and clean is not None:
            collected.truth.extend(clean)
        for position, index in enumerate(chosen):
            picture = frames[position] if clean is None else clean[position]
            given = boxes.of(number, path.stem, index, gray.shape) if boxes else None
            collected.boxes.append(given or find_boxes(picture, valid))
        for method, files in (results or {}).items():
            if len(files) != len(paths):
                raise InputError(
                    f"Result {method!r} has {len(files)} files for {len(paths)} inputs: give one for each."
                )
            there = _fitting(files[number - 1], f"result {method!r}", len(gray), chosen, frames)
            collected.results.setdefault(method, []).extend(there)
        if not independent and len(frames) > 1:
            sweeps.append(sweep)
    if boxes is not None and not any(one.tissue or one.lumen for one in collected.boxes):
        raise InputError(
            "None of the boxes belongs to a frame that is measured: keys are FILE.FRAME, for example "
            f'"1.0" or "{paths[0].stem}.0" for the first frame of the first input.'
        )
    return dataclasses.replace(collected, flicker=_flicker_of(collected, sweeps))


def _flicker_of(collected: EvaluationSet, sweeps: list[Group]) -> tuple[tuple[int, ...], Box] | None:
    """Watch flicker in the first sweep, in the flattest tissue of its mean."""
    if not sweeps:
        return None
    mean = np.mean([collected.frames[index] for index in sweeps[0].indices], axis=0)
    given = {collected.boxes[index].tissue for index in sweeps[0].indices}
    box = given.pop() if len(given) == 1 else find_boxes(mean).tissue
    return None if box is None else (sweeps[0].indices, box)


def _fitting(path: Path, what: str, count: int, chosen: Sequence[int], frames: Sequence[Gray8]) -> list[Gray8]:
    gray, _ = read_gray(path)
    if len(gray) != count or gray.shape != frames[0].shape:
        raise InputError(
            f"{path.name} ({what}) has {len(gray)} frames of {gray.shape[1]} x {gray.shape[0]} pixels, its input "
            f"{count} of {frames[0].shape[1]} x {frames[0].shape[0]}: both must agree."
        )
    return [gray[index] for index in chosen]


def middle(count: int, limit: int) -> range:
    """Return up to `limit` neighboring frame numbers from the middle of `count`."""
    first = max(0, (count - limit) // 2)
    return range(first, min(count, first + limit))


def read_gray(path: Path) -> tuple[GrayFrames, Mask | None]:
    """Open a file as 8-bit gray frames, with the pixels that must stay as they are.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if path.suffix.lower() == ".gif":
        return GrayFrames(_read_gif(path)), None
    from Speckle2SelfLib.files import open_sweep

    sweep = open_sweep(path)
    return GrayFrames(sweep.frames, color=sweep.color), sweep.keep


def _read_gif(path: Path) -> list[Gray8]:
    """Read a GIF, in which comparisons of methods are often published."""
    try:
        from PIL import Image, ImageSequence
    except ImportError as error:
        raise DependencyError("The Python package 'pillow' is needed to read a GIF: install it with pip.") from error
    try:
        with Image.open(path) as picture:
            return [np.array(frame.convert("L")) for frame in ImageSequence.Iterator(picture)]
    except OSError as error:
        raise InputError(f"{path} cannot be read as a GIF ({error.strerror or 'it is damaged'}).") from error
