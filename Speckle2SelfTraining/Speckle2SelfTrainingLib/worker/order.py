"""What a training job is told, as plain values that travel to the worker process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
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


@dataclass(frozen=True, kw_only=True)
class ModelOrder:
    """What all orders for a new model have.

    Parameters
    ----------
    base : str or None
        Model to start from; None starts from scratch.
    device : str
        As ``DespeckleSettings.device``.
    name : str
        Name of the new model.
    zipped : bool
        Whether the bundle shall be one zip file.
    """

    base: str | None = None
    device: str = "auto"
    name: str = "adapted"
    zipped: bool = False

    def model_values(self) -> dict[str, Any]:
        """Return these fields as JSON-ready values."""
        return {entry.name: getattr(self, entry.name) for entry in fields(ModelOrder)}

    @staticmethod
    def model_fields(values: Mapping[str, Any]) -> dict[str, Any]:
        """Return these fields of an order that may have been JSON meanwhile."""
        return {entry.name: values[entry.name] for entry in fields(ModelOrder)}


@dataclass(frozen=True, kw_only=True)
class TrainingOrder(ModelOrder):
    """One training.

    Parameters
    ----------
    settings : TrainingSettings
    sweeps : list of SweepFile
        What to train on.
    validation : list of SweepFile
        What to validate on; empty holds out a part of ``sweeps``.
    base, device, name, zipped
        As of :class:`ModelOrder`.
    """

    settings: TrainingSettings
    sweeps: list[SweepFile]
    validation: list[SweepFile] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return the order as JSON-ready values."""
        values = self.model_values()
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
            **cls.model_fields(values),
        )
