"""Random crops of training examples in batches, with photometric augmentation."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .examples import Example

SOFTENED_SHARE = 0.3
MAGNIFIED_SHARE = 0.2
LARGEST_MAGNIFICATION = 2.0
LEAST_CONTRAST = 0.4


class ExampleCrops:
    """Endless random crops of examples.

    Some are mirrored, all differ in brightness as sweeps do in their range, and some have weaker speckle, as frames
    that a scanner has smoothed, or coarser speckle, as frames that were enlarged.

    Parameters
    ----------
    examples : list of Example
    crop : int
        Rows and columns of a crop.
    seed : int
    """

    def __init__(self, examples: list[Example], crop: int, seed: int) -> None:
        self._examples, self._crop = [one for one in examples if min(one.speckled.shape) >= crop], crop
        self.rng = np.random.default_rng(seed)

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """Return speckled crops (count, 1, crop, crop) and their targets (count, 3, crop, crop), float32.

        The targets are the faithful, the flat and the flattest one.
        """
        crops = torch.from_numpy(np.stack([self._draw() for _ in range(count)]))
        return crops[:, :1], crops[:, 1:]

    def _draw(self) -> NDArray[np.float32]:
        rng, size = self.rng, self._crop
        if rng.random() < MAGNIFIED_SHARE:
            size = round(size / float(rng.uniform(1, LARGEST_MAGNIFICATION)))
        example = self._examples[int(rng.integers(len(self._examples)))]
        row, column = (int(rng.integers(0, length - size + 1)) for length in example.speckled.shape)
        window = np.s_[row : row + size, column : column + size]
        images = (example.speckled, example.faithful, example.flat, example.flattest)
        cut = np.stack([image[window] for image in images]).astype(np.float32)
        crop = _magnified(cut, self._crop) / np.float32(rng.uniform(0.85, 1.2))
        if rng.random() < SOFTENED_SHARE:
            crop[0] = crop[1] + np.float32(rng.uniform(LEAST_CONTRAST, 1)) * (crop[0] - crop[1])
        return np.ascontiguousarray(crop[..., ::-1]) if rng.random() < 0.5 else crop


def _magnified(crop: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    if crop.shape[-1] == size:
        return crop
    enlarged = F.interpolate(torch.from_numpy(crop)[None], size=(size, size), mode="bilinear", align_corners=False)
    return np.asarray(enlarged[0].numpy())
