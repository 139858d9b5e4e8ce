"""Random crops of simulated pairs for supervised training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .simulation.anatomy import random_neck, random_soft_tissue
from .simulation.sweep import Machine, simulate_sweep

Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class PairRecipe:
    """How training pairs are drawn.

    Parameters
    ----------
    frames : int
        Simulated frames, each of its own anatomy and machine.
    size : int
        Rows and columns of a simulated frame.
    resize : (float, float)
        Frames are re-sampled by a random factor in this range, without anti-aliasing, as displays and exports do.
    convex_share, neck_share : float
        Share of convex probes; share of carotid-like anatomy among the linear ones.
    seed : int
    """

    frames: int = 500
    size: int = 448
    resize: tuple[float, float] = (0.5, 1.25)
    convex_share: float = 0.15
    neck_share: float = 0.6
    seed: int = 20260706

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> PairRecipe:
        """Build a recipe from its fields as JSON holds them."""
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**given)


def simulate_pair(recipe: PairRecipe, index: int) -> Pair:
    """Return the speckled and the clean frame (uint8) number `index`, cropped to the field of view."""
    rng = np.random.default_rng((recipe.seed, index))
    convex = bool(rng.random() < recipe.convex_share)
    machine = Machine.random(rng, convex=convex, samples=recipe.size, lines=int(recipe.size * rng.uniform(0.35, 1.0)))
    extent = (machine.probe.depth, machine.probe.width)
    neck = not convex and rng.random() < recipe.neck_share
    anatomy = random_neck(rng, extent) if neck else random_soft_tissue(rng, extent)
    frame = next(simulate_sweep(rng, size=(recipe.size, recipe.size), machine=machine, anatomy=anatomy))
    factor = float(rng.uniform(*recipe.resize))
    stretch = float(rng.uniform(0.75, 1.3))
    rows, columns = np.flatnonzero(frame.sector.any(1)), np.flatnonzero(frame.sector.any(0))
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    resized = [_resize(image[window], factor, stretch) for image in (frame.speckled, frame.clean)]
    return resized[0], resized[1]


def _resize(image: np.ndarray, factor: float, stretch: float) -> np.ndarray:
    rows, columns = image.shape
    size = (max(160, round(rows * factor)), max(160, round(columns * factor * stretch)))
    frame = torch.from_numpy(image.astype(np.float32))[None, None]
    resized = F.interpolate(frame, size=size, mode="bilinear", align_corners=False, antialias=False)
    return np.asarray(np.rint(resized[0, 0].numpy()), np.uint8)


class PairCrops:
    """Endless random crops of a list of pairs, normalized as at inference, with photometric augmentation.

    Parameters
    ----------
    pairs : list of (uint8 (H, W), uint8 (H, W))
        Speckled and clean frames.
    crop : int
        Rows and columns of a crop.
    seed : int
    """

    def __init__(self, pairs: list[Pair], crop: int, seed: int) -> None:
        self._pairs, self._crop = pairs, crop
        self.rng = np.random.default_rng(seed)

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """Return speckled and clean crops, float32, shape (count, 1, crop, crop)."""
        crops = [self._draw() for _ in range(count)]
        speckled, clean = (np.stack([crop[side] for crop in crops])[:, None] for side in (0, 1))
        return torch.from_numpy(speckled), torch.from_numpy(clean)

    def _draw(self) -> Pair:
        rng, size = self.rng, self._crop
        speckled, clean = self._pairs[int(rng.integers(len(self._pairs)))]
        row, column = (int(rng.integers(0, length - size + 1)) for length in speckled.shape)
        window = np.s_[row : row + size, column : column + size]
        top = max(float(np.percentile(speckled[::4, ::4], 99.8)), 32.0) * float(rng.uniform(0.85, 1.2))
        gray = [image[window].astype(np.float32) / np.float32(top) for image in (speckled, clean)]
        if rng.random() < 0.5:
            gray = [image[:, ::-1] for image in gray]
        return np.ascontiguousarray(gray[0]), np.ascontiguousarray(gray[1])


def iterate_pairs(recipe: PairRecipe) -> Iterator[Pair]:
    """Simulate the pairs of a recipe one after the other."""
    for index in range(recipe.frames):
        yield simulate_pair(recipe, index)
