"""Batches of crops on the training device.

Every random number is drawn from (seed, step): a step has the same batch whenever it is made, on however many
processes, in however many parts, which is what makes a resumed training exact.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Protocol, Self, TypeVar

import numpy as np
import torch
from Speckle2SelfLib.frame_path.resample import padded_length
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .augmentation import draw_matrices
from .settings import TrainingSettings
from .store import FrameStore, Half, StoredFrame

VALIDATION_STREAM = 1
# Windows are drawn anew a few times until one shows enough picture.
TRIES = 6
WANTED_SHARE = 0.6
NUMBERS = ("phases", "factors")
PHASES = 4


@dataclass(frozen=True)
class Batch:
    """Frames of one step and all random choices about them.

    Attributes
    ----------
    frames, truth : float32 Tensor (N, 1, H, W)
        `truth` is the frame itself where there is none.
    paired : float32 Tensor (N,)
        1 where there is a truth, else 0.
    strengths : float32 Tensor (N,)
        Share of the way from the faithful to the strongest condition that the network knows.
    matrices : float32 Tensor (N, 2, 3)
        Augmentation, as :func:`torch.nn.functional.affine_grid` takes it.
    gains : float32 Tensor (N,)
    phases : int64 Tensor (N, scales, 2)
        Where the grid of the down-sampling starts, rows and columns in pixels; equal within a step; never on a GPU.
    factors : float32 Tensor (N, scales)
        Scale of every view; equal within a step; never on a GPU.
    neighbors : float32 Tensor (N, K, H, W)
        The same window in the frames around, as many as the settings ask for.
    """

    frames: Tensor
    truth: Tensor
    paired: Tensor
    strengths: Tensor
    matrices: Tensor
    gains: Tensor
    phases: Tensor
    factors: Tensor
    neighbors: Tensor

    def __len__(self) -> int:
        return len(self.frames)

    def part(self, start: int, stop: int) -> Self:
        """Return samples `start` to `stop`."""
        return type(self)(**{entry.name: getattr(self, entry.name)[start:stop] for entry in fields(self)})


class PartedBatch(Protocol):
    """A batch that can be divided."""

    def __len__(self) -> int:
        """Return the number of samples."""

    def part(self, start: int, stop: int) -> Self:
        """Return samples `start` to `stop`."""


B = TypeVar("B", bound=PartedBatch, covariant=True)


class Batches(Protocol[B]):
    """Whatever makes the batch of a step."""

    def make(self, step: int, rank: int = 0, size: int = 1) -> B:
        """Return the share of process `rank` of `size` in the batch of a step."""
        ...


class CropBatches:
    """Random crops, or whole frames brought to one size, of a :class:`FrameStore`.

    Parameters
    ----------
    store : FrameStore
    settings : TrainingSettings
    device : str
    """

    def __init__(self, store: FrameStore, settings: TrainingSettings, device: str) -> None:
        self._store, self._settings, self._device = store, settings, device
        self._real, self._paired = store.real, store.paired
        self.crop = settings.crop if settings.fit == "resize" else effective_crop(store.frames, settings.crop)

    def make(self, step: int, rank: int = 0, size: int = 1) -> Batch:
        """Return the share of process `rank` of `size` in the batch of a step."""
        settings = self._settings
        rng = np.random.default_rng((settings.seed, 0, step))
        count = settings.batch_size
        chosen = [self._frame(rng, place) for place in range(count)]
        windows = [self._window(rng, self._store.frames[index]) for index in chosen]
        choices = draw_choices(rng, settings, count)
        mine = slice(rank * count // size, (rank + 1) * count // size)
        return self._assemble(chosen[mine], windows[mine], {name: value[mine] for name, value in choices.items()})

    def validation(self, index: int) -> Batch:
        """Return frame `index` as a batch of one, without augmentation, the same one at every call."""
        settings = self._settings
        rng = np.random.default_rng((settings.seed, VALIDATION_STREAM, index))
        window = self._window(rng, self._store.frames[index])
        return self._assemble([index], [window], fixed_choices(settings, 1))

    def _frame(self, rng: np.random.Generator, place: int) -> int:
        share = self._settings.supervised_share
        drawn = float(rng.random())
        groups = [group for group in (self._real, self._paired) if group]
        # With both kinds, every process gets its share of either.
        both = len(groups) == 2 and self._settings.supervised_weight > 0
        if both:
            group = groups[int(int((place + 1) * share) > int(place * share))]
            return group[int(drawn * len(group))]
        return int(drawn * len(self._store.frames))

    def _window(self, rng: np.random.Generator, frame: StoredFrame) -> tuple[int, int]:
        """Draw the top left corner of a crop that shows enough picture; the best of a few tries."""
        best, most = (0, 0), -1.0
        for draw in rng.random((TRIES, 2)):
            corner = tuple(
                int(share * (max(0, length - self.crop) + 1))
                for share, length in zip(draw, frame.image.shape, strict=True)
            )
            shown = (
                1.0
                if frame.valid is None
                else float(frame.valid[corner[0] : corner[0] + self.crop, corner[1] : corner[1] + self.crop].mean())
            )
            if shown > most:
                best, most = (corner[0], corner[1]), shown
            if most >= WANTED_SHARE:
                break
        return best

    def _assemble(self, chosen: list[int], windows: list[tuple[int, int]], choices: dict[str, Any]) -> Batch:
        stored = [self._store.frames[index] for index in chosen]
        tensors = {name: torch.from_numpy(value) for name, value in choices.items()}
        # What is asked for as a number stays here: a device would be waited for.
        tensors = {name: one if name in NUMBERS else self._moved(one) for name, one in tensors.items()}
        around = [
            torch.cat([self._cut(image, corner) for image in self._around(index)], dim=1)
            for index, corner in zip(chosen, windows, strict=True)
            if self._settings.neighbors
        ]
        frames = self._cut_all([frame.image for frame in stored], windows)
        return Batch(
            frames=frames,
            truth=self._truth(stored, windows, frames),
            paired=torch.tensor([float(frame.truth is not None) for frame in stored], device=self._device),
            neighbors=torch.cat(around) if around else frames[:, :0],
            **tensors,
        )

    def _around(self, index: int) -> list[np.ndarray]:
        """Return the frames around one, nearest first; at the ends of a sweep the frame itself stands in."""
        frame = self._store.frames[index]
        images = []
        for distance in range(1, self._settings.neighbors + 1):
            for place in (index - distance, index + distance):
                other = self._store.frames[place] if 0 <= place < len(self._store.frames) else frame
                fits = frame.truth is None and other.truth is None and other.sweep == frame.sweep
                images.append(other.image if fits else frame.image)
        return images

    def _truth(self, stored: list[StoredFrame], windows: list[tuple[int, int]], frames: Tensor) -> Tensor:
        if all(frame.truth is None for frame in stored):
            return frames
        return self._cut_all([frame.image if frame.truth is None else frame.truth for frame in stored], windows)

    def _cut_all(self, images: list[Half], windows: list[tuple[int, int]]) -> Tensor:
        return torch.cat([self._cut(image, corner) for image, corner in zip(images, windows, strict=True)])

    def _cut(self, image: np.ndarray, corner: tuple[int, int]) -> Tensor:
        """Return a crop (1, 1, crop, crop) on the device; what a small frame lacks is reflected."""
        resizing = self._settings.fit == "resize"
        window = image if resizing else image[corner[0] : corner[0] + self.crop, corner[1] : corner[1] + self.crop]
        frame = self._moved(torch.from_numpy(np.ascontiguousarray(window))).float()[None, None]
        if resizing:
            return F.interpolate(frame, size=(self.crop, self.crop), mode="bilinear", align_corners=False)
        return reflect_to(frame, self.crop)

    def _moved(self, values: Tensor) -> Tensor:
        if self._device.startswith("cuda"):
            # From memory that stays where it is, a copy does not wait for what the device computes.
            return values.pin_memory().to(self._device, non_blocking=True)
        return values.to(self._device)


def effective_crop(frames: list[StoredFrame], crop: int) -> int:
    """Return the crop, or less where no frame is that large: a multiple of 16 and at least 32."""
    return min(crop, max(padded_length(max(frame.image.shape)) for frame in frames))


def reflect_to(frames: Tensor, size: int) -> Tensor:
    """Continue (N, 1, H, W) by reflection to at least `size` rows and columns."""
    while frames.shape[-2] < size or frames.shape[-1] < size:
        rows, columns = (min(size - length, length - 1) if length < size else 0 for length in frames.shape[-2:])
        frames = F.pad(frames, (0, columns, 0, rows), mode="reflect")
    return frames


def draw_choices(rng: np.random.Generator, settings: TrainingSettings, count: int) -> dict[str, np.ndarray]:
    """Draw everything random about a batch but its frames and windows, by the names of :class:`Batch`."""
    scales = len(settings.scales)
    phases = rng.integers(0, PHASES, (scales, 2)) * int(settings.shifted)
    jitter = 1 + settings.scale_jitter * rng.uniform(-1, 1, scales)
    factors = np.where(np.array(settings.scales) < 1, np.minimum(1, np.array(settings.scales) * jitter), 1)
    low, high = settings.strengths
    return {
        "strengths": rng.uniform(low, high, count).astype(np.float32),
        "matrices": draw_matrices(rng, settings.augmentation, count),
        "gains": (1 + settings.augmentation.gain * rng.uniform(-1, 1, count)).astype(np.float32),
        "phases": np.repeat(phases[None].astype(np.int64), count, 0),
        "factors": np.repeat(factors[None].astype(np.float32), count, 0),
    }


def fixed_choices(settings: TrainingSettings, count: int) -> dict[str, np.ndarray]:
    """Return the choices of a validation: none at random."""
    scales = len(settings.scales)
    return {
        "strengths": np.full(count, settings.strengths[1], np.float32),
        "matrices": np.repeat(np.eye(2, 3, dtype=np.float32)[None], count, 0),
        "gains": np.ones(count, np.float32),
        "phases": np.zeros((count, scales, 2), np.int64),
        "factors": np.repeat(np.array(settings.scales, np.float32)[None], count, 0),
    }
