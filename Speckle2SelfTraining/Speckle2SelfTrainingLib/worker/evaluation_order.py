"""What a comparison with other filters is told, as plain values that travel to the worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..evaluation.boxes import Box, Boxes
from ..evaluation.job import INPUT, our_name
from ..evaluation.peers import PEERS, Peer


@dataclass(frozen=True)
class Method:
    """One method of a comparison; without strength and peer it is the input itself.

    Parameters
    ----------
    title : str
        In tables.
    frames : int
        How many of the compared frames it runs on: the first ones, where it takes long.
    strength : float or None
        Of our model.
    peer : Peer or None
        The filter.
    """

    title: str
    frames: int
    strength: float | None = None
    peer: Peer | None = None


@dataclass(frozen=True)
class EvaluationOrder:
    """One comparison.

    Parameters
    ----------
    model : str
        A shipped or trained model by name, or the path of a bundle.
    device : str
        As ``DespeckleSettings.device``.
    strengths : tuple of float
        Strengths of our model, each 0 to 1.
    filters : tuple of str
        Names of :data:`~Speckle2SelfTrainingLib.evaluation.PEERS`.
    frames : tuple of int
        Positions, among the frames that travel, of those that are compared; the others only say what range and picture
        area the sweep has.
    sources : tuple of str
        What the compared frames are called, for the files: nothing of the patient.
    boxes : tuple of Boxes
        Given ones for each compared frame; what is None is chosen in the worker.
    """

    model: str
    device: str
    strengths: tuple[float, ...]
    filters: tuple[str, ...]
    frames: tuple[int, ...]
    sources: tuple[str, ...]
    boxes: tuple[Boxes, ...]

    @property
    def methods(self) -> list[Method]:
        """The methods in the order in which they run; the input is the first."""
        count = len(self.frames)
        ours = [Method(our_name(one, self.strengths), count, strength=one) for one in self.strengths]
        peers = [PEERS[name] for name in self.filters]
        return [
            Method(INPUT, count),
            *ours,
            *(Method(one.title, min(count, one.limit or count), peer=one) for one in peers),
        ]

    @property
    def pictures(self) -> list[tuple[str, int]]:
        """Method and number of the frame (among those compared) of each picture that the job makes, in order."""
        return [(method.title, frame) for method in self.methods for frame in range(method.frames)]

    def to_dict(self) -> dict[str, Any]:
        """Return the order as JSON-ready values."""
        return {
            "model": self.model,
            "device": self.device,
            "strengths": list(self.strengths),
            "filters": list(self.filters),
            "frames": list(self.frames),
            "sources": list(self.sources),
            "boxes": [[one.tissue, one.lumen] for one in self.boxes],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> EvaluationOrder:
        """Build an order from :meth:`to_dict`'s output, which may have been JSON meanwhile."""
        return cls(
            model=values["model"],
            device=values["device"],
            strengths=tuple(float(one) for one in values["strengths"]),
            filters=tuple(values["filters"]),
            frames=tuple(values["frames"]),
            sources=tuple(values["sources"]),
            boxes=tuple(Boxes(_box(tissue), _box(lumen)) for tissue, lumen in values["boxes"]),
        )


def _box(numbers: Sequence[int] | None) -> Box | None:
    if numbers is None:
        return None
    row, column, height, width = (int(number) for number in numbers)
    return row, column, height, width
