"""What a training of a segmentation model is told, as plain values that travel to the worker process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from ..segmentation.training import SegmentationTrainingSettings
from .order import ModelOrder, SweepFile
from .segment_order import spacing_from


@dataclass(frozen=True)
class LabelledFiles:
    """Labelled frames in files of the job's folder.

    Parameters
    ----------
    frames : SweepFile
        The pictures; its name is for messages and metadata: nothing of the patient.
    masks : SweepFile
        As many, uint8 (N, H, W): 0 background, 1 lumen, 255 not labelled.
    subject : str
        Whose frames these are, for example "subject 1": nothing of the patient.
    spacing : (float, float) or None
        Millimeters per row and column, where known.
    """

    frames: SweepFile
    masks: SweepFile
    subject: str
    spacing: tuple[float, float] | None = None

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> LabelledFiles:
        """Build it from its fields, which may have been JSON meanwhile."""
        frames, masks = (SweepFile.from_dict(values[name]) for name in ("frames", "masks"))
        return cls(frames, masks, str(values["subject"]), spacing_from(values["spacing"]))


@dataclass(frozen=True, kw_only=True)
class SegmentationTrainingOrder(ModelOrder):
    """One training of a segmentation model.

    Parameters
    ----------
    settings : SegmentationTrainingSettings
    sources : list of LabelledFiles
        What to train on.
    validation : list of LabelledFiles
        What to validate on; empty holds out what the settings say.
    base, device, name, zipped
        As of :class:`ModelOrder`.
    """

    settings: SegmentationTrainingSettings
    sources: list[LabelledFiles]
    validation: list[LabelledFiles] = field(default_factory=list)
    base: str | None = "carotid"
    name: str = "corrected"

    @property
    def files(self) -> list[SweepFile]:
        """The files to write before the job is sent, in order: frames and masks of each source in turn."""
        both = [*self.sources, *self.validation]
        return [file for source in both for file in (source.frames, source.masks)]

    def to_dict(self) -> dict[str, Any]:
        """Return the order as JSON-ready values."""
        values = self.model_values()
        values["settings"] = self.settings.to_dict()
        values["sources"] = [asdict(source) for source in self.sources]
        values["validation"] = [asdict(source) for source in self.validation]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SegmentationTrainingOrder:
        """Build an order from :meth:`to_dict`'s output, which may have been JSON meanwhile."""
        return cls(
            settings=SegmentationTrainingSettings.from_dict(values["settings"]),
            sources=_labelled(values["sources"]),
            validation=_labelled(values["validation"]),
            **cls.model_fields(values),
        )


def _labelled(values: Iterable[dict[str, Any]]) -> list[LabelledFiles]:
    return [LabelledFiles.from_dict(source) for source in values]
