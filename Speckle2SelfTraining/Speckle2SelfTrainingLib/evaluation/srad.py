"""Speckle reducing anisotropic diffusion, from the paper.

Y. Yu, S. T. Acton: Speckle reducing anisotropic diffusion. IEEE Transactions on Image Processing 11(11), 2002.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .boxes import find_boxes
from .frames import Unit

Field = NDArray[np.float32]

TIME_STEP = 0.05
DECAY = 1 / 6
SMALLEST = np.float32(1e-6)


def srad(
    frame: Unit,
    *,
    iterations: int = 100,
    time_step: float = TIME_STEP,
    decay: float = DECAY,
    decompression: float = 1.0,
    speckle: float | None = None,
) -> Unit:
    """Diffuse a B-mode frame where its local variation is that of speckle, and stop at edges.

    Parameters
    ----------
    frame : float32 array (H, W) in [0, 1]
        Log-compressed gray levels.
    iterations : int
        Number of explicit steps.
    time_step : float
        Length of a step; at most 1 is stable, since a step moves a quarter of it.
    decay : float
        Rate at which the speckle scale q0 falls with diffusion time.
    decompression : float
        Nepers per full gray range: the filter works on exp(decompression * level), as it was made for uncompressed
        echoes.
    speckle : float, optional
        Coefficient of variation of fully developed speckle at the start; taken from the flattest box of tissue of
        the decompressed frame where left out.

    Returns
    -------
    float32 array (H, W) in [0, 1]
    """
    echoes = np.exp(np.float32(decompression) * np.asarray(frame, np.float32))
    start = homogeneous_variation(frame, echoes) if speckle is None else speckle
    for step in range(iterations):
        scale = start * float(np.exp(-decay * step * time_step))
        echoes = diffuse(echoes, scale, time_step)
    return np.asarray(np.clip(np.log(echoes) / np.float32(decompression), 0, 1), np.float32)


def diffuse(echoes: Field, scale: float, time_step: float) -> Field:
    """Return the echoes (H, W) after one explicit step with the speckle scale q0; no flow crosses the border."""
    north, south, west, east = differences(echoes)
    conduct = conductance(instantaneous_variation(echoes, (north, south, west, east)), scale)
    # A border between two pixels has one conductance, so that what one loses the other gains.
    below = np.concatenate([conduct[1:], conduct[-1:]])
    right = np.concatenate([conduct[:, 1:], conduct[:, -1:]], axis=1)
    flow = below * south + conduct * north + right * east + conduct * west
    return np.asarray(echoes + np.float32(time_step / 4) * flow, np.float32)


def differences(echoes: Field) -> tuple[Field, Field, Field, Field]:
    """Return neighbor minus pixel towards north, south, west and east, each (H, W); 0 across the border."""
    padded = np.pad(echoes, 1, mode="edge")
    return (
        padded[:-2, 1:-1] - echoes,
        padded[2:, 1:-1] - echoes,
        padded[1:-1, :-2] - echoes,
        padded[1:-1, 2:] - echoes,
    )


def instantaneous_variation(echoes: Field, steps: tuple[Field, Field, Field, Field]) -> Field:
    """Return the squared instantaneous coefficient of variation, (H, W).

    Half the squared gradient (of forward and backward differences) less a sixteenth of the squared Laplacian, over
    the square of 1 plus a quarter of the Laplacian, all relative to the echo.
    """
    relative = [step / np.maximum(echoes, SMALLEST) for step in steps]
    gradient = sum((step**2 for step in relative), start=np.float32(0))
    laplacian = sum(relative, start=np.float32(0))
    top = np.maximum(gradient / 2 - laplacian**2 / 16, 0)
    return np.asarray(top / np.maximum((1 + laplacian / 4) ** 2, SMALLEST), np.float32)


def conductance(variation: Field, scale: float) -> Field:
    """Return the diffusion coefficient, 1 where the variation is at most that of speckle (q0 = scale), 0 on edges."""
    square = np.float32(max(scale**2, float(SMALLEST)))
    return np.asarray(np.clip(1 / (1 + (variation - square) / (square * (1 + square))), 0, 1), np.float32)


def homogeneous_variation(frame: Unit, echoes: Field) -> float:
    """Return standard deviation / mean of the echoes in the flattest tissue box of the frame."""
    row, column, height, width = find_boxes(frame).tissue or (0, 0, *frame.shape)
    pixels = echoes[row : row + height, column : column + width]
    return float(pixels.std() / pixels.mean())
