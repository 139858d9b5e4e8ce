"""Chooses the setting of every peer from its grid, so that none is compared below its best.

With truth: the setting of the best mean PSNR on development frames, which are simulated like the benchmark set but
from another seed. Without: of the settings that keep at least 0.93 of the edges at sigma 3 and 0.82 at sigma 1 the one
of the largest ENL, on the frames themselves; where none keeps so much, the one that comes closest to both. That favors
the peers: our own strength is never tuned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .measuring import FrameMeasures, mean_values
from .peers import Peer
from .running import MethodRunner
from .sets import EvaluationSet

if TYPE_CHECKING:
    from Speckle2SelfLib.despeckler import Despeckler

EDGES_WANTED = {"edges_3": 0.93, "edges_1": 0.82}
STRENGTHS = (0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
OURS = "Speckle2Self"


@dataclass(frozen=True)
class TuningPoint:
    """One setting of one method on the frames that settings are chosen on.

    Attributes
    ----------
    evaluated : str
        Name of the set.
    method : str
    parameters : dict
    values : dict of str to float
        Mean measures, as in :mod:`.measuring`.
    """

    evaluated: str
    method: str
    parameters: dict[str, Any]
    values: dict[str, float] = field(default_factory=dict)


class Tuning:
    """Runs grids on the frames of one set.

    Parameters
    ----------
    frames : EvaluationSet
        Development frames.
    runner : MethodRunner
    """

    def __init__(self, frames: EvaluationSet, runner: MethodRunner) -> None:
        self._set, self._runner = frames, runner
        self._measures = [
            FrameMeasures(
                frames.frames[index], None if frames.truth is None else frames.truth[index], frames.boxes[index]
            )
            for index in range(frames.count)
        ]

    def grid(self, peer: Peer) -> list[TuningPoint]:
        """Measure every setting of a peer's grid.

        Raises
        ------
        NotMeasuredError
            If the peer cannot run here.
        """
        frames = self._set.frames[: self._set.count][: peer.limit]
        points = []
        for parameters in peer.grid:
            results, _ = self._runner.peer(peer, parameters, frames)
            points.append(self._point(peer.title, dict(parameters), results))
        return points

    def strengths(self, despeckler: Despeckler, strengths: Sequence[float] = STRENGTHS) -> list[TuningPoint]:
        """Measure our model over its strength, for the curve."""
        points = []
        for strength in strengths:
            results, _ = self._runner.ours(despeckler, self._set, strength)
            points.append(self._point(OURS, {"strength": strength}, results[: self._set.count]))
        return points

    def _point(self, method: str, parameters: dict[str, Any], results: Sequence[Any]) -> TuningPoint:
        measured = [self._measures[index].of(frame) for index, frame in enumerate(results)]
        return TuningPoint(self._set.name, method, parameters, mean_values(measured))


def choose(points: Sequence[TuningPoint]) -> TuningPoint:
    """Return the point that a method is measured with; see the module."""
    if "psnr" in points[0].values:
        return max(points, key=lambda point: point.values["psnr"])
    return max(points, key=_worth)


def _worth(point: TuningPoint) -> tuple[float, float]:
    """Order settings by edges up to what is wanted, then by ENL (or by homogeneity where there is no box)."""
    kept = min(point.values.get(name, 0.0) / wanted for name, wanted in EDGES_WANTED.items())
    smooth = point.values.get("enl", point.values["homogeneity"])
    return (min(kept, 1.0), smooth)
