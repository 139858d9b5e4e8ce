"""The authors' inference and nothing more: min-max per frame, full frame, clamp to [0, 1]."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ..engine import Engine
from ..errors import InputError
from ..network import STRIDE
from ..perturbation import normalize_min_max
from ..settings import DespeckleSettings
from .frames import Frame


class PublishedFilter:
    """The published preset; frames in, float32 in [0, 1] out."""

    needs_statistics = False

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def check(self, frame: Frame, settings: DespeckleSettings, *, color: bool) -> None:
        """Refuse what the authors' code does not take.

        Raises
        ------
        InputError
            If the size is no multiple of 16, or the frame is colored or RF.
        """
        if color or settings.signal != "bmode":
            raise InputError("The preset 'published' takes gray B-mode frames only: use the default preset.")
        rows, columns = frame.shape
        if rows % STRIDE or columns % STRIDE:
            raise InputError(
                f"The preset 'published' takes sizes that are multiples of {STRIDE}, got {rows} x {columns}: "
                "use the default preset."
            )
        if rows * columns < 2 * STRIDE**2:
            raise InputError("The preset 'published' takes at least 16 x 32 pixels: use the default preset.")

    def __call__(self, frames: list[Frame]) -> list[NDArray[np.float32]]:
        """Despeckle frames of one size."""
        stack = torch.from_numpy(np.stack([frame.astype(np.float32) for frame in frames]))[:, None]
        if not bool(stack.isfinite().all()):
            raise InputError("The preset 'published' takes finite numbers only: use the default preset.")
        output = self._engine.run(normalize_min_max(stack), 1.0).clamp(0, 1)
        return [np.asarray(frame) for frame in output[:, 0].numpy()]
