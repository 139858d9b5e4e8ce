"""Runs methods on the frames of a set, keeping the results of peers on disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .cache import ResultCache
from .frames import Gray8
from .peers import CLASSICAL, Parameters, Peer
from .sets import EvaluationSet

if TYPE_CHECKING:
    from Speckle2SelfLib.despeckler import Despeckler

Step = Callable[[str], Any]


class NotMeasuredError(Exception):
    """A method cannot run here; the text says why, beginning with "not measured"."""


class MethodRunner:
    """Runs peers and our model.

    Parameters
    ----------
    cache : ResultCache
    step : callable, optional
        Called with a line about what runs after every unit of work; what it raises ends the job.
    """

    def __init__(self, cache: ResultCache, step: Step | None = None) -> None:
        self._cache, self._step = cache, step or (lambda text: None)

    def peer(self, peer: Peer, parameters: Parameters, frames: Sequence[Gray8]) -> tuple[list[Gray8], float]:
        """Return a peer's frames and its processor time per frame in seconds.

        Raises
        ------
        NotMeasuredError
            If the peer cannot run here.
        """
        if peer.whole_set:
            if len({frame.shape for frame in frames}) > 1:
                raise NotMeasuredError("not measured: it learns from frames of one size")
            return self._kept(peer, parameters, frames)
        parts = [self._kept(peer, parameters, [frame]) for frame in frames]
        return [part[0] for part, _ in parts], float(np.mean([seconds for _, seconds in parts]))

    def ours(self, despeckler: Despeckler, evaluated: EvaluationSet, strength: float) -> tuple[list[Gray8], float]:
        """Return our model's frames at a strength, sweep by sweep, and its processor time per frame in seconds."""
        twin = despeckler.with_settings(despeckler.settings.replace(strength=strength))
        results: list[Gray8] = list(evaluated.frames)
        start = time.process_time()
        for group in evaluated.groups:
            sweep = np.stack([*(evaluated.frames[index] for index in group.indices), *group.samples])
            for position, frame in twin.stream(sweep, keep=group.keep, indices=range(len(group.indices))):
                results[group.indices[position]] = frame
                self._step(f"{evaluated.name}: our model, strength {strength:g}")
        return results, (time.process_time() - start) / len(results)

    def _kept(self, peer: Peer, parameters: Parameters, frames: Sequence[Gray8]) -> tuple[list[Gray8], float]:
        key = self._cache.key(peer, parameters, frames)
        found = self._cache.load(key)
        if found is None:
            found = _run(peer, parameters, frames)
            self._cache.store(key, *found)
        self._step(f"{peer.title} {settings_text(parameters)}")
        return found


def _run(peer: Peer, parameters: Parameters, frames: Sequence[Gray8]) -> tuple[list[Gray8], float]:
    if reason := peer.missing():
        raise NotMeasuredError(reason)
    start = time.process_time()
    try:
        results = peer.run(frames, parameters)
    except (RuntimeError, ValueError, TypeError, ImportError, AttributeError, OSError) as error:
        if peer.kind == CLASSICAL:
            raise
        # Packages that others maintain; one that fails must not cost the rest of the table.
        raise NotMeasuredError(f"not measured: {type(error).__name__} in {peer.package}") from error
    return results, (time.process_time() - start) / len(frames)


def settings_text(parameters: Parameters) -> str:
    """Return settings as short text: ``patch 9, h 0.08``."""
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.3g}" if isinstance(value, float) else f"{name.replace('_', ' ')} {value}"
        for name, value in parameters.items()
    )
