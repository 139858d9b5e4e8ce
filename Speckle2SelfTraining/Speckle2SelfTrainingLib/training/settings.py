"""Settings of a training: the published recipe, and one switch for every departure from it.

This module imports neither numpy nor torch, so that a panel and the command line may show the settings at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import Any, ClassVar

from Speckle2SelfLib.errors import SettingsError
from Speckle2SelfLib.settings import PRECISIONS, in_range, one_of, switch

from .plain_settings import PlainSettings

LOSSES = ("mse", "l1")
FITS = ("crop", "resize")
NORMALIZATIONS = ("view", "sweep")
SCHEDULES = ("constant", "cosine")
MAXIMUM_SCALES = 3
SMALLEST_CROP, LARGEST_CROP = 32, 2048
NETWORK_SWITCHES = ("feature_norm", "output_norm", "output_relu", "skips", "residual", "conditioned")

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class Augmentation:
    """Random changes of geometry behind the perturbation, the same for all views of a frame.

    Parameters
    ----------
    flip_columns, flip_rows : float
        Probability of a horizontal and of a vertical flip.
    affine : float
        Probability of a shift, scaling and rotation.
    shift, scale, rotate : float
        Largest shift (share of the side), change of scale (share) and rotation (degrees).
    gain : float
        Largest relative change of brightness; 0 leaves it.
    """

    flip_columns: float = 0.3
    flip_rows: float = 0.3
    affine: float = 0.3
    shift: float = 0.1
    scale: float = 0.2
    rotate: float = 30.0
    gain: float = 0.0

    def __post_init__(self) -> None:
        for name, high in (("flip_columns", 1), ("flip_rows", 1), ("affine", 1), ("shift", 0.5), ("scale", 0.9)):
            object.__setattr__(self, name, in_range(f"augmentation.{name}", getattr(self, name), 0, high))
        object.__setattr__(self, "rotate", in_range("augmentation.rotate", self.rotate, 0, 180))
        object.__setattr__(self, "gain", in_range("augmentation.gain", self.gain, 0, 0.9))


NO_AUGMENTATION = Augmentation(0, 0, 0, 0, 0, 0, 0)
PUBLISHED_NETWORK = {
    "feature_norm": True,
    "output_norm": True,
    "output_relu": True,
    "skips": False,
    "residual": False,
    "conditioned": False,
}
IMPROVED_NETWORK = {
    "feature_norm": False,
    "output_norm": False,
    "output_relu": False,
    "skips": True,
    "residual": True,
    "conditioned": False,
}


@dataclass(frozen=True)
class TrainingSettings(PlainSettings):
    """Settings of one training; the defaults are the published recipe.

    Parameters
    ----------
    steps : int
        Optimizer steps, 1 to 10 million.
    minutes : float or None
        Stop after this time, if earlier.
    batch_size : int
        Frames per step over all processes. Where memory is short, the batch goes through the network in parts;
        its gradient stays that of the whole batch.
    crop : int
        Rows and columns that the network sees, 32 to 2048; smaller frames are continued by reflection.
    fit : {"resize", "crop"}
        Bring the whole frame to that size, or cut a window of that size out of it.
    learning_rate, betas
        Of Adam.
    schedule : {"constant", "cosine"}
        Course of the learning rate; the cosine ends at a hundredth.
    warmup : int
        Steps over which the learning rate rises from zero.
    clip : float or None
        Largest norm of the gradient.
    average : float
        Decay of a running average of the weights, which is then what is validated and saved; 0 takes the last.
    precision : {"auto", "fp32", "bf16", "fp16"}
        Arithmetic of the convolutions but the first and the last, which are always computed in fp32. "auto" is bf16 on
        a device that computes in it, which takes about half as long and learns the same, else fp32. A training goes
        on in the arithmetic it started with. fp16 needs a CUDA device.
    seed : int
    scales : tuple of float
        Scales of the perturbation, 1 to 3 of them, finest first.
    shared_encoder : bool
        One encoder for all scales instead of one for each.
    reconstruction, consistency : {"mse", "l1"}
        Distance of the two self-supervised losses.
    reconstruction_weights : tuple of float
        One per scale.
    consistency_weights : tuple of float
        One per pair of scales, in the order (0, 1), (0, 2), (1, 2).
    network : dict of bool
        Switches of :class:`Speckle2SelfLib.network.NetworkOptions` for a training from scratch.
    augmentation : Augmentation
    normalize : {"view", "sweep"}
        Scale every view by its own minimum and maximum, or all by the sweep's robust range within the picture area,
        which black borders do not change.
    antialias : bool
        Improvement: low-pass before down-sampling.
    shifted : bool
        Improvement: draw the phase of the down-sampling anew in every step.
    scale_jitter : float
        Improvement: change every coarse scale at random by up to this share.
    gradient_weight : float
        Improvement: weight of the consistency of first differences.
    edge_weight : float
        Improvement: weight of boundaries against flat tissue in the reconstruction loss; 1 treats them alike.
    supervised_weight : float
        Improvement: weight of the distance to the truth on simulated pairs.
    supervised_share : float
        Share of a batch that is drawn from the simulated pairs where there are real frames, too.
    simulated_frames : int
        Pairs that are simulated for the supervised term where none are among the sweeps given, 0 to 100,000.
    teacher_weight : float
        Improvement: weight of the distance to a frozen base model, whose answers are averaged over flips and shifts.
    teacher_views : int
        How many of its answers are averaged, 1 to 8.
    neighbors : int
        Improvement: the teacher looks at so many frames before and after, too, 0 to 4. Where they agree with the frame
        but for residual speckle, their mean is the answer.
    teacher_flattening : float
        Improvement: flatten the teacher's answer between boundaries; the difference of surroundings, in normalized
        gray, that still counts as texture. 0 leaves it as it is.
    remix_weight : float
        Improvement: the same with the teacher's residual moved to other places of the batch.
    strengths : (float, float)
        Conditions drawn for networks that take one, as a share of the way from faithful to the strongest that the
        model knows; simulated pairs with a supervised weight always take the faithful one.
    match_grain : bool
        Bring the speckle of simulated pairs to the grain of the real frames.
    maximum_frames : int
        More frames than that are thinned evenly.
    validate_every : int
        Steps between validations.
    validation_frames : int
        Frames of the held-out sweeps that are looked at, spread over them.
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

    steps: int = 10000
    minutes: float | None = None
    batch_size: int = 16
    crop: int = 512
    fit: str = "resize"
    learning_rate: float = 1e-3
    betas: tuple[float, float] = (0.5, 0.999)
    schedule: str = "constant"
    warmup: int = 0
    clip: float | None = None
    average: float = 0.0
    precision: str = "auto"
    seed: int = 777
    scales: Numbers = (1.0, 0.5, 0.25)
    shared_encoder: bool = False
    reconstruction: str = "mse"
    consistency: str = "l1"
    reconstruction_weights: Numbers = (1.0, 1.0, 1.0)
    consistency_weights: Numbers = (1.0, 1.0, 1.0)
    network: Mapping[str, bool] = field(default_factory=lambda: dict(PUBLISHED_NETWORK))
    augmentation: Augmentation = field(default_factory=Augmentation)
    normalize: str = "view"
    antialias: bool = False
    shifted: bool = False
    scale_jitter: float = 0.0
    gradient_weight: float = 0.0
    edge_weight: float = 1.0
    supervised_weight: float = 0.0
    supervised_share: float = 0.5
    simulated_frames: int = 40
    teacher_weight: float = 0.0
    teacher_views: int = 4
    teacher_flattening: float = 0.0
    neighbors: int = 0
    remix_weight: float = 0.0
    strengths: tuple[float, float] = (0.0, 1.0)
    match_grain: bool = False
    maximum_frames: int = 2000
    validate_every: int = 100
    validation_frames: int = 8
    patience: int = 0
    save_every: int = 50

    def __post_init__(self) -> None:
        self._check_words()
        self._check_counts()
        self._check_numbers()
        self._check_scales()
        self._check_network()

    def _check_words(self) -> None:
        one_of("fit", self.fit, FITS)
        one_of("schedule", self.schedule, SCHEDULES)
        one_of("precision", self.precision, PRECISIONS)
        one_of("reconstruction", self.reconstruction, LOSSES)
        one_of("consistency", self.consistency, LOSSES)
        one_of("normalize", self.normalize, NORMALIZATIONS)
        for name in ("shared_encoder", "antialias", "shifted", "match_grain"):
            self._store(name, switch(name, getattr(self, name)))
        if not isinstance(self.augmentation, Augmentation):
            raise SettingsError(f"augmentation must be an Augmentation, got {type(self.augmentation).__name__}.")

    def _check_counts(self) -> None:
        limits = {
            "steps": (1, 10_000_000),
            "batch_size": (1, 4096),
            "crop": (SMALLEST_CROP, LARGEST_CROP),
            "warmup": (0, 1_000_000),
            "seed": (0, 2**32 - 1),
            "teacher_views": (1, 8),
            "neighbors": (0, 4),
            "simulated_frames": (0, 100_000),
            "maximum_frames": (2, 1_000_000),
            "validate_every": (1, 10_000_000),
            "validation_frames": (1, 1000),
            "patience": (0, 1_000_000),
            "save_every": (1, 10_000_000),
        }
        for name, (low, high) in limits.items():
            self._store(name, whole_number(name, getattr(self, name), low, high))
        if self.crop % 16:
            raise SettingsError(f"crop must be a multiple of 16, got {self.crop}.")

    def _check_numbers(self) -> None:
        limits = {
            "learning_rate": (1e-8, 1.0),
            "average": (0.0, 0.99999),
            "scale_jitter": (0.0, 0.5),
            "gradient_weight": (0.0, 1000.0),
            "edge_weight": (0.1, 100.0),
            "supervised_weight": (0.0, 1000.0),
            "supervised_share": (0.0, 1.0),
            "teacher_weight": (0.0, 1000.0),
            "remix_weight": (0.0, 1000.0),
            "teacher_flattening": (0.0, 1.0),
        }
        for name, (low, high) in limits.items():
            self._store(name, in_range(name, getattr(self, name), low, high))
        if self.minutes is not None:
            self._store("minutes", in_range("minutes", self.minutes, 0.001, 1e6))
        if self.clip is not None:
            self._store("clip", in_range("clip", self.clip, 1e-6, 1e6))
        self._store("betas", number_tuple("betas", self.betas, 2, 0.0, 0.99999))
        self._store("strengths", number_tuple("strengths", self.strengths, 2, 0.0, 1.0))
        if self.strengths[0] > self.strengths[1]:
            raise SettingsError(f"strengths must be the smallest and the largest, got {self.strengths}.")

    def _check_scales(self) -> None:
        count = len(self.scales) if isinstance(self.scales, (tuple, list)) else 0
        if not 1 <= count <= MAXIMUM_SCALES:
            raise SettingsError(f"scales must be 1 to {MAXIMUM_SCALES} numbers, got {self.scales!r}.")
        self._store("scales", number_tuple("scales", self.scales, count, 0.03125, 1.0))
        if self.scales[0] != 1:
            raise SettingsError(f"The first of the scales must be 1, which is what inference uses; got {self.scales}.")
        pairs = count * (count - 1) // 2
        # Weights that are all alike, as the defaults are, fit any number of scales.
        for name, wanted in (("reconstruction_weights", count), ("consistency_weights", pairs)):
            given = getattr(self, name)
            if isinstance(given, (tuple, list)) and len(given) > wanted and len(set(given)) == 1:
                given = given[:wanted]
            self._store(name, number_tuple(name, given, wanted, 0.0, 1000.0))

    def _check_network(self) -> None:
        if not isinstance(self.network, Mapping) or set(self.network) - set(NETWORK_SWITCHES):
            raise SettingsError(f"network must map {', '.join(NETWORK_SWITCHES)} to true or false.")
        given = {**PUBLISHED_NETWORK, **self.network}
        self._store("network", {name: switch(f"network.{name}", given[name]) for name in NETWORK_SWITCHES})

    @property
    def encoders(self) -> int:
        """How many encoders the network has."""
        return 1 if self.shared_encoder else len(self.scales)

    @property
    def self_supervised(self) -> bool:
        """Whether any of the two published losses counts."""
        return any(self.reconstruction_weights) or any(self.consistency_weights)


