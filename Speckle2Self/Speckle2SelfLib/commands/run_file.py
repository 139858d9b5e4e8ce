"""Despeckle one file: source, path of the frames, sink."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .. import __version__
from ..files import open_sweep
from .frame_range import chosen_frames
from .progress_bar import with_progress
from .report import publish_report

if TYPE_CHECKING:
    from ..despeckler import Despeckler
    from ..files import Sweep, SweepWriter
    from ..frame_path.frames import Frame
    from ..frame_path.statistics import SweepStatistics

MACHINE_SETTINGS = ("device", "precision", "batch_size")


class Watch(Protocol):
    """Whoever keeps a record of a file while it is despeckled; what it raises ends the file."""

    def opened(self, sweep: Sweep, writer: SweepWriter) -> None:
        """Take note of what is about to be done."""

    def wrote(self, position: int, frame: Frame) -> None:
        """Take note of a frame that was given to the writer."""

    def computed(self, report: dict[str, Any]) -> None:
        """Take note, before the output appears, that all frames were given to the writer."""


def despeckle_file(
    source: str | Path,
    target: str | Path,
    despeckler: Despeckler,
    *,
    frame_axis: int | None = None,
    frames: slice | None = None,
    stack: bool = False,
    watch: Watch | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Despeckle a file into another one, which appears complete or not at all.

    Parameters
    ----------
    source, target : path
    despeckler : Despeckler
    frame_axis : int, optional
        Array axis of a volume that counts frames.
    frames : slice, optional
        Frames to despeckle and write; statistics come from the whole sweep all the same.
    stack : bool
        `source` is a folder whose images are the frames of one sweep.
    watch : Watch, optional
        Notes for the user are left to whoever keeps the record, who finds them in the report.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    dict
        A JSON-ready report: frames, size, type, range, grain, scale, notes, seconds.
    """
    start = time.perf_counter()
    sweep = open_sweep(source, frame_axis=frame_axis, stack=stack)
    for note in sweep.notes if watch is None else []:
        print(f"speckle2self: {Path(source).name}: {note}", file=sys.stderr)
    indices = chosen_frames(frames, len(sweep.frames), Path(source).name)
    import numpy as np

    first = np.asarray(sweep.frames[indices[0]])
    dtype = despeckler.output_dtype(first.dtype)
    with sweep.writer(target, indices, dtype, despeckler.provenance()) as writer:
        if watch is not None:
            watch.opened(sweep, writer)
        statistics = (
            None if despeckler.published else despeckler.analyze(sweep.frames, color=sweep.color, keep=sweep.keep)
        )
        familiarity = despeckler.familiarity()
        results = despeckler.stream(
            sweep.frames,
            color=sweep.color,
            keep=sweep.keep,
            indices=indices,
            statistics=statistics,
            familiarity=familiarity,
        )
        if progress:
            results = with_progress(results, len(indices), Path(source).name)
        for position, (_, frame) in enumerate(results):
            writer.write(position, frame)
            if watch is not None:
                watch.wrote(position, frame)
        report = {
            "frames": len(indices),
            "frames_in_sweep": len(sweep.frames),
            "size": [int(length) for length in first.shape],
            "type": str(dtype),
            **_statistics_report(statistics),
            "notes": [*sweep.notes, *familiarity.notes()],
            "seconds": round(time.perf_counter() - start, 3),
        }
        if watch is not None:
            watch.computed(report)
        writer.commit()
    for note in familiarity.notes() if watch is None else []:
        print(f"speckle2self: {Path(source).name}: {note}", file=sys.stderr)
    return {**report, "seconds": round(time.perf_counter() - start, 3)}


def write_report(report: Path, results: list[dict[str, Any]], despeckler: Despeckler) -> None:
    """Write what was done as JSON; the file appears complete or not at all.

    Of a folder it holds the relative names of the files, as the results themselves do, and no folder of the machine.
    """
    settings = despeckler.settings.to_dict()
    content = {
        "speckle2self": __version__,
        "settings": {name: settings[name] for name in (*despeckler.settings.applied, *MACHINE_SETTINGS)},
        "provenance": despeckler.provenance(),
        "device_reason": despeckler.engine.reason,
        "notes": despeckler.engine.notes,
        "results": results,
    }
    publish_report(report, content)


def _statistics_report(statistics: SweepStatistics | None) -> dict[str, Any]:
    if statistics is None:
        return {}
    filtered = 1.0 if statistics.valid is None else float(statistics.valid.mean())
    return {
        "range": [statistics.low, statistics.high],
        "grain": statistics.grain,
        "scale": statistics.scale,
        "filtered_share": round(filtered, 4),
    }
