"""What the network would change in a frame, at the frame's own size.

The network runs at the working scale and only its change is brought back, so detail finer than that scale stays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..bundle import Bundle
from ..engine import Engine
from ..errors import InputError
from ..parallel import small_steps
from ..settings import DespeckleSettings
from .boundaries import restore_boundaries
from .coarse import smooth
from .frames import Gray, Mask
from .levels import is_counted
from .resample import reflect_pad, resize, working_size
from .statistics import SweepStatistics, robust_range
from .strength import plan_strength
from .tone import keep_tone

FILL_SIGMA = 4.0
LEAST_WEIGHT = 0.02
MAXIMUM_WORKING_PIXELS = 32 * 1024 * 1024
LOWEST_INPUT, HIGHEST_INPUT = -0.25, 2.0


class ChangeFilter:
    """Compute the change that despeckling makes to gray frames.

    Parameters
    ----------
    engine : Engine
    bundle : Bundle
        The model that the engine runs.
    settings : DespeckleSettings
    """

    def __init__(self, engine: Engine, bundle: Bundle, settings: DespeckleSettings) -> None:
        self._engine, self._settings = engine, settings
        self._plan = plan_strength(settings.strength, bundle.strongest)
        self._clamp = bundle.options.output_relu

    def check(self, frame: NDArray[Any], settings: DespeckleSettings, *, color: bool) -> None:
        """Refuse what cannot be filtered although it is a sweep.

        Raises
        ------
        InputError
            If RF or envelope frames have color, or the working scale makes the frames too large.
        """
        if color and settings.signal != "bmode":
            raise InputError(f"Frames of the signal {settings.signal!r} must have one value per pixel, not colors.")
        if not isinstance(settings.scale, str):
            rows, columns = working_size((frame.shape[0], frame.shape[1]), settings.scale)
            if rows * columns > MAXIMUM_WORKING_PIXELS:
                raise InputError(f"The working scale makes frames of {rows} x {columns} pixels: choose a smaller one.")

    def __call__(self, gray: list[Gray], valid: list[Mask], statistics: SweepStatistics) -> list[Gray]:
        """Return the change of every frame, in the unit of the frames, zero outside `valid`.

        Parameters
        ----------
        gray : list of float arrays, each (H, W)
        valid : list of bool arrays, each (H, W)
        statistics : SweepStatistics
        """
        rows, columns = gray[0].shape
        with small_steps((rows, columns)):
            ranges = [self._range(frame, mask, statistics) for frame, mask in zip(gray, valid, strict=True)]
            inputs = [normalized(frame, mask, *limits) for frame, mask, limits in zip(gray, valid, ranges, strict=True)]
            masks = _batch([mask.astype(np.float32) for mask in valid])
            work = resize(_batch(inputs), working_size((rows, columns), statistics.scale))
            padded = reflect_pad(work)
        output = self._engine.run(padded, self._plan.condition)[..., : work.shape[-2], : work.shape[-1]]
        with small_steps((rows, columns)):
            change = resize(self._change(work, output, masks), (rows, columns)).mul_(masks)
            return [
                np.multiply(one, np.float32(self._plan.share * (high - low)), out=one)
                for one, (low, high) in zip(change[:, 0].numpy(), ranges, strict=True)
            ]

    def _range(self, frame: Gray, valid: Mask, statistics: SweepStatistics) -> tuple[float, float]:
        if self._settings.normalize == "sweep" or not valid.any():
            return statistics.low, statistics.high
        return robust_range(frame[None], valid)

    def _change(self, work: Tensor, output: Tensor, valid: Tensor) -> Tensor:
        rows, columns = work.shape[-2:]
        # A network that ends in a ReLU knows gray levels from 0 to 1 only.
        output = output.clamp(0, 1) if self._clamp else output
        if self._settings.tone:
            output = keep_tone(work, output, resize(valid, (rows, columns)))
        return restore_boundaries(work, output, self._plan.detail, self._plan.crispness) - work


def normalized(frame: Gray, valid: Mask, low: float, high: float) -> NDArray[np.float32]:
    """Return a frame as the network sees it: its range mapped to [0, 1], what is no picture filled smoothly.

    Parameters
    ----------
    frame : float array (H, W)
    valid : bool array (H, W)
    low, high : float
        Range of the sweep; equal for a constant one, which becomes zeros.
    """
    span = high - low
    if span <= 0:
        return np.zeros(frame.shape, np.float32)
    if is_counted(frame.dtype):
        share = frame.astype(np.float32)
        share -= np.float32(low)
        share *= np.float32(1 / span)
    else:
        share = ((np.where(valid, frame, low) - low) / span).astype(np.float32)
    np.clip(share, LOWEST_INPUT, HIGHEST_INPUT, out=share)
    return (
        share if valid.all() else _filled(torch.from_numpy(share), torch.from_numpy(valid.astype(np.float32))).numpy()
    )


def _filled(share: Tensor, valid: Tensor) -> Tensor:
    """Fill what does not belong to the picture from its surroundings, so that no hard step meets the network.

    `share` and `valid` (0 or 1) are (H, W).
    """
    kept = share * valid
    weight, mean = smooth(torch.stack([valid, kept]), FILL_SIGMA)
    # Products of zeros and ones take a fifth of the time of choices.
    wanted = (weight > LEAST_WEIGHT).float().sub_(valid).clamp_min_(0)
    filled: Tensor = mean.div_(weight.clamp_min_(LEAST_WEIGHT)).mul_(wanted).add_(kept)
    return filled


def _batch(frames: list[NDArray[np.float32]]) -> Tensor:
    """Return frames (H, W) as (N, 1, H, W); a single one is not copied."""
    return torch.from_numpy(frames[0][None] if len(frames) == 1 else np.stack(frames))[:, None]
