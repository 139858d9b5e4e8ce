"""A finished segmentation training as a model bundle with complete metadata."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ...training.progress import TrainingResult
from ...training.result import DECIMALS, check_output, summarize, versions
from ..metadata import segmentation_metadata
from ..writing import write_segmentation_model
from .trainer import DICE, SegmentationTraining

UNDECIDED = "As whoever trained it decides"
MOST_NAMED = 10


def save_segmentation_model(
    training: SegmentationTraining,
    result: TrainingResult,
    path: str | os.PathLike[str],
    name: str | None = None,
    *,
    replace: bool = False,
    **further: Any,
) -> Path:
    """Write the weights that were kept as a bundle; it appears complete or not at all.

    Parameters
    ----------
    training : SegmentationTraining
        After :meth:`SegmentationTraining.run`.
    result : TrainingResult
        What that returned.
    path : path
        Folder of the bundle.
    name : str, optional
        Of the model; the folder's name by default.
    replace : bool
        Replace a bundle that is there already.
    **further
        Fields of the metadata that shall say something else, such as ``version``, ``authors`` or ``eval_metrics``;
        ``speckle2self`` adds to this project's own section.

    Raises
    ------
    OutputError
        If the folder exists already, or cannot be written.
    """
    folder = Path(path)
    check_output(folder, replace=replace)
    metadata = trained_metadata(training, result, name or folder.name, **further)
    return write_segmentation_model(folder, training.model(metadata["name"]), metadata)


def trained_metadata(
    training: SegmentationTraining, result: TrainingResult, name: str, **further: Any
) -> dict[str, Any]:
    """Return everything that a bundle's metadata says about a training; no path, no patient data."""
    base = training.base
    how = "trained from scratch" if base is None else f"fine-tuned from {base.name!r}"
    subjects, count = training.store.subjects, len(training.store.frames)
    after = _rounded(training.dice_after(result))
    section = {
        "training": {**training.settings.to_dict(), "trained_steps": result.steps},
        "trained": {
            "stopped": result.stopped,
            "best_step": result.best_step,
            "best_validation_loss": None if result.best_loss is None else round(result.best_loss, DECIMALS),
            training.dice_name: after,
            f"{training.dice_name}_before": _rounded(training.dice_before),
            "seconds": round(result.seconds, 1),
            "device": training.team.device,
            "processes": training.team.size,
            "curves": summarize(result.curves),
            "notes": result.notes,
        },
        "subjects": {"training": subjects, "validation": training.held_out.subjects},
        "sources": {"training": training.store.sources, "validation": training.held_out.sources},
        "base": None if base is None else {"name": base.name, "version": base.version, "sha256": base.sha256},
        "versions": versions(),
        **further.pop("speckle2self", {}),
    }
    said: dict[str, Any] = {
        "version": "0.1.0",
        "description": f"U-Net, {how} on {count} frames of {len(subjects)} subject(s) by its user.",
        "data_source": _data_source(training),
        "license": str(base.metadata.get("license") or UNDECIDED) if base is not None else UNDECIDED,
        "eval_metrics": {"mean_dice": after} if after is not None and training.dice_name == DICE else {},
        **further,
    }
    said.setdefault("changelog", {said["version"]: f"{how[0].upper()}{how[1:]}, {result.steps} steps."})
    return segmentation_metadata(name, network_def=training.network_def, speckle2self=section, **said)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)


def _data_source(training: SegmentationTraining) -> str:
    sources = training.store.sources
    names = [f"{source['name']} ({source['frames']} frames)" for source in sources]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    shown = ", ".join(names[:MOST_NAMED]) + more
    return f"Given by whoever trained it: {shown}. Hashes are listed under speckle2self.sources."
