"""Everything that decides what a despeckling job computes, as one validated object.

The object is saved as JSON beside results and as attributes on output nodes, so it holds names and numbers only.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from numbers import Integral, Real
from typing import Any

from .errors import SettingsError

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "fp32", "bf16", "fp16")
DESPECKLING_PRECISIONS = (*PRECISIONS, "int8")
NORMALIZATIONS = ("sweep", "frame")
PRESETS = ("default", "published")
SIGNALS = ("bmode", "envelope", "rf")
PROVENANCE_FIELDS = ("preset", "strength", "tone", "gamma", "normalize", "mask", "scale", "signal", "dynamic_range")

DEFAULT_STRENGTH = 0.8
MINIMUM_SIDE, MAXIMUM_SIDE = 16, 4096  # rows and columns of a frame
MINIMUM_SCALE, MAXIMUM_SCALE = 0.125, 4.0


@dataclass(frozen=True)
class DespeckleSettings:
    """Settings of one despeckling job.

    Paths and numbers may be of any kind (``pathlib.Path``, NumPy scalars); plain text and numbers are stored.

    Parameters
    ----------
    model : str
        Name of a shipped bundle ("default") or path of a bundle folder, a bundle zip or an authors' ``.pth``.
    preset : {"default", "published"}
        "published" does exactly what the authors' inference does (per-frame min-max, fp32, full frame, no masking,
        no rescaling, no tone, output clamped to [0, 1] as float32); the settings below it are then ignored.
    strength : float
        0 (input returned bit for bit) to 1 (strongest). Up to 0.5 speckle fades out and the texture of tissue stays;
        above, tissue gets flatter and less of the input stays at boundaries.
    tone : bool
        Keep the brightness of the low-passed frame.
    gamma : float
        Exponent applied to the normalized output, for display only; 1 leaves it linear. Range (0, 5].
    normalize : {"sweep", "frame"}
        Take the intensity range once for the whole sweep, or for every frame on its own.
    mask : bool
        Find what lies outside the ultrasound sector and static overlay, leave it out of the statistics and unchanged.
    scale : "auto" or (float, float)
        Working scale per axis (rows, columns); "auto" matches the measured speckle grain to the model's.
        Numbers between 0.125 and 4.
    signal : {"bmode", "envelope", "rf"}
        What the pixels are: log-compressed B-mode, envelope, or radio frequency (the axis of
        fast time is found from its carrier).
    dynamic_range : float
        dB kept by the log compression of envelope and RF input. Range [10, 200].
    device : {"auto", "cpu", "cuda", "mps"} or "cuda:N"
        Where the network runs.
    precision : {"auto", "fp32", "bf16", "fp16", "int8"}
        Arithmetic of the network: "auto" takes the fastest that the device computes in and in which the model gives
        the same picture: int8 (on CPUs, for models with a calibration), bf16, fp16 (on GPUs) or fp32; the published
        preset takes fp32 only.
    batch_size : int or None
        Frames per network call; None chooses for the device.

    Raises
    ------
    SettingsError
        If a value is outside what is listed above.
    """

    model: str = "default"
    preset: str = "default"
    strength: float = DEFAULT_STRENGTH
    tone: bool = True
    gamma: float = 1.0
    normalize: str = "sweep"
    mask: bool = True
    scale: str | tuple[float, float] = "auto"
    signal: str = "bmode"
    dynamic_range: float = 60.0
    device: str = "auto"
    precision: str = "auto"
    batch_size: int | None = None

    def __post_init__(self) -> None:
        self._store("model", _model(self.model))
        one_of("preset", self.preset, PRESETS)
        one_of("normalize", self.normalize, NORMALIZATIONS)
        one_of("signal", self.signal, SIGNALS)
        one_of("precision", self.precision, DESPECKLING_PRECISIONS)
        if self.preset == "published" and self.precision not in ("auto", "fp32"):
            raise SettingsError(f"The preset 'published' computes in fp32, not in {self.precision!r}: leave it out.")
        self._store("device", _device(self.device))
        self._store("strength", in_range("strength", self.strength, 0.0, 1.0))
        self._store("gamma", in_range("gamma", self.gamma, 0.01, 5.0))
        self._store("dynamic_range", in_range("dynamic_range", self.dynamic_range, 10.0, 200.0))
        self._store("tone", switch("tone", self.tone))
        self._store("mask", switch("mask", self.mask))
        self._store("scale", _scale(self.scale))
        self._store("batch_size", _batch_size(self.batch_size))

    def _store(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def replace(self, **changes: Any) -> DespeckleSettings:
        """Return a copy with some settings changed, validated again."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-ready values."""
        values = asdict(self)
        if isinstance(self.scale, tuple):
            values["scale"] = list(self.scale)
        return values

    def to_json(self) -> str:
        """Return the settings as a JSON object."""
        return json.dumps(self.to_dict())

    @property
    def applied(self) -> tuple[str, ...]:
        """Names of the settings that decide the pixels: the published preset ignores all others."""
        if self.preset == "published":
            return PROVENANCE_FIELDS[:1]
        return tuple(name for name in PROVENANCE_FIELDS if name != "dynamic_range" or self.signal != "bmode")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DespeckleSettings:
        """Build settings from a mapping, refusing names that do not exist."""
        if not isinstance(values, Mapping):
            raise SettingsError(f"Settings must map names to values, got {type(values).__name__}.")
        known = [field.name for field in fields(cls)]
        unknown = [name for name in values if name not in known]
        if unknown:
            raise SettingsError(f"Unknown setting {unknown[0]!r}; known settings are {', '.join(known)}.")
        return cls(**values)

    @classmethod
    def from_json(cls, text: str) -> DespeckleSettings:
        """Build settings from :meth:`to_json`'s output."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"The settings are not valid JSON ({error}).") from error
        return cls.from_dict(values)


def _model(value: object) -> str:
    text = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if not isinstance(text, str) or not text.strip():
        raise SettingsError(f"model must be the name of a shipped model or a path, got {value!r}.")
    return text


def _device(value: object) -> str:
    kind, colon, index = str(value).partition(":")
    numbered = kind == "cuda" and index.isascii() and index.isdecimal()
    if kind not in DEVICES or (colon and not numbered):
        raise SettingsError(f"device must be one of {', '.join(DEVICES)} or cuda:N, got {value!r}.")
    return str(value)


def one_of(name: str, value: object, accepted: tuple[str, ...]) -> None:
    """Refuse a setting that is none of the accepted words."""
    if not isinstance(value, str) or value not in accepted:
        raise SettingsError(f"{name} must be one of {', '.join(accepted)}, got {value!r}.")


def switch(name: str, value: object) -> bool:
    """Return a setting that is true or false, or refuse it."""
    # NumPy's truth values equal True and False, but so do 1 and 0, which are a mistake here.
    if not isinstance(value, bool) and type(value).__name__ not in ("bool", "bool_"):
        raise SettingsError(f"{name} must be true or false, got {value!r}.")
    return bool(value)


def in_range(name: str, value: object, low: float, high: float) -> float:
    """Return a setting that is a number from `low` to `high`, or refuse it."""
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not low <= value <= high:  # type: ignore[operator]
        raise SettingsError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}.")
    return float(value)  # type: ignore[arg-type]


def _scale(value: object) -> str | tuple[float, float]:
    if isinstance(value, str) and value == "auto":
        return "auto"
    factors = [value, value] if isinstance(value, Real) else list(value) if isinstance(value, Iterable) else []
    if isinstance(value, str) or len(factors) != 2:
        raise SettingsError(f"scale must be 'auto', one number or two (rows, columns), got {value!r}.")
    rows, columns = (in_range("scale", factor, MINIMUM_SCALE, MAXIMUM_SCALE) for factor in factors)
    return (rows, columns)


def _batch_size(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise SettingsError(f"batch_size must be a whole number of at least 1 or nothing, got {value!r}.")
    return int(value)
