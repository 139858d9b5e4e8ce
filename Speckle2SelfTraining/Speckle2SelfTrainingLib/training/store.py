"""The frames of a training in memory: normalized as at inference, at the working scale, in half precision."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from Speckle2SelfLib.bundle.model import GrainRange
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.frame_path.change import normalized
from Speckle2SelfLib.frame_path.frames import Mask, same_kind
from Speckle2SelfLib.frame_path.grain import measure_grain
from Speckle2SelfLib.frame_path.luminance import working_type
from Speckle2SelfLib.frame_path.resample import resize, working_size
from Speckle2SelfLib.frame_path.statistics import SweepStatistics, analyze
from Speckle2SelfLib.settings import DespeckleSettings

from .settings import TrainingSettings
from .sources import FrameSource, hash_frame, shows_anything

Half = NDArray[np.float16]
Grain = tuple[float, float]

# As the pairs of the pretraining: white is a high percentile, black is zero.
WHITE_PERCENTILE, DARKEST_WHITE = 99.8, 32.0
LARGEST_RESCALING = 2.5
# Of half precision; a hot pixel of a float sweep lies beyond.
LARGEST_STORED = 6e4


@dataclass(frozen=True)
class StoredFrame:
    """One frame.

    Attributes
    ----------
    image : float16 array (H, W), about 0 to 1
    truth : the same, or None
    valid : bool array (H, W) or None
        Where there is a picture; None means everywhere.
    sweep : int
        Number of the sweep; frames of one sweep follow each other.
    """

    image: Half
    truth: Half | None = None
    valid: Mask | None = None
    sweep: int = 0


@dataclass
class FrameStore:
    """Frames in memory and where they are from.

    Attributes
    ----------
    frames : list of StoredFrame
    sources : list of dict
        Per sweep: name, number of frames, size, SHA-256; JSON-ready, without paths.
    grains : list of (float, float)
        Grain of the sweeps along rows and columns at the working scale, pixels, where it could be measured.
    notes : list of str
        Sentences for the user.
    owners : dict of str
        Name of the sweep by the hash of every frame that is not blank.
    """

    frames: list[StoredFrame] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    grains: list[Grain] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)

    @property
    def real(self) -> list[int]:
        """Numbers of the frames without truth."""
        return [index for index, frame in enumerate(self.frames) if frame.truth is None]

    @property
    def paired(self) -> list[int]:
        """Numbers of the frames with truth."""
        return [index for index, frame in enumerate(self.frames) if frame.truth is not None]

    @property
    def digest(self) -> str:
        """SHA-256 over all frames, by which a resumed training knows that it goes on with the same ones."""
        return hashlib.sha256("".join(source["pixels_sha256"] for source in self.sources).encode()).hexdigest()


def load_frames(
    sources: Sequence[FrameSource], settings: TrainingSettings, grain_range: GrainRange | None, limit: int
) -> FrameStore:
    """Read sweeps into memory; real ones first, because simulated ones may be matched to their grain.

    Parameters
    ----------
    sources : sequence of FrameSource
    settings : TrainingSettings
    grain_range : grain that the base model knows, or None
        Sweeps outside it are brought to the scale at which inference will filter them.
    limit : int
        More frames than that are thinned evenly.

    Raises
    ------
    InputError
        If a frame holds values that are not finite, or differs in size; or if no frame shows anything.
    """
    store = FrameStore()
    total = sum(len(source) for source in sources)
    every = max(1, -(-total // limit))
    if every > 1:
        store.notes.append(f"One of {every} frames is used: there are {total}, and maximum_frames is {limit}.")
    for source in sorted(sources, key=lambda source: source.truth is not None):
        indices = list(range(0, len(source), every))
        frames = list(_load(source, indices, settings, grain_range, store))
        store.frames += frames
    if not any(float(np.ptp(frame.image)) > 0 for frame in store.frames):
        raise InputError("The frames show nothing: every one of them is of one gray level.")
    return store


def _load(
    source: FrameSource,
    indices: list[int],
    settings: TrainingSettings,
    grain_range: GrainRange | None,
    store: FrameStore,
) -> Iterator[StoredFrame]:
    pixels = [_checked(source, index) for index in indices]
    hashes = [hash_frame(frame) for frame in pixels]
    digest = hashlib.sha256("".join(hashes).encode())
    shown = [key for key, frame in zip(hashes, pixels, strict=True) if shows_anything(frame)]
    store.owners.update(dict.fromkeys(shown, source.name))
    if source.truth is None:
        yield from _real(source, pixels, settings, grain_range, store)
    else:
        target = tuple(np.median(np.array(store.grains), axis=0)) if settings.match_grain and store.grains else None
        for index, frame in zip(indices, pixels, strict=True):
            yield _paired(frame, np.asarray(source.truth[index]), target, store)
    store.sources.append(
        {
            "name": source.name,
            "frames": len(indices),
            "size": [int(length) for length in pixels[0].shape],
            "sha256": hash_files(source.files) or digest.hexdigest(),
            "pixels_sha256": digest.hexdigest(),
            "simulated": source.truth is not None,
        }
    )


def _checked(source: FrameSource, index: int) -> NDArray[Any]:
    frame = np.asarray(source.frames[index])
    if not np.isfinite(frame).all():
        raise InputError(
            f"Frame {index} of {source.name!r} holds values that are not finite numbers (NaN or infinite): "
            "replace them or leave the frame out."
        )
    return frame


def _real(
    source: FrameSource,
    pixels: list[NDArray[Any]],
    settings: TrainingSettings,
    grain_range: GrainRange | None,
    store: FrameStore,
) -> Iterator[StoredFrame]:
    for index, frame in enumerate(pixels):
        same_kind(frame, pixels[0], index)
    statistics = analyze(pixels, DespeckleSettings(), grain_range, color=False, keep=source.keep)
    if statistics.grain is not None:
        store.grains.append((statistics.grain[0] * statistics.scale[0], statistics.grain[1] * statistics.scale[1]))
    mask = _resized_mask(statistics)
    for frame in pixels:
        yield StoredFrame(_image(frame, statistics, settings), valid=mask, sweep=len(store.sources))


def _image(frame: NDArray[Any], statistics: SweepStatistics, settings: TrainingSettings) -> Half:
    gray = frame.astype(working_type(frame.dtype))
    if settings.normalize == "sweep":
        valid = np.ones(gray.shape, bool) if statistics.valid is None else statistics.valid
        image = normalized(gray, valid, statistics.low, statistics.high)
    else:
        # Views are scaled by their own extremes later: here only to fit half precision.
        image = ((gray - statistics.low) / max(statistics.span, 1e-12)).astype(np.float32)
    return _rescaled(image, statistics.scale)


def _rescaled(image: NDArray[np.float32], scale: tuple[float, float]) -> Half:
    if scale != (1.0, 1.0):
        size = working_size((image.shape[0], image.shape[1]), scale)
        image = resize(torch.from_numpy(image)[None, None], size)[0, 0].numpy()
    return np.asarray(np.clip(image, -LARGEST_STORED, LARGEST_STORED), np.float16)


def _resized_mask(statistics: SweepStatistics) -> Mask | None:
    if statistics.valid is None:
        return None
    return np.asarray(_rescaled(statistics.valid.astype(np.float32), statistics.scale) > 0.5)


def _paired(frame: NDArray[Any], truth: NDArray[Any], grain: Any, store: FrameStore) -> StoredFrame:
    gray = frame.astype(np.float32)
    white = max(float(np.percentile(gray[::4, ::4], WHITE_PERCENTILE)), DARKEST_WHITE)
    measured = measure_grain(gray[None], None, 0.0, 255.0)
    scale = (1.0, 1.0)
    if measured is not None and grain is not None:
        factors = (
            float(np.clip(wanted / one, 1 / LARGEST_RESCALING, LARGEST_RESCALING))
            for wanted, one in zip(grain, measured, strict=True)
        )
        scale = tuple(factors)  # type: ignore[assignment]
    elif measured is not None:
        store.grains.append(measured)
    return StoredFrame(_rescaled(gray / white, scale), _rescaled(truth.astype(np.float32) / white, scale))


def hash_files(paths: Sequence[Path]) -> str | None:
    """Return the SHA-256 of the file, or over those of all files, that a source was read from; None without any."""
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()]
    if len(hashes) < 2:
        return hashes[0] if hashes else None
    return hashlib.sha256("".join(hashes).encode()).hexdigest()
