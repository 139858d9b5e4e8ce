"""Where the frames of a training come from: files, folders, arrays of a scene, or the simulator."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError, Speckle2SelfError
from Speckle2SelfLib.files import list_sweeps, open_sweep
from Speckle2SelfLib.frame_path.frames import ChosenFrames, Frames, Mask
from Speckle2SelfLib.frame_path.luminance import luminance
from Speckle2SelfLib.settings import MAXIMUM_SIDE, MINIMUM_SIDE

from ..pairs import PairRecipe, simulate_pair

SIMULATED = "simulated"
SIMULATED_FILES = ("speckled.nrrd", "clean.nrrd", "geometry.json")
SIMULATED_FRAMES = 200
# Label maps and masks lie beside pictures in many data sets; no picture has so few gray levels.
LABEL_LEVELS = 8
PAIRS_PER_HELD_OUT = 8

Gray = NDArray[Any]


@dataclass(frozen=True)
class FrameSource:
    """One sweep to train on.

    Attributes
    ----------
    name : str
        For messages and metadata: never a path.
    frames : Frames
        Items are the luminance of a frame, (H, W), any real type.
    keep : bool array (H, W) or None
        Pixels that are no picture.
    truth : Frames or None
        Clean frames, where the simulator made the others.
    origin : str
        The file or folder, to recognize it again; never stored.
    single : bool
        One image, which may belong to a sweep whose images lie beside it.
    files : tuple of Path
        What was read, for the hash in the metadata; never stored.
    """

    name: str
    frames: Frames
    keep: Mask | None = None
    truth: Frames | None = None
    origin: str = ""
    single: bool = False
    files: tuple[Path, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.frames)

    @classmethod
    def from_path(cls, path: str | Path) -> FrameSource:
        """Open a file, or the images of a folder, as one sweep.

        Raises
        ------
        InputError
            If nothing that can be trained on is there.
        """
        place = Path(path)
        sweep = open_sweep(place, stack=place.is_dir())
        frames: Frames = Luminances(sweep.frames) if sweep.color else sweep.frames
        files = sweep.files or (sweep.path,)
        origin = str(place.resolve())
        source = cls(place.name, frames, sweep.keep, origin=origin, single=len(sweep) == 1, files=files)
        check_source(source)
        return source

    @classmethod
    def from_array(cls, name: str, frames: Frames, keep: Mask | None = None) -> FrameSource:
        """Take frames (N, H, W), or anything with a length whose items are frames (H, W), under a name.

        Raises
        ------
        InputError
            If they cannot be trained on.
        """
        source = cls(name, frames, keep)
        check_source(source)
        return source

    @classmethod
    def simulated(cls, count: int = SIMULATED_FRAMES, *, name: str = SIMULATED, seed: int | None = None) -> FrameSource:
        """Simulate frames with their truth, each of its own anatomy and machine, when they are first asked for."""
        recipe = PairRecipe(frames=count) if seed is None else PairRecipe(frames=count, seed=seed)
        pairs = _SimulatedPairs(recipe)
        return cls(name, _Side(pairs, 0), truth=_Side(pairs, 1), origin=f"{SIMULATED}:{recipe.seed}")

    def part(self, start: int, stop: int) -> FrameSource:
        """Return frames `start` to `stop` under a name that says so."""
        truth = None if self.truth is None else FrameRange(self.truth, start, stop)
        frames, origin = FrameRange(self.frames, start, stop), f"{self.origin}[{start}:{stop}]"
        return replace(self, name=f"{self.name} [{start}:{stop}]", frames=frames, truth=truth, origin=origin)

    def only(self, indices: Sequence[int]) -> FrameSource:
        """Return some of the frames under the same name."""
        truth = None if self.truth is None else ChosenFrames(self.truth, indices)
        return replace(self, frames=ChosenFrames(self.frames, indices), truth=truth)


Split = tuple[list[FrameSource], list[FrameSource]]


class FrameRange:
    """Frames `start` to `stop` of a sweep."""

    def __init__(self, frames: Frames, start: int, stop: int) -> None:
        self._frames, self._start, self._stop = frames, start, stop

    def __len__(self) -> int:
        return self._stop - self._start

    def __getitem__(self, index: int, /) -> Gray:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return np.asarray(self._frames[self._start + index])


class Luminances:
    """The luminance of color frames, computed when asked for."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self._frames)

    def __getitem__(self, index: int, /) -> Gray:
        """Return the luminance of a frame, (H, W)."""
        frame = np.asarray(self._frames[index])
        gray = luminance(frame)
        return np.asarray(np.rint(gray), np.uint8) if frame.dtype == np.uint8 else gray


class _SimulatedPairs:
    """Pairs number 0, 1, ...; the last one stays at hand, because picture and truth are asked for in turn."""

    def __init__(self, recipe: PairRecipe) -> None:
        self.recipe = recipe
        self._last: tuple[int, tuple[Gray, Gray]] | None = None

    def pair(self, index: int) -> tuple[Gray, Gray]:
        if not 0 <= index < self.recipe.frames:
            raise IndexError(index)
        if self._last is None or self._last[0] != index:
            self._last = (index, simulate_pair(self.recipe, index))
        return self._last[1]


class _Side:
    def __init__(self, pairs: _SimulatedPairs, side: int) -> None:
        self._pairs, self._side = pairs, side

    def __len__(self) -> int:
        return self._pairs.recipe.frames

    def __getitem__(self, index: int, /) -> Gray:
        return self._pairs.pair(index)[self._side]


