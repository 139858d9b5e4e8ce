"""Despeckle one file: source, path of the frames, sink."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..errors import InputError, OutputError
from ..files import open_sweep

if TYPE_CHECKING:
    from ..despeckler import Despeckler
    from ..frame_path.statistics import SweepStatistics


def despeckle_file(
    source: str | Path,
    target: str | Path,
    despeckler: Despeckler,
    *,
    frame_axis: int | None = None,
    frames: slice | None = None,
    stack: bool = False,
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

    Returns
    -------
    dict
        A JSON-ready report: frames, size, type, range, grain, scale, seconds.
    """
    start = time.perf_counter()
    sweep = open_sweep(source, frame_axis=frame_axis, stack=stack)
    for note in sweep.notes:
        print(f"speckle2self: {Path(source).name}: {note}", file=sys.stderr)
    indices = list(range(len(sweep.frames)))[frames or slice(None)]
    if not indices:
        raise InputError(f"No frame of {Path(source).name!r} lies in that range: it has {len(sweep.frames)} frames.")
    import numpy as np

    first = np.asarray(sweep.frames[indices[0]])
    dtype = despeckler.output_dtype(first.dtype)
    with sweep.writer(target, indices, dtype, despeckler.provenance()) as writer:
        statistics = (
            None if despeckler.published else despeckler.analyze(sweep.frames, color=sweep.color, keep=sweep.keep)
        )
        results = despeckler.stream(
            sweep.frames, color=sweep.color, keep=sweep.keep, indices=indices, statistics=statistics
        )
        for position, (_, frame) in enumerate(_with_progress(results, len(indices), Path(source).name)):
            writer.write(position, frame)
        writer.commit()
    return {
        "frames": len(indices),
        "frames_in_sweep": len(sweep.frames),
        "size": [int(length) for length in first.shape],
        "type": str(dtype),
        **_statistics_report(statistics),
        "notes": sweep.notes,
        "seconds": round(time.perf_counter() - start, 3),
    }


def check_report_place(report: Path, source: Path, target: Path) -> None:
    """Refuse a report that cannot be written, or that would overwrite the input or the output."""
    if report.is_dir() or not report.absolute().parent.is_dir():
        raise OutputError(f"The report {str(report)!r} cannot be written: its folder is missing, or it is a folder.")
    if report.absolute() in (source.absolute(), target.absolute()):
        raise OutputError(f"The report {str(report)!r} must be another file than the input and the output.")


def write_report(report: Path, results: list[dict[str, Any]], despeckler: Despeckler) -> None:
    """Write what was done as JSON, to a temporary file that is then renamed."""
    content = {
        "speckle2self": __version__,
        "settings": {key: value for key, value in despeckler.settings.to_dict().items() if key != "model"},
        "provenance": despeckler.provenance(),
        "device_reason": despeckler.engine.reason,
        "notes": despeckler.engine.notes,
        "results": results,
    }
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{report.name}-", dir=report.absolute().parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
        os.replace(temporary, report)
    except OSError as error:
        raise OutputError(f"The report {str(report)!r} cannot be written ({error.strerror}).") from error


def _with_progress(results: Iterable[Any], total: int, name: str) -> Iterator[Any]:
    """Show frames and time left on a terminal; a pipe gets nothing."""
    if not sys.stderr.isatty():
        return iter(results)
    from tqdm import tqdm

    return iter(tqdm(results, total=total, desc=name, unit="frame", file=sys.stderr))


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
