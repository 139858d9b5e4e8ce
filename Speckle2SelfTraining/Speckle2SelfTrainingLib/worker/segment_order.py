"""What a segmentation job is told, as plain values that travel to the worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from Speckle2SelfLib.frame_path.sampling import sample_indices

from ..segmentation import SegmentSettings
from ..segmentation.working_scale import sample_numbers

NEIGHBORS = 4
"""Frames on both sides that the worker gets, at least as many as segmentation looks at."""


@dataclass(frozen=True)
class SegmentOrder:
    """One segmentation.

    Parameters
    ----------
    model : str
        A shipped or trained model by name, or the path of a bundle.
    device : str
        As ``DespeckleSettings.device``.
    settings : SegmentSettings
    spacing : (float, float) or None
        Millimeters per row and per column; None where they are not known.
    """

    model: str
    device: str
    settings: SegmentSettings
    spacing: tuple[float, float] | None = None

    def needed_frames(self, count: int, indices: Sequence[int]) -> list[int]:
        """Return the frames that decide on `indices`: neighbors, and those that scale and statistics come from."""
        if len(indices) == count:
            return list(indices)
        reach = NEIGHBORS if self.settings.temporal else 0
        around = {near for index in indices for near in range(index - reach, index + reach + 1)}
        samples = {0, *sample_numbers(count), *sample_indices(count)}
        return sorted(samples | {index for index in around if 0 <= index < count})

    def to_dict(self) -> dict[str, Any]:
        """Return the order as JSON-ready values."""
        spacing = None if self.spacing is None else list(self.spacing)
        return {"model": self.model, "device": self.device, "settings": self.settings.to_dict(), "spacing": spacing}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SegmentOrder:
        """Build an order from :meth:`to_dict`'s output, which may have been JSON meanwhile."""
        return cls(
            model=values["model"],
            device=values["device"],
            settings=SegmentSettings.from_dict(values["settings"]),
            spacing=spacing_from(values["spacing"]),
        )


def spacing_from(numbers: Sequence[float] | None) -> tuple[float, float] | None:
    """Return millimeters per row and per column, which may have been JSON meanwhile, or None."""
    return None if numbers is None else (float(numbers[0]), float(numbers[1]))
