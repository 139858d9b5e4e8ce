"""Segment every sweep of a folder into another folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from Speckle2SelfLib.archive.means import Means
from Speckle2SelfLib.archive.order import Archive
from Speckle2SelfLib.archive.outcome import Outcome
from Speckle2SelfLib.archive.run import run_archive
from Speckle2SelfLib.commands.run_folder import check_folders
from Speckle2SelfLib.errors import SettingsError

from ..labels import LUMEN
from .label_output import LABEL_SUFFIXES
from .segment_job import LoadedSegmenting, SegmentOptions
from .segment_orders import segment_orders

if TYPE_CHECKING:
    from ..segmenter import Segmenter

FORMATS = (*LABEL_SUFFIXES, ".seq.nrrd", ".igs.nrrd", ".igs.mha")


def segment_folder(
    source: Path,
    target: Path,
    segmenter: Segmenter,
    *,
    suffix: str | None = None,
    frame_axis: int | None = None,
    frames: slice | None = None,
    spacing: tuple[float, float] | None = None,
    label: int = LUMEN,
    means: Means | None = None,
    keep: bool = True,
) -> Outcome:
    """Segment the files of a folder that are not finished yet; what fails is said at once and listed at the end.

    Files called like masks (``NAME_mask.png``, ``NAME.seg.nrrd``) are left out.

    Parameters
    ----------
    source, target : Path
        The folders.
    segmenter : Segmenter
    suffix : str, optional
        What to write of every file; left out, label maps in the format of the file, or ``.nrrd``, ``.seq.nrrd`` or
        ``.png`` where that format holds no label maps.
    frame_axis, frames, spacing, label
        As of :func:`.run_file.segment_file`.
    means : Means, optional
        Who does the files.
    keep : bool
        Keep the report of every file.

    Returns
    -------
    Outcome
        With one report per file, with ``error`` where it failed.

    Raises
    ------
    InputError
        If the folder holds nothing that can be read.
    OutputError
        If the output is a file, is or lies inside the input folder, or another command works on it.
    SettingsError, WorkerError, DependencyError
        If processes or a cluster cannot do the work.
    """
    check_folders(source, target)
    if suffix is not None and suffix not in FORMATS:
        raise SettingsError(f"--format must be one of {', '.join(FORMATS)}, got {suffix!r}.")
    means = means or Means()
    job = LoadedSegmenting(segmenter, SegmentOptions(suffix, frame_axis, frames, spacing, label))
    archive = Archive(source, target, job.made_with, means.redo)
    orders = partial(segment_orders, archive, suffix)
    return run_archive(orders, target, job, means, Outcome(keep=keep, name="segment"))
