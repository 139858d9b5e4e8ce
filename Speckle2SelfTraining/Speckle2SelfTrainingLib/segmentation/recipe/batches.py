"""Frames and masks as a batch for the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ..augmentation import Augmentation
from ..labels import IGNORE, LUMEN
from .augmentation import vary
from .normalize import normalize
from .screen import draw_screen
from .working_size import working_size

FINEST = 1.6
"""Prepared frames have so many times their working size, for windows that are magnified."""


class BatchSettings(Protocol):
    """What of a training's settings shapes a batch."""

    @property
    def crop(self) -> int:
        """Side of the windows, pixels."""

    @property
    def augmentation(self) -> Augmentation:
        """How windows are varied."""


@dataclass(frozen=True)
class Example:
    """A labelled frame, reduced once to what windows of any magnification need.

    Attributes
    ----------
    layers : uint8 array (3, H, W)
        The normalized frame, the share of lumen and the share whose truth is known, 0..255.
    size : (int, int)
        Rows and columns that the whole frame has at its working scale.
    """

    layers: NDArray[np.uint8]
    size: tuple[int, int]


def prepare(image: NDArray[Any], mask: NDArray[Any], spacing: tuple[float, float] | None = None) -> Example:
    """Normalize a frame and reduce it, with its mask, by averaging over areas.

    Parameters
    ----------
    image : real array (H, W)
        Luminance.
    mask : uint8 array (H, W)
        0 background, 1 lumen, 255 unknown.
    spacing : (float, float), optional
        Millimeters per row and column.
    """
    known = mask != IGNORE
    layers = np.stack([normalize(image), (mask == LUMEN).astype(np.float32), known.astype(np.float32)])
    size = working_size((image.shape[0], image.shape[1]), spacing)
    kept = (min(image.shape[0], round(FINEST * size[0])), min(image.shape[1], round(FINEST * size[1])))
    return Example((_resized(torch.from_numpy(layers), kept) * 255).round().byte().numpy(), size)


def make_batch(
    examples: Sequence[Example], settings: BatchSettings, rng: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Draw one varied window from every example.

    Returns
    -------
    images, targets, valid : float32 Tensor (B, 1, crop, crop)
        The picture, the share of lumen and the share whose truth is known (outside of the frame there is no lumen,
        which is known), 0..1.
    """
    windows = [_window(example, settings.crop, settings.augmentation, rng) for example in examples]
    for window in windows:
        # What lies beyond the frame stays black, whatever the gain, but for marks of the screen.
        picture = vary(window[0].numpy(), settings.augmentation, rng) * window[3].numpy()
        if rng.random() < settings.augmentation.screen:
            draw_screen(picture, window[3].numpy() > 0, window[1].numpy() > 0, rng)
        window[0] = torch.from_numpy(picture)
    batch = torch.stack(windows)
    return batch[:, :1], batch[:, 1:2], batch[:, 2:3]


def _window(example: Example, crop: int, augmentation: Augmentation, rng: np.random.Generator) -> Tensor:
    from monai.transforms import Affine

    zoom = np.exp(rng.uniform(*np.log(augmentation.zoom)))
    aspect = np.exp(rng.uniform(-1, 1) * np.log1p(augmentation.aspect) / 2)
    rows, columns = (
        max(8, round(side * zoom * part)) for side, part in zip(example.size, (aspect, 1 / aspect), strict=True)
    )
    layers = _resized(torch.from_numpy(example.layers).float() / 255, (rows, columns))
    # The fourth layer marks the frame. Beyond it all is black, and known to be no lumen.
    layers = torch.cat([layers, torch.ones_like(layers[:1])])
    layers[2] -= 1
    if rng.random() < augmentation.mirror:
        layers = layers.flip(2)
    row, column = _middle(layers[1], crop, rng.random() < augmentation.centered, rng)
    affine = Affine(
        rotate_params=float(np.radians(rng.uniform(-1, 1) * augmentation.rotate)),
        translate_params=(row - (rows - 1) / 2, column - (columns - 1) / 2),
        spatial_size=(crop, crop),
        padding_mode="zeros",
        image_only=True,
    )
    window: Tensor = torch.as_tensor(np.asarray(affine(layers)))
    window[2] += 1
    return window


def _middle(lumen: Tensor, crop: int, holds_lumen: bool, rng: np.random.Generator) -> tuple[float, float]:
    """Draw the middle of a window that shows much of the frame, and its lumen where that is asked for."""
    spans = [_span_of_middle(side, crop) for side in lumen.shape]
    places = torch.nonzero(lumen > 0.5)
    if holds_lumen and len(places):
        reach = 0.4 * crop
        spans = [
            (min(max(low, middle - reach), middle + reach), max(min(high, middle + reach), middle - reach))
            for (low, high), middle in zip(spans, places.float().mean(0).tolist(), strict=True)
        ]
    row, column = (rng.uniform(*span) for span in spans)
    return row, column


def _span_of_middle(side: int, crop: int) -> tuple[float, float]:
    """Return where the middle may lie so that at most a fifth of the window lies beyond one border."""
    ends = 0.3 * crop, side - 0.3 * crop
    return min(ends), max(ends)


def _resized(layers: Tensor, size: tuple[int, int]) -> Tensor:
    if tuple(layers.shape[1:]) == size:
        return layers.clone()
    return F.interpolate(layers[None], size, mode="bilinear", antialias=True, align_corners=False)[0].clamp_(0, 1)
