"""The authors' inference and nothing more: min-max per frame, full frame, clamp to [0, 1]."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ..engine import Engine
from ..errors import InputError
from ..perturbation import normalize_min_max
from ..settings import DespeckleSettings
from .frames import Frame
from .published_input import check_published_input


class PublishedFilter:
    """The published preset; frames in, float32 in [0, 1] out."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def check(self, frame: Frame, settings: DespeckleSettings, *, color: bool) -> None:
        """Refuse what the authors' code does not take, see :func:`.published_input.check_published_input`."""
        check_published_input(int(frame.shape[0]), int(frame.shape[1]), color=color, signal=settings.signal)

    def __call__(self, frames: list[Frame]) -> list[NDArray[np.float32]]:
        """Despeckle frames of one size."""
        stack = torch.from_numpy(np.stack([frame.astype(np.float32) for frame in frames]))[:, None]
        if not bool(stack.isfinite().all()):
            raise InputError("The preset 'published' takes finite numbers only: use the default preset.")
        output = self._engine.run(normalize_min_max(stack), 1.0).clamp(0, 1)
        return [np.asarray(frame) for frame in output[:, 0].numpy()]
