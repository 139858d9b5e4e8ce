"""Everything that decides what a despeckling job computes, as one validated object.

The object is saved as JSON beside results and as attributes on output nodes, so it holds names and numbers only.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from .errors import SettingsError

DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = ("auto", "fp32", "bf16", "fp16")
NORMALIZATIONS = ("sweep", "frame")
PRESETS = ("default", "published")
SIGNALS = ("bmode", "envelope", "rf")
PROVENANCE_FIELDS = ("preset", "strength", "tone", "gamma", "normalize", "mask", "scale", "signal", "dynamic_range")

DEFAULT_STRENGTH = 0.8
MINIMUM_SCALE, MAXIMUM_SCALE = 0.125, 4.0


@dataclass(frozen=True)
class DespeckleSettings:
    """Settings of one despeckling job.

    Parameters
    ----------
    model : str
        Name of a shipped bundle ("default") or path of a bundle folder, a bundle zip or an authors' ``.pth``.
    preset : {"default", "published"}
        "published" does exactly what the authors' inference does (per-frame min-max, fp32, full frame, no masking,
        no rescaling, no tone, output clamped to [0, 1] as float32); the settings below it are then ignored.
    strength : float
        0 (input returned bit for bit) to 1 (strongest smoothing); around 0.8 the shipped model is told the contrast
        that fully developed speckle has.
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
        What the pixels are: log-compressed B-mode, envelope, or radio frequency (fast time along rows).
    dynamic_range : float
        dB kept by the log compression of envelope and RF input. Range [10, 200].
    device : {"auto", "cpu", "cuda", "mps"} or "cuda:N"
        Where the network runs.
    precision : {"auto", "fp32", "bf16", "fp16"}
        Arithmetic of the network.
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
        if not isinstance(self.model, str) or not self.model.strip():
            raise SettingsError(f"model must be the name of a shipped model or a path, got {self.model!r}.")
        _one_of("preset", self.preset, PRESETS)
        _one_of("normalize", self.normalize, NORMALIZATIONS)
        _one_of("signal", self.signal, SIGNALS)
        _one_of("precision", self.precision, PRECISIONS)
        device_kind, _, index = str(self.device).partition(":")
        if device_kind not in DEVICES or (index and (device_kind != "cuda" or not index.isdigit())):
            raise SettingsError(f"device must be one of {', '.join(DEVICES)} or cuda:N, got {self.device!r}.")
        _in_range("strength", self.strength, 0.0, 1.0)
        _in_range("gamma", self.gamma, 0.01, 5.0)
        _in_range("dynamic_range", self.dynamic_range, 10.0, 200.0)
        for name in ("tone", "mask"):
            if not isinstance(getattr(self, name), bool):
                raise SettingsError(f"{name} must be true or false, got {getattr(self, name)!r}.")
        object.__setattr__(self, "scale", _scale(self.scale))
        size = self.batch_size
        if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 1):
            raise SettingsError(f"batch_size must be a whole number of at least 1 or nothing, got {size!r}.")

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

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> DespeckleSettings:
        """Build settings from a mapping, refusing names that do not exist."""
        known = [field.name for field in fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise SettingsError(f"Unknown setting {unknown[0]!r}; known settings are {', '.join(known)}.")
        return cls(**values)

    @classmethod
    def from_json(cls, text: str) -> DespeckleSettings:
        """Build settings from :meth:`to_json`'s output."""
        return cls.from_dict(json.loads(text))


def _one_of(name: str, value: object, accepted: tuple[str, ...]) -> None:
    if value not in accepted:
        raise SettingsError(f"{name} must be one of {', '.join(accepted)}, got {value!r}.")


def _in_range(name: str, value: object, low: float, high: float) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not low <= value <= high:  # type: ignore[arg-type,operator]
        raise SettingsError(f"{name} must be a number from {low:g} to {high:g}, got {value!r}.")


def _scale(value: object) -> str | tuple[float, float]:
    if value == "auto":
        return "auto"
    factors = [value, value] if isinstance(value, (int, float)) else value
    if not isinstance(factors, (list, tuple)) or len(factors) != 2:
        raise SettingsError(f"scale must be 'auto', one number or two (rows, columns), got {value!r}.")
    for factor in factors:
        _in_range("scale", factor, MINIMUM_SCALE, MAXIMUM_SCALE)
    return (float(factors[0]), float(factors[1]))
