"""A table for frames in memory: what was despeckled, against classical filters on the same frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from Speckle2SelfLib.errors import Cancelled

from .boxes import Boxes
from .cache import ResultCache
from .frames import Gray8, Mask
from .measuring import MeasuredMethod, evaluate_frames
from .peers import choose_peers
from .running import MethodRunner, NotMeasuredError, settings_text

QUICK_PEERS = "nlm,srad,tv,curvature,median"


def compare_with_filters(
    original: Sequence[Gray8],
    results: Mapping[str, Sequence[Gray8]],
    *,
    peers: str = QUICK_PEERS,
    truth: Sequence[Gray8] | None = None,
    boxes: Sequence[Boxes] | None = None,
    valid: Mask | None = None,
    consecutive: bool = False,
    progress: Callable[[int, int], Any] | None = None,
) -> list[MeasuredMethod]:
    """Run filters at their default settings on the input of results and measure all of them.

    Parameters
    ----------
    original, results, truth, boxes, valid, consecutive
        As in :func:`~.measuring.evaluate_frames`.
    peers : str
        Names or a group, as on the command line.
    progress : callable (done, total), optional
        Called after every frame of every filter; returning False cancels.

    Returns
    -------
    list of MeasuredMethod
        The input, the results, the filters; a filter that cannot run here has no values and a note that says why.

    Raises
    ------
    InputError, SettingsError
        If frames or names do not fit.
    Cancelled
        If `progress` returned False.
    """
    chosen = choose_peers(peers)
    counter = _Counter(progress, sum(len(original[: peer.limit]) for peer in chosen))
    runner = MethodRunner(ResultCache(None), counter)
    filtered: dict[str, list[Gray8]] = {}
    notes: dict[str, str] = {}
    left_out: list[MeasuredMethod] = []
    for peer in chosen:
        try:
            filtered[peer.title], _ = runner.peer(peer, peer.default, original[: peer.limit])
            notes[peer.title] = settings_text(peer.default)
        except NotMeasuredError as error:
            left_out.append(MeasuredMethod(peer.title, 0, {}, note=str(error)))
    rows = evaluate_frames(
        original, {**results, **filtered}, truth=truth, boxes=boxes, valid=valid, consecutive=consecutive
    )
    return [dataclasses.replace(row, note=notes.get(row.method, "")) for row in rows] + left_out


class _Counter:
    """Reports finished frames and ends the job where the caller wants it."""

    def __init__(self, progress: Callable[[int, int], Any] | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def __call__(self, text: str) -> None:
        self._done += 1
        if self._progress is not None and self._progress(self._done, self._total) is False:
            raise Cancelled(f"Cancelled after {self._done} of {self._total} frames.")
