"""Leave one subject out: how well a recipe segments somebody whom it has never seen."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from Speckle2SelfLib.errors import InputError

from ...training.checkpoint import write_whole
from ..model import SegmentationModel
from ..segmenter import Segmenter
from ..settings import SegmentSettings
from .agreement import FrameAgreement, measure_agreement
from .progress import SegmentationProgress
from .settings import SegmentationTrainingSettings
from .sources import LabelledSource
from .splitting import subjects_of
from .subject_table import SubjectTable
from .trainer import SegmentationTraining

FRAMES = "frames.json"
ALONE = SegmentSettings(temporal=False)


@dataclass(frozen=True)
class FoldProgress:
    """One finished step of one training.

    Attributes
    ----------
    subject : str
        Who is left out.
    fold, folds : int
        Which training this is, from 1, and how many there are.
    training : SegmentationProgress
    """

    subject: str
    fold: int
    folds: int
    training: SegmentationProgress


def leave_one_subject_out(
    sources: Sequence[LabelledSource],
    settings: SegmentationTrainingSettings,
    folder: str | os.PathLike[str],
    progress: Callable[[FoldProgress], Any] | None = None,
    *,
    base: str | os.PathLike[str] | SegmentationModel | None = None,
    device: str = "auto",
    segment: SegmentSettings = ALONE,
    network_def: dict[str, Any] | None = None,
) -> SubjectTable:
    """Train once without each subject, and compare what its frames get with its masks.

    The last weights of every training are taken, so that the subject left out has no say in them. Subjects without a
    lumen are left out in turn together with the others, and tell the false alarms. Everything is kept in `folder`: the
    same call goes on where it was stopped.

    Parameters
    ----------
    sources : sequence of LabelledSource
        Of two subjects with a lumen at least.
    settings : SegmentationTrainingSettings
    folder : path
        Receives a folder for each subject, and the table as CSV, JSON and Markdown.
    progress : callable (FoldProgress), optional
        Called after every step; returning False stops.
    base : str, path, SegmentationModel or None
        Model to start from; its own training must not have seen the subjects for the figures to mean anything.
    device : str
    segment : SegmentSettings
        How the frames left out are segmented; by default each on its own.
    network_def : dict, optional
        Another network for trainings from scratch.

    Returns
    -------
    SubjectTable

    Raises
    ------
    InputError
        If there are fewer than two subjects, or frames cannot be trained on.
    Cancelled
        If `progress` returned False.
    """
    subjects = subjects_of([source for source in sources if not source.negative])
    negatives = subjects_of([source for source in sources if source.negative])
    if len(subjects) < 2:
        raise InputError(
            f"To leave one subject out there must be two at least, got {len(subjects)}: give frames of more subjects, "
            "each in a folder of its own."
        )
    chosen = settings.replace(keep="last", validation_share=0.0)
    rows: list[FrameAgreement] = []
    for number, subject in enumerate(subjects):
        left_out = {subject, *negatives[number :: len(subjects)]}
        training = SegmentationTraining(
            chosen,
            [source for source in sources if source.subject not in left_out],
            [],
            Path(folder) / _folder_name(subject, number),
            base,
            device,
            network_def=network_def,
        )
        tested = [source for source in sources if source.subject in left_out]
        rows += _fold(training, tested, segment, _teller(progress, subject, number + 1, len(subjects)))
    table = SubjectTable(rows, subjects)
    table.write(Path(folder))
    return table


def _fold(
    training: SegmentationTraining,
    tested: Sequence[LabelledSource],
    segment: SegmentSettings,
    progress: Callable[[SegmentationProgress], Any],
) -> list[FrameAgreement]:
    """Return the agreement on the frames left out, as it was kept or after training."""
    done, steps = training.folder / FRAMES, training.settings.steps
    how = {"segmented": segment.to_dict(), "tested": [source.name for source in tested], "steps": steps}
    if training.step == steps and done.is_file():
        kept = json.loads(done.read_text(encoding="utf-8"))
        if kept["how"] == how:
            return [FrameAgreement(**row) for row in kept["frames"]]
    training.run(progress)
    segmenter = Segmenter(training.model(), training.team.device, segment)
    rows = [row for source in tested for row in measure_agreement(segmenter, source)]
    content = {"how": how, "frames": [asdict(row) for row in rows]}
    write_whole(done, json.dumps(content, indent=1).encode())
    return rows


def _teller(
    progress: Callable[[FoldProgress], Any] | None, subject: str, fold: int, folds: int
) -> Callable[[SegmentationProgress], Any]:
    def tell(step: SegmentationProgress) -> Any:
        return None if progress is None else progress(FoldProgress(subject, fold, folds, step))

    return tell


def _folder_name(subject: str, number: int) -> str:
    return f"{number + 1:02}-" + re.sub(r"[^A-Za-z0-9._-]+", "-", subject)[:40]
