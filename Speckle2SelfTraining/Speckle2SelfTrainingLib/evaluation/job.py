"""One evaluation: our model and its peers on every set, tuned where asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .brightness_measures import flicker
from .frames import Gray8
from .measuring import MeasuredMethod, measure_method
from .peers import Parameters, Peer
from .running import MethodRunner, NotMeasuredError, settings_text
from .sets import EvaluationSet
from .tuning import OURS, STRENGTHS, Tuning, TuningPoint, choose

if TYPE_CHECKING:
    from Speckle2SelfLib.despeckler import Despeckler

INPUT, TRUTH = "input", "truth"
ELSEWHERE = "made elsewhere"


@dataclass
class EvaluatedSet:
    """Everything that was measured on one set.

    Attributes
    ----------
    evaluated : EvaluationSet
    rows : list of MeasuredMethod
        Input first, then our model at each strength, results made elsewhere, peers.
    pictures : dict of str to uint8 array
        The first frame by method, for the figure.
    points : list of TuningPoint
        Of the trade-off curves.
    tuned_on : str
        What the settings of peers were chosen on; empty where they were not tuned.
    not_measured : dict of str to str
        Why, by method.
    """

    evaluated: EvaluationSet
    rows: list[MeasuredMethod] = field(default_factory=list)
    pictures: dict[str, Gray8] = field(default_factory=dict)
    points: list[TuningPoint] = field(default_factory=list)
    tuned_on: str = ""
    not_measured: dict[str, str] = field(default_factory=dict)


class Evaluation:
    """Measures methods on one set.

    Parameters
    ----------
    evaluated : EvaluationSet
    development : EvaluationSet
        Frames on which curves are drawn and settings chosen; `evaluated` itself where there are no others.
    runner : MethodRunner
    """

    def __init__(self, evaluated: EvaluationSet, development: EvaluationSet, runner: MethodRunner) -> None:
        self._set, self._development, self._runner = evaluated, development, runner
        self._tuning = Tuning(development, runner)
        self.result = EvaluatedSet(evaluated)
        self._add(INPUT, evaluated.frames)
        if evaluated.truth is not None:
            self.result.pictures[TRUTH] = evaluated.truth[0]

    def ours(self, despeckler: Despeckler, strengths: Sequence[float]) -> None:
        """Measure our model at each strength, and its curve."""
        for strength in strengths:
            self.one_strength(despeckler, strength, our_name(strength, strengths))
        self.result.points += self._tuning.strengths(despeckler)

    def one_strength(self, despeckler: Despeckler, strength: float, name: str) -> Sequence[Gray8]:
        """Measure our model at one strength under a name, and return its frames."""
        frames, seconds = self._runner.ours(despeckler, self._set, strength)
        note = f"{despeckler.model.name} {despeckler.model.version}, strength {strength:g}"
        self._add(name, frames, seconds, {"strength": strength}, note)
        return frames

    def elsewhere(self) -> None:
        """Measure the results that were made elsewhere."""
        for method, frames in self._set.results.items():
            self._add(method, frames, note=ELSEWHERE)

    def peer(self, peer: Peer, *, tune: bool) -> Sequence[Gray8]:
        """Measure a peer, after tuning it where it has a choice and `tune` says so.

        Returns
        -------
        sequence of uint8 arrays (H, W)
            Its frames; none where it cannot run here.
        """
        try:
            parameters = self._tuned(peer) if tune and len(peer.grid) > 1 else peer.default
            used = list(range(len(self._set.frames))) if peer.limit is None else list(range(self._set.count))
            used = used[: peer.limit]
            frames, seconds = self._runner.peer(peer, parameters, [self._set.frames[index] for index in used])
        except NotMeasuredError as error:
            self.result.not_measured[peer.title] = str(error)
            return []
        self._add(peer.title, frames, seconds, parameters, settings_text(parameters) or peer.settings)
        if not any(point.method == peer.title for point in self.result.points):
            row = self.result.rows[-1]
            self.result.points.append(TuningPoint(self._set.name, peer.title, dict(parameters), row.values))
        return frames

    def _tuned(self, peer: Peer) -> Parameters:
        points = self._tuning.grid(peer)
        self.result.points += points
        own = self._development is self._set
        self.result.tuned_on = "these frames" if own else f"{self._development.count} development frames"
        return choose(points).parameters

    def _add(
        self,
        method: str,
        frames: Sequence[Gray8],
        seconds: float | None = None,
        parameters: Parameters | None = None,
        note: str = "",
    ) -> None:
        count = self._set.count
        row = measure_method(method, frames[:count], self._set.frames, self._set.truth, self._set.boxes)
        values = dict(row.values)
        if self._set.flicker is not None and len(frames) == len(self._set.frames):
            indices, box = self._set.flicker
            before, after = ([sweep[index] for index in indices] for sweep in (self._set.frames, frames))
            change = flicker(after, before, box)
            values |= {} if np.isnan(change) else {"flicker": change}
        if row.frames < count:
            note = f"{note}; {row.frames} of {count} frames".lstrip("; ")
        self.result.rows.append(
            dataclasses.replace(row, values=values, seconds=seconds, parameters=dict(parameters or {}), note=note)
        )
        self.result.pictures[method] = frames[0]


def our_name(strength: float, strengths: Sequence[float]) -> str:
    """Return what our model at one of several strengths is called in tables."""
    return OURS if len(strengths) == 1 else f"{OURS} {strength:g}"


def units_of_work(
    sets: Sequence[tuple[EvaluationSet, EvaluationSet]], peers: Sequence[Peer], strengths: int, *, tune: bool
) -> int:
    """Return how many steps an evaluation reports at most, for the progress bar."""
    total = 0
    for evaluated, development in sets:
        total += strengths * len(evaluated.frames) + len(STRENGTHS) * len(development.frames)
        for peer in peers:
            measured = 1 if peer.whole_set else len(evaluated.frames[: peer.limit])
            tuned = len(peer.grid) * len(development.frames[: development.count][: peer.limit])
            total += measured + (tuned if tune and len(peer.grid) > 1 else 0)
    return total