def published_settings(**changes: Any) -> TrainingSettings:
    """Return the recipe of the paper; `changes` are fields of :class:`TrainingSettings`.

    Source: Li, Navab, Jiang, "Speckle2Self", Medical Image Analysis 2025, doi 10.1016/j.media.2025.103755.
    """
    return TrainingSettings().replace(**changes)


def adaptation_settings(**changes: Any) -> TrainingSettings:
    """Return the recipe that adapts a bundle to the frames of one machine."""
    return TrainingSettings(
        steps=200,
        batch_size=4,
        crop=192,
        fit="crop",
        learning_rate=1e-4,
        betas=(0.9, 0.99),
        schedule="cosine",
        warmup=10,
        clip=1.0,
        average=0.98,
        precision="auto",
        augmentation=replace(NO_AUGMENTATION, flip_columns=0.5, gain=0.15),
        normalize="sweep",
        reconstruction_weights=(0.0, 0.0, 0.0),
        consistency_weights=(0.0, 0.0, 0.0),
        supervised_weight=1.0,
        supervised_share=0.5,
        match_grain=True,
        teacher_weight=0.5,
        teacher_views=1,
        neighbors=1,
        validate_every=50,
    ).replace(**changes)


def whole_number(name: str, value: object, low: int, high: int) -> int:
    """Return a setting that is a whole number from `low` to `high`, or refuse it."""
    if not isinstance(value, Integral) or isinstance(value, bool) or not low <= int(value) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}, got {value!r}.")
    return int(value)


def number_tuple(name: str, value: object, count: int, low: float, high: float) -> Numbers:
    """Return a setting that is `count` numbers from `low` to `high`, or refuse it."""
    if not isinstance(value, (tuple, list)) or len(value) != count:
        raise SettingsError(f"{name} must be {count} numbers, got {value!r}.")
    return tuple(in_range(name, number, low, high) for number in value)
