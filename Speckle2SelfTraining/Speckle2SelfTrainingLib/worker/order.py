"""What a training job is told, as plain values that travel to the worker process."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ..training import TrainingSettings

BUNDLE = "bundle"
ARCHIVE = "bundle.zip"


@dataclass(frozen=True)
class SweepFile:
    """The frames of one sweep in a file of the job's folder.

    Parameters
    ----------
    name : str
        For messages and metadata: nothing of the patient.
    file : str
        Name of the frame file.
    shape : tuple of int
        (N, H, W), or (N, H, W, C) for color.
    dtype : str
        numpy's name of the type with byte order, e.g. ``"<u2"``.
    color : bool
        Whether the last axis is RGB or RGBA.
    """

    name: str
    file: str
    shape: tuple[int, ...]
    dtype: str
    color: bool

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SweepFile:
        """Build it from its fields, which may have been JSON meanwhile."""
        return cls(**{**values, "shape": tuple(values["shape"])})


@dataclass(frozen=True)
class TrainingOrder:
    """One training.

    Parameters
    ----------
    settings : TrainingSettings
    sweeps : list of SweepFile
        What to train on.
    validation : list of SweepFile
        What to validate on; empty holds out a part of ``sweeps``.
    base : str or None
        Model to start from; None starts from scratch.
    device : str
        As ``DespeckleSettings.device``.
    name : str
        Name of the new model.
    zipped : bool
        Whether the bundle shall be one zip file.
    """

    settings: TrainingSettings
    sweeps: list[SweepFile]
    validation: list[SweepFile] = field(default_factory=list)
    base: str | None = None
    device: str = "auto"
    name: str = "adapted"
    zipped: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the order as JSON-ready values."""
        values = {name: getattr(self, name) for name in ("base", "device", "name", "zipped")}
        values["settings"] = self.settings.to_dict()
        values["sweeps"] = [asdict(sweep) for sweep in self.sweeps]
        values["validation"] = [asdict(sweep) for sweep in self.validation]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TrainingOrder:
        """Build an order from :meth:`to_dict`'s output, which may have been JSON meanwhile."""
        return cls(
            settings=TrainingSettings.from_dict(values["settings"]),
            sweeps=[SweepFile.from_dict(sweep) for sweep in values["sweeps"]],
            validation=[SweepFile.from_dict(sweep) for sweep in values["validation"]],
            **{name: values[name] for name in ("base", "device", "name", "zipped")},
        )
