"""How frames are varied: other gains, probes, magnifications and speckle than those of the few machines at hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

from ..augmentation import Augmentation

Gray = NDArray[np.float32]


def vary(image: Gray, augmentation: Augmentation, rng: np.random.Generator) -> Gray:
    """Return a frame as another machine, or other settings, might have shown it.

    Parameters
    ----------
    image : float32 array (H, W)
        0..1.
    augmentation : Augmentation
    rng : numpy.random.Generator

    Returns
    -------
    float32 array (H, W)
        0..1.
    """
    if rng.random() < augmentation.gamma:
        image = _monai("AdjustContrast", image, gamma=float(np.exp(rng.uniform(-0.6, 0.6))))
    if rng.random() < augmentation.depth_gain:
        image = image * _depth_gain(image.shape[0], rng)
    if rng.random() < augmentation.shadow:
        image = image * _shadow(image.shape, rng)
    if rng.random() < augmentation.blur:
        image = _monai("GaussianSmooth", image, sigma=float(rng.uniform(0.4, 1.3)))
    if rng.random() < augmentation.speckle:
        image = _speckled(image, rng)
    if rng.random() < augmentation.gain:
        # On a logarithmic display, gain is a shift and the dynamic range a slope; both clip.
        image = image * np.float32(rng.uniform(0.7, 1.4)) + np.float32(rng.uniform(-0.15, 0.15))
    if rng.random() < augmentation.noise:
        image = image + rng.normal(0, rng.uniform(0.005, 0.04), image.shape).astype(np.float32)
    clipped: Gray = np.clip(image, 0, 1).astype(np.float32)
    return clipped


def _monai(name: str, image: Gray, **arguments: Any) -> Gray:
    import monai.transforms

    transform = getattr(monai.transforms, name)(**arguments)
    varied: Gray = np.asarray(transform(torch.from_numpy(np.ascontiguousarray(image[None])))[0], dtype=np.float32)
    return varied


def _depth_gain(rows: int, rng: np.random.Generator) -> Gray:
    knots = rng.uniform(0.5, 1.4, 4)
    gains = np.interp(np.linspace(0, 3, rows), np.arange(4), knots)
    column: Gray = gains.astype(np.float32)[:, None]
    return column


def _shadow(shape: tuple[int, ...], rng: np.random.Generator) -> Gray:
    """Return a band that is darker from some depth on, as behind gas, bone, calcium or a badly coupled edge."""
    rows, columns = np.meshgrid(np.linspace(0, 1, shape[0]), np.linspace(0, 1, shape[1]), indexing="ij")
    middle, width, soft = rng.uniform(0, 1), rng.uniform(0.03, 0.2), rng.uniform(0.01, 0.05)
    lean = rng.uniform(-0.2, 0.2)
    across = np.abs(columns - middle - lean * rows)
    inside = 1 / (1 + np.exp(np.clip((across - width) / soft, -30, 30)))
    below = 1 / (1 + np.exp(np.clip(-(rows - rng.uniform(-0.3, 0.7)) / 0.02, -30, 30)))
    shadow: Gray = (1 - rng.uniform(0.3, 0.95) * inside * below).astype(np.float32)
    return shadow


def _speckled(image: Gray, rng: np.random.Generator) -> Gray:
    """Add log-compressed Rayleigh speckle of some grain, and some of it as haze where the picture is black."""
    grain = rng.uniform(0.3, 1.6), rng.uniform(0.3, 2.5)
    parts = rng.normal(size=(2, *image.shape))
    smooth = [ndimage.gaussian_filter(part, grain) for part in parts]
    envelope = np.hypot(*smooth)
    decibels = 20 * np.log10(np.maximum(envelope / np.sqrt(np.mean(envelope**2)), 1e-2))
    strength = rng.uniform(0.2, 0.8) / rng.uniform(40, 70)
    floor = rng.uniform(0, 0.12)
    level = np.maximum(image, np.float32(floor))
    # Where the display is black, speckle below its floor cannot be seen.
    speckled: Gray = (level + decibels * strength * np.minimum(1, level / 0.15)).astype(np.float32)
    return speckled
