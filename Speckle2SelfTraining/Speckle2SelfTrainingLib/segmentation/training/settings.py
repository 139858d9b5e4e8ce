"""Settings of a training of a segmentation model; imports neither numpy nor torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfLib.settings import PRECISIONS, in_range, one_of, switch

from ...training.plain_settings import PlainSettings
from ...training.settings import LARGEST_CROP, SMALLEST_CROP, whole_number
from ..augmentation import Augmentation

KEPT = ("best", "last")
STRIDE = 32


@dataclass(frozen=True)
class SegmentationTrainingSettings(PlainSettings):
    """Settings of one training of a segmentation model.

    Parameters
    ----------
    steps : int
        Optimizer steps, 1 to 10 million.
    minutes : float or None
        Stop after this time, if earlier.
    batch_size : int
        Crops per step over all processes; where memory is short, they go through the network in parts.
    crop : int
        Rows and columns of a crop at the working scale, a multiple of 32, up to 2048.
    learning_rate : float
        Highest one of AdamW; it rises shortly and falls as a cosine.
    weight_decay : float
    clip : float or None
        Largest norm of the gradient.
    average : float
        Decay of a running average of the weights, which is what is validated and saved; 0 takes the last.
    precision : {"auto", "fp32", "bf16", "fp16"}
        "auto" is bf16 on a CPU that computes in it, else fp32. fp16 needs a CUDA device.
    prefetch : bool
        Make the next batch in a background thread while a step is computed; gains where there are idle cores.
    seed : int
    augmentation : Augmentation
    negative_share : float
        Share of a batch that is drawn from sources without any lumen, where there are such.
    freeze_norm : bool
        Keep the statistics of batch norm as the base model has them: a few frames have others.
    base_weight : float
        Weight of the distance to the answers of the base model on pixels without a label.
    unlabelled_share : float
        Share of a batch that is drawn from frames without any label, where there are such and ``base_weight`` is set.
    blend : float
        Share of the trained weights in what is saved, the rest are those of the base model; 1 is all trained.
    keep : {"best", "last"}
        Save the weights that validated best, or the last ones, for which no held-out frames are needed.
    validation_share : float
        Share of the frames to hold out where none are given to validate on, 0 to 0.9; 0 holds out none.
    maximum_frames : int
        More frames than that are thinned evenly.
    validate_every : int
        Steps between validations.
    validation_frames : int
        Frames of the held-out subjects that are looked at, spread over them.
    patience : int
        Validations without improvement after which the training stops; 0 never stops early.
    save_every : int
        Steps between checkpoints.

    Raises
    ------
    SettingsError
        If a value is outside what is listed above.
    """

    PARTS: ClassVar[Mapping[str, type]] = {"augmentation": Augmentation}

    steps: int = 3000
    minutes: float | None = None
    batch_size: int = 8
    crop: int = 192
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    clip: float | None = 1.0
    average: float = 0.99
    precision: str = "auto"
    prefetch: bool = False
    seed: int = 777
    augmentation: Augmentation = field(default_factory=Augmentation)
    negative_share: float = 0.15
    freeze_norm: bool = False
    base_weight: float = 0.0
    unlabelled_share: float = 0.5
    blend: float = 1.0
    keep: str = "best"
    validation_share: float = 0.2
    maximum_frames: int = 5000
    validate_every: int = 250
    validation_frames: int = 60
    patience: int = 0
    save_every: int = 250

    def __post_init__(self) -> None:
        one_of("precision", self.precision, PRECISIONS)
        one_of("keep", self.keep, KEPT)
        for name in ("prefetch", "freeze_norm"):
            self._store(name, switch(name, getattr(self, name)))
        if not isinstance(self.augmentation, Augmentation):
            kind = type(self.augmentation).__name__
            raise SettingsError(f"augmentation must be an Augmentation, got {kind}.")
        self._check_counts()
        self._check_numbers()

    def _check_counts(self) -> None:
        limits = {
            "steps": (1, 10_000_000),
            "batch_size": (1, 4096),
            "crop": (SMALLEST_CROP, LARGEST_CROP),
            "seed": (0, 2**32 - 1),
            "maximum_frames": (2, 1_000_000),
            "validate_every": (1, 10_000_000),
            "validation_frames": (1, 100_000),
            "patience": (0, 1_000_000),
            "save_every": (1, 10_000_000),
        }
        for name, (low, high) in limits.items():
            self._store(name, whole_number(name, getattr(self, name), low, high))
        if self.crop % STRIDE:
            raise SettingsError(f"crop must be a multiple of {STRIDE}, got {self.crop}.")

    def _check_numbers(self) -> None:
        limits = {
            "learning_rate": (1e-8, 1.0),
            "weight_decay": (0.0, 10.0),
            "average": (0.0, 0.99999),
            "validation_share": (0.0, 0.9),
            "negative_share": (0.0, 0.9),
            "base_weight": (0.0, 1000.0),
            "unlabelled_share": (0.0, 0.9),
            "blend": (0.0, 1.0),
        }
        for name, (low, high) in limits.items():
            self._store(name, in_range(name, getattr(self, name), low, high))
        if self.minutes is not None:
            self._store("minutes", in_range("minutes", self.minutes, 0.001, 1e6))
        if self.clip is not None:
            self._store("clip", in_range("clip", self.clip, 1e-6, 1e6))


def adaptation_settings(**changes: Any) -> SegmentationTrainingSettings:
    """Return the recipe that continues from a model with a handful of corrected frames; `changes` are fields.

    All of them are learned from, none is held out: they are few, and of few subjects. The weights go only a part of the
    way from the base's to those that fit the corrections: the whole way, a model forgets what it knew before.
    """
    return SegmentationTrainingSettings(
        steps=150,
        minutes=3.0,
        batch_size=4,
        learning_rate=5e-4,
        weight_decay=0.0,
        average=0.95,
        freeze_norm=True,
        blend=0.5,
        keep="last",
        validation_share=0.0,
        validate_every=50,
        validation_frames=8,
        save_every=50,
    ).replace(**changes)