class _ListOfFrames:
    """Images that lie beside each other, read when asked for."""

    def __init__(self, sources: Sequence[FrameSource]) -> None:
        self._sources = sources

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, index: int, /) -> Gray:
        return np.asarray(self._sources[index].frames[0])


def shows_anything(frame: NDArray[Any]) -> bool:
    """Return whether a frame has more than one gray level."""
    return bool(frame.size) and bool((frame != frame.flat[0]).any())


def check_source(source: FrameSource) -> None:
    """Refuse a sweep that cannot be trained on, by its first frame.

    Raises
    ------
    InputError
    """
    if len(source) == 0:
        raise InputError(f"{source.name!r} holds no frames: give a sweep with at least two.")
    first = np.asarray(source.frames[0])
    if first.ndim != 2 or first.dtype.kind not in "uif":
        raise InputError(f"A frame of {source.name!r} must be gray, (H, W), got {first.shape} of {first.dtype}.")
    rows, columns = first.shape
    if not (MINIMUM_SIDE <= rows <= MAXIMUM_SIDE and MINIMUM_SIDE <= columns <= MAXIMUM_SIDE):
        raise InputError(
            f"The frames of {source.name!r} have {rows} x {columns} pixels: "
            f"{MINIMUM_SIDE} to {MAXIMUM_SIDE} rows and columns are accepted."
        )


def with_pairs(sources: Sequence[FrameSource], held_out: Sequence[FrameSource], count: int) -> Split:
    """Return sweeps to train on and to hold out with `count` simulated pairs added, where there are none among them.

    So many more, an eighth, are held out.
    """
    if not count or any(source.truth is not None for source in sources):
        return list(sources), list(held_out)
    pairs = FrameSource.simulated(count + max(1, count // PAIRS_PER_HELD_OUT))
    return [*sources, pairs.part(0, count)], [*held_out, pairs.part(count, len(pairs))]


def gather_sources(inputs: Iterable[str | Path], simulated_frames: int = SIMULATED_FRAMES) -> list[FrameSource]:
    """Open everything that was given: files, folders, and the word "simulated".

    Images of one size that lie in one folder are taken as one sweep, because they mostly are.

    Raises
    ------
    InputError
        If an input does not exist or cannot be read; in folders, files that are no pictures are passed over.
    """
    sources: list[FrameSource] = []
    for given in inputs:
        if str(given) == SIMULATED and not Path(given).exists():
            sources.append(FrameSource.simulated(simulated_frames))
        elif Path(given).is_dir():
            sources += _from_folder(Path(given))
        else:
            sources.append(FrameSource.from_path(given))
    return _numbered(_merge_images(sources))


def _from_folder(folder: Path) -> list[FrameSource]:
    pairs = _simulated_sweep(folder)
    if pairs is not None:
        return [pairs]
    found: list[FrameSource] = []
    reason = ""
    for entry in list_sweeps(folder):
        try:
            source = FrameSource.from_path(entry.path)
        except Speckle2SelfError as error:
            reason = reason or str(error)
            continue
        if not is_label_map(source):
            found.append(source)
    if not found:
        raise InputError(f"The folder {folder.name!r} holds no frames to train on. {reason}".strip())
    return found


def _simulated_sweep(folder: Path) -> FrameSource | None:
    """Return what ``speckle2self simulate`` wrote as frames with their truth, or None where it is another folder."""
    speckled, clean, geometry = (folder / name for name in SIMULATED_FILES)
    if not all(path.is_file() for path in (speckled, clean, geometry)):
        return None
    source, truth = FrameSource.from_path(speckled), FrameSource.from_path(clean)
    if len(source) != len(truth):
        raise InputError(f"{speckled.name!r} and {clean.name!r} in {folder.name!r} differ in their number of frames.")
    return replace(source, name=folder.name, truth=truth.frames, files=(*source.files, *truth.files))


def is_label_map(source: FrameSource) -> bool:
    """Return whether the first frame shows labels rather than a picture: few levels, all whole numbers."""
    first = np.asarray(source.frames[0])
    return first.dtype.kind in "ui" and 1 < len(np.unique(first)) <= LABEL_LEVELS


def _merge_images(sources: list[FrameSource]) -> list[FrameSource]:
    """Join single images of one folder and size to one sweep, where the first of them stood."""
    groups: dict[tuple[Any, ...], list[FrameSource]] = {}
    for index, source in enumerate(sources):
        first = np.asarray(source.frames[0]) if source.single else None
        key = (index,) if first is None else (str(Path(source.origin).parent), first.shape, first.dtype.str)
        groups.setdefault(key, []).append(source)
    return [group[0] if len(group) == 1 else _joined(group) for group in groups.values()]


def _joined(group: list[FrameSource]) -> FrameSource:
    folder = Path(group[0].origin).parent
    files = tuple(path for source in group for path in source.files)
    return FrameSource(folder.name, _ListOfFrames(group), group[0].keep, origin=str(folder), files=files)


def _numbered(sources: list[FrameSource]) -> list[FrameSource]:
    """Tell sweeps of equal names apart."""
    seen: dict[str, int] = {}
    result = []
    for source in sources:
        seen[source.name] = seen.get(source.name, 0) + 1
        number = seen[source.name]
        name = source.name if number == 1 else f"{source.name} ({number})"
        result.append(replace(source, name=name))
    return result


def hash_frame(frame: Gray) -> str:
    """Return the SHA-256 of a frame's size, type and pixels."""
    digest = hashlib.sha256(f"{frame.shape} {frame.dtype.str}".encode())
    digest.update(np.ascontiguousarray(frame).tobytes())
    return digest.hexdigest()
