"""Validation on frames that are not trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from Speckle2SelfLib.frame_path.resample import reflect_pad
from Speckle2SelfLib.network import SpeckleNetwork
from Speckle2SelfLib.perturbation import normalize_min_max

from .batches import CropBatches
from .conditions import condition_at
from .loop import Loop
from .objective import TOTAL
from .settings import TrainingSettings
from .store import FrameStore

if TYPE_CHECKING:
    from .progress import Preview

PREVIEW_SIDE = 768


class HeldOut:
    """Frames spread over the validation sweeps, the same ones at every validation.

    Parameters
    ----------
    store : FrameStore
    settings : TrainingSettings
    device : str
    strongest : float or None
        Largest condition that the network knows.
    """

    def __init__(self, store: FrameStore, settings: TrainingSettings, device: str, strongest: float | None) -> None:
        self._store, self._settings, self._device, self._strongest = store, settings, device, strongest
        self._batches = CropBatches(store, settings, device)
        count = len(store.frames)
        taken = min(count, settings.validation_frames)
        self._indices = [round(place * (count - 1) / max(1, taken - 1)) for place in range(taken)]

    def loss(self, loop: Loop) -> float:
        """Return the mean loss over the held-out frames, with the weights to be saved."""
        return float(np.mean([loop.evaluate(self._batches.validation(index))[TOTAL] for index in self._indices]))

    @torch.no_grad()
    def preview(self, loop: Loop) -> Preview:
        """Return the middle one of the frames before and after, uint8 (H, W), at most 768 pixels a side."""
        frames = [self._store.frames[index] for index in self._indices]
        frames = [frame for frame in frames if frame.truth is None] or frames
        image = frames[len(frames) // 2].image
        rows, columns = (
            slice((length - side) // 2, (length - side) // 2 + side)
            for length, side in ((length, min(length, PREVIEW_SIDE)) for length in image.shape)
        )
        frame = torch.from_numpy(np.ascontiguousarray(image[rows, columns])).to(self._device).float()[None, None]
        if self._settings.normalize == "view":
            frame = normalize_min_max(frame)
        condition = condition_at(self._settings.strengths[1], self._strongest)
        with loop.saved_weights() as network:
            assert isinstance(network, SpeckleNetwork)
            output = network.despeckle(reflect_pad(frame), condition)[..., : frame.shape[-2], : frame.shape[-1]]
        return _gray(frame), _gray(output)


def _gray(frame: torch.Tensor) -> np.ndarray:
    return np.asarray((frame[0, 0].clamp(0, 1) * 255).round().byte().cpu().numpy())
