"""Validation on frames that are not trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own convention

from ...training.loop import Loop
from ...training.resumable import Validation
from ..recipe import Example
from .settings import SegmentationTrainingSettings
from .store import LabelledFrame, LabelledStore

if TYPE_CHECKING:
    from ...training.progress import Preview

THRESHOLD = 0.5


class HeldOutFrames:
    """Frames spread over the held-out subjects, the same ones at every validation, whole and at the working scale.

    Parameters
    ----------
    store : LabelledStore
        May hold no frames: then validations say nothing.
    settings : SegmentationTrainingSettings
    device : str
    multiple : int
        What the sides of the network's input must be multiples of.
    """

    def __init__(
        self, store: LabelledStore, settings: SegmentationTrainingSettings, device: str, multiple: int
    ) -> None:
        frames = [frame for frame in store.frames if frame.labelled]
        taken = min(len(frames), settings.validation_frames)
        chosen = [round(place * (len(frames) - 1) / max(1, taken - 1)) for place in range(taken)]
        self.frames: list[LabelledFrame] = [frames[index] for index in chosen]
        self._device, self._multiple = device, multiple

    def validate(self, loop: Loop) -> Validation:
        """Return one minus the mean Dice, a frame without a lumen counting 1 where none is found, else 0."""
        if not self.frames:
            return Validation(None)
        with loop.saved_weights() as network:
            scores, pictures = self._scores(network)
        lumen = [score for score, frame in zip(scores, self.frames, strict=True) if frame.lumen]
        figures = {"validation_dice": float(np.mean(lumen))} if lumen else {}
        if len(lumen) < len(scores):
            empty = [score for score, frame in zip(scores, self.frames, strict=True) if not frame.lumen]
            figures["validation_false_alarms"] = 1 - float(np.mean(empty))
        return Validation(1 - float(np.mean(scores)), pictures[len(pictures) // 2], figures)

    @torch.no_grad()
    def _scores(self, network: nn.Module) -> tuple[list[float], list[Preview]]:
        from monai.metrics import DiceMetric

        dice = DiceMetric(include_background=True, reduction="none", ignore_empty=False)
        pictures = []
        for frame in self.frames:
            image, target, valid = whole_frame(frame.example)
            found = (self._answer(network, image) > THRESHOLD).float() * valid
            dice(y_pred=found, y=target * valid)
            pictures.append(_preview(image, found))
        return [float(score) for score in dice.aggregate().flatten()], pictures

    def _answer(self, network: nn.Module, image: Tensor) -> Tensor:
        rows, columns = image.shape[-2:]
        padding = (0, -columns % self._multiple, 0, -rows % self._multiple)
        logits = network(F.pad(image, padding).to(self._device)).float().cpu()
        return torch.sigmoid(logits[..., :rows, :columns])


def whole_frame(example: Example) -> tuple[Tensor, Tensor, Tensor]:
    """Return picture, mask and labelled pixels of a frame at its working scale, each float32 (1, 1, H, W)."""
    layers = torch.from_numpy(example.layers).float()[None] / 255
    layers = F.interpolate(layers, example.size, mode="bilinear", antialias=True, align_corners=False)
    return layers[:, :1], (layers[:, 1:2] > THRESHOLD).float(), (layers[:, 2:3] > THRESHOLD).float()


def _preview(image: Tensor, found: Tensor) -> Preview:
    before = np.asarray((image[0, 0].clamp(0, 1) * 255).round().byte())
    return before, outlined(before, np.asarray(found[0, 0] > 0))


def outlined(frame: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return a frame (H, W) with the border of a mask drawn in white."""
    from scipy import ndimage

    drawn: NDArray[Any] = frame.copy()
    drawn[mask & ~ndimage.binary_erosion(mask)] = 255
    return drawn
