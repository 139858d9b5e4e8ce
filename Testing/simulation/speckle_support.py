"""Scenes and measures that the tests of the simulator share."""

from __future__ import annotations

import numpy as np
from Speckle2SelfTrainingLib.simulation.imaging import PointSpread, Receiver
from Speckle2SelfTrainingLib.simulation.scene import QUIET_DB, Scene

ROWS, COLUMNS, ROW_MM = 384, 320, 0.1


def flat_scene(level: float = 0.0, attenuation: float = 0.0) -> Scene:
    """Homogeneous tissue."""
    shape = (ROWS, COLUMNS)
    return Scene(
        np.full(shape, level, np.float32),
        np.full(shape, QUIET_DB, np.float32),
        np.full(shape, attenuation, np.float32),
        np.zeros(shape, bool),
    )


def spread_of(axial: float, lateral: float, *, side_lobes: bool = False) -> PointSpread:
    return PointSpread(axial, np.full(ROWS, lateral, np.float32), side_lobes=side_lobes)


def receiver_of(spread: PointSpread, noise_db: float = -200, slope: float = 0.0) -> Receiver:
    noise = noise_db + slope * ROW_MM * np.arange(ROWS, dtype=np.float32)[:, None]
    return Receiver(spread, COLUMNS, ROW_MM, np.asarray(noise, np.float32))


def power_of(receiver: Receiver, scene: Scene, seed: int = 0, *, noisy: bool = False) -> np.ndarray:
    rng = np.random.default_rng(seed)
    scatterers = rng.standard_normal(receiver.scatterer_shape, dtype=np.float32)
    noise = np.zeros((ROWS, COLUMNS), np.complex64)
    if noisy:
        noise = (rng.standard_normal((ROWS, COLUMNS)) + 1j * rng.standard_normal((ROWS, COLUMNS))) * np.sqrt(0.5)
    return receiver.look(receiver.expect(scene), scatterers, noise.astype(np.complex64))


def autocorrelation(field: np.ndarray, axis: int, lags: int) -> np.ndarray:
    """Normalized autocorrelation of a stack (N, H, W) along rows (axis 1) or columns (axis 2) at lags 0, 1, ..."""
    centered = np.moveaxis(field - field.mean(), axis, -1)
    products = [1.0]
    for lag in range(1, lags):
        products.append(float((centered[..., lag:] * centered[..., :-lag]).mean() / centered.var()))
    return np.array(products)


def half_width(correlation: np.ndarray) -> float:
    """Full width at half maximum of an autocorrelation, in samples."""
    below = int(np.argmax(correlation < 0.5))
    before, after = correlation[below - 1], correlation[below]
    return 2 * (below - 1 + (before - 0.5) / (before - after))
