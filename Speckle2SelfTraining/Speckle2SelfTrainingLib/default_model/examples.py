"""Training examples of the shipped model: a speckled window, what it should become, and that with flat tissue.

Simulated windows know their truth. For windows of real frames an earlier model stands in for it (self-distillation).
Flattening (:mod:`..flattening`) makes the other two targets: on simulated windows of the truth, gently, and of the mean
of truth and the earlier model's output, so that the student learns what can be told from a speckled frame; on real
windows of the earlier model's output, twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from Speckle2SelfLib.network import STRIDE, SpeckleNetwork
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ..flattening import Flattening, flatten
from ..pairs import Pair

# The weaker the speckle, the smaller the differences that still count as structure.
SIMILARITY_PER_SPECKLE = 0.6
LEAST_SIMILARITY = 0.025
DARK = 0.05
WHITE_PERCENTILE = 99.8
DARKEST_WHITE = 32.0
MIRRORS: tuple[tuple[int, ...], ...] = ((), (2,), (3,), (2, 3))
SMALLEST, TRIES, BLACK = 96, 20, 8


@dataclass(frozen=True)
class Example:
    """One window, float16, shape (H, W), normalized so that percentile 99.8 of the speckled one is 1."""

    speckled: NDArray[np.float16]
    faithful: NDArray[np.float16]
    flat: NDArray[np.float16]
    flattest: NDArray[np.float16]


@dataclass(frozen=True)
class Flattenings:
    """How the targets are flattened.

    Parameters
    ----------
    guessed : Flattening
        Of what contains an earlier model's output; its similarity is the largest one.
    known : Flattening
        Of the truth of simulated windows, whose texture is real.
    """

    guessed: Flattening = field(default_factory=Flattening)
    known: Flattening = field(default_factory=lambda: Flattening(similarity=0.045, reach=21))


def simulated_example(pair: Pair, teacher: SpeckleNetwork, strongest: float, flattenings: Flattenings) -> Example:
    """Return the example of a simulated pair; see :class:`Example`.

    Parameters
    ----------
    pair : (uint8 (H, W), uint8 (H, W))
        Speckled frame and its truth.
    teacher : SpeckleNetwork
        An earlier, conditioned model.
    strongest : float
        Its largest condition.
    flattenings : Flattenings
    """
    speckled, clean = _normalized(pair)
    smooth = despeckle_all_ways(teacher, speckled, strongest)
    flattest = flatten(0.5 * (smooth + clean), _adapted(flattenings.guessed, speckled, smooth))
    return _example(speckled, clean, flatten(clean, flattenings.known), flattest)


def real_example(
    frame: NDArray[np.uint8], teacher: SpeckleNetwork, strongest: float, flattenings: Flattenings
) -> Example:
    """Return the example of a window of a real frame, uint8 (H, W), for which the teacher stands in."""
    (speckled,) = _normalized((frame,))
    faithful = despeckle_all_ways(teacher, speckled, 1.0)
    smooth = despeckle_all_ways(teacher, speckled, strongest)
    adapted = _adapted(flattenings.guessed, speckled, smooth)
    flat = flatten(smooth, adapted)
    return _example(speckled, faithful, flat, flatten(flat, replace(adapted, passes=1)))


def despeckle_all_ways(teacher: SpeckleNetwork, frame: Tensor, condition: float | Tensor) -> Tensor:
    """Return the mean of the teacher's outputs for frames and their three mirror images, shape (N, 1, H, W)."""
    rows, columns = frame.shape[-2:]
    padded = F.pad(frame, (0, -columns % STRIDE, 0, -rows % STRIDE), mode="replicate")
    with torch.inference_mode():
        ways = [torch.flip(teacher.despeckle(torch.flip(padded, axes), condition), axes) for axes in MIRRORS]
    return torch.stack(ways).mean(0)[..., :rows, :columns]


def draw_window(
    frame: NDArray[np.uint8], rng: np.random.Generator, size: int, factors: tuple[float, float]
) -> NDArray[np.uint8] | None:
    """Return a window of a real frame that holds tissue, or None where none was found.

    The frame is re-sampled without anti-aliasing first, as displays and exports do.

    Parameters
    ----------
    frame : uint8 (H, W)
    rng : numpy Generator
    size : int
        Rows and columns of the window at most, pixels.
    factors : (float, float)
        Range of the re-sampling factor, drawn evenly in its logarithm.
    """
    factor = float(np.exp(rng.uniform(*np.log(factors))))
    stretch = float(rng.uniform(0.85, 1.18))
    rows, columns = (max(SMALLEST, round(n * factor * part)) for n, part in zip(frame.shape, (1, stretch), strict=True))
    image = torch.from_numpy(frame.astype(np.float32))[None, None]
    small = F.interpolate(image, size=(rows, columns), mode="bilinear", align_corners=False, antialias=False)[0, 0]
    for _ in range(TRIES):
        row, column = (int(rng.integers(0, max(1, length - size + 1))) for length in (rows, columns))
        window = np.asarray(np.rint(small[row : row + size, column : column + size].numpy()), np.uint8)
        if (window > BLACK).mean() > 0.5:
            return window
    return None


def _adapted(settings: Flattening, speckled: Tensor, smooth: Tensor) -> Flattening:
    """Compare surroundings the more strictly, the less speckle there is in what is not dark."""
    bright = smooth > DARK
    speckle = float((speckled - smooth)[bright].std()) if int(bright.sum()) > 1 else 0.0
    similarity = min(settings.similarity, max(LEAST_SIMILARITY, SIMILARITY_PER_SPECKLE * speckle))
    return replace(settings, similarity=similarity)


def _normalized(images: Iterable[NDArray[np.uint8]]) -> list[Tensor]:
    speckled, *others = images
    white = max(float(np.percentile(speckled, WHITE_PERCENTILE)), DARKEST_WHITE)
    return [torch.from_numpy(image.astype(np.float32) / np.float32(white))[None, None] for image in (speckled, *others)]


def _example(*images: Tensor) -> Example:
    return Example(*(image[0, 0].numpy().astype(np.float16) for image in images))
