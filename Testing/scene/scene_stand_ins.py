"""A stand-in for the network: tests of what happens to nodes need no weights, only a result that is known."""

from __future__ import annotations

from typing import Any

import numpy as np
from Speckle2SelfLib.scene.runners import RunReport


class InvertingRunner:
    """Stand-in: inverts every frame (255 - x, in the type of the frame), some frames per step."""

    def __init__(self, dtype: Any = None, fail_at: int | None = None) -> None:
        self.dtype, self.fail_at, self.closed = dtype, fail_at, False

    def run(self, sweep: Any, settings: Any, indices: list[int]) -> Any:
        try:
            yield None
            for position, index in enumerate(indices):
                if self.fail_at == position:
                    raise RuntimeError("the stand-in fails here")
                yield [(position, inverted(sweep[index]).astype(self.dtype or sweep.dtype))]
            return RunReport({"model": "stand-in", "model_sha256": "0" * 64}, ["a note"])
        finally:
            self.closed = True


def inverted(frame: np.ndarray) -> np.ndarray:
    """What the stand-in makes of a frame."""
    return (255 - frame).astype(frame.dtype)


class BrightRunner:
    """Stand-in for a segmentation: the lumen is what is brighter than 250; the confidence is 0.9 where there is any."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.fail_at, self.closed = fail_at, False
        self.orders: list[Any] = []

    def run(self, sweep: Any, settings: Any, indices: list[int]) -> Any:
        from Speckle2SelfTrainingLib.segmentation import SegmentedFrame

        self.orders.append(settings)
        try:
            yield None
            for position, index in enumerate(indices):
                if self.fail_at == position:
                    raise RuntimeError("the stand-in fails here")
                frame = np.asarray(sweep[index])
                mask = ((frame if frame.ndim == 2 else frame[..., 0]) > 250).astype(np.uint8)
                yield [(position, SegmentedFrame(index, mask, 0.9 if mask.any() else 0.1, bool(mask.any())))]
            return RunReport({"Model": "stand-in", "ModelSHA256": "0" * 64}, [])
        finally:
            self.closed = True
