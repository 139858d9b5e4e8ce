"""From frames to probability maps on the working grid: the network's part of the path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from Speckle2SelfLib.engine import Engine
from Speckle2SelfLib.frame_path.frames import Frames, Mask, same_kind
from Speckle2SelfLib.frame_path.resample import resize
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from .gray import gray_frame
from .recipe import normalize

THUMBNAIL = 24


@dataclass(frozen=True)
class FrameMap:
    """What the network says about one frame.

    Attributes
    ----------
    index : int
    probability : float32 array (h, w)
        Of being lumen, on the working grid.
    thumbnail : float32 array (24 x 24,)
        The frame, tiny, with mean 0 and norm 1: the product of two is their correlation.
    picture : bool array (H, W) or None
        Pixels that are picture; None where all are.
    """

    index: int
    probability: NDArray[np.float32]
    thumbnail: NDArray[np.float32]
    picture: Mask | None


class MapSource:
    """Probability maps of a sweep by frame number.

    Parameters
    ----------
    frames : Frames
    engine : Engine
    side_multiple : int
        What the sides of the network's input must be multiples of.
    color : bool
    keep : bool array (H, W) or None
        Pixels that are no picture.
    """

    def __init__(
        self, frames: Frames, engine: Engine, side_multiple: int, *, color: bool = False, keep: Mask | None = None
    ) -> None:
        self.frames, self.color, self.keep = frames, color, keep
        self._engine, self._multiple = engine, side_multiple
        self._first = np.asarray(frames[0])

    def __call__(self, indices: Sequence[int], size: tuple[int, int]) -> list[FrameMap]:
        """Compute the maps of some frames, of `size` rows and columns, in one network call.

        Raises
        ------
        InputError
            If a frame differs from the first one, or has nothing to compute with.
        """
        loaded = [self._load(index, size) for index in indices]
        batch = torch.cat([gray for gray, _ in loaded])
        logits = self._engine.run(self._padded(batch))[..., : size[0], : size[1]]
        flat = batch.flatten(1).amax(1) == batch.flatten(1).amin(1)
        chances = torch.sigmoid(logits[:, 0]).masked_fill(flat[:, None, None], 0).numpy()
        thumbnails = _thumbnails(batch)
        return [
            FrameMap(index, chance, thumbnail, picture)
            for index, chance, thumbnail, (_, picture) in zip(indices, chances, thumbnails, loaded, strict=True)
        ]

    def _load(self, index: int, size: tuple[int, int]) -> tuple[Tensor, Mask | None]:
        frame = same_kind(np.asarray(self.frames[index]), self._first, index)
        gray, picture = gray_frame(frame, index, color=self.color, keep=self.keep)
        return resize(torch.from_numpy(normalize(gray, picture))[None, None], size), picture

    def _padded(self, batch: Tensor) -> Tensor:
        """Continue with black at the bottom and the right, as in training."""
        rows, columns = (-side % self._multiple for side in batch.shape[-2:])
        return F.pad(batch, (0, columns, 0, rows)) if rows or columns else batch


def _thumbnails(batch: Tensor) -> NDArray[np.float32]:
    small = F.adaptive_avg_pool2d(batch, THUMBNAIL).flatten(1)
    small = small - small.mean(1, keepdim=True)
    tiny: NDArray[np.float32] = F.normalize(small, dim=1).numpy()
    return tiny
