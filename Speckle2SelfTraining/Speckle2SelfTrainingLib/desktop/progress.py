"""What the panel says about a running training: what it waits for, step k of N, loss, time left; and at its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from slicer.i18n import tr as _
from Speckle2SelfLib.desktop.progress import duration

from ..worker.task import TrainingStage


def progressLine(job: Any) -> str:
    """Return one line about a running job.

    Parameters
    ----------
    job : TrainingJob
        With its stage and its last finished step.
    """
    progress = job.progress
    if job.stage is not TrainingStage.TRAINING or progress is None:
        return _waiting(job.stage)
    line = _("Step {step} of {steps}, loss {loss}").format(
        step=progress.step, steps=progress.steps, loss=f"{progress.loss:.3g}"
    )
    if progress.seconds_left is None:
        return str(line)
    return str(_("{line}, {left} left").format(line=line, left=duration(progress.seconds_left)))


def resultLine(path: Path, summary: dict[str, Any]) -> str:
    """Return what came of a training.

    Parameters
    ----------
    path : Path
        The new bundle.
    summary : dict
        Of :class:`~Speckle2SelfTrainingLib.scene.TrainingJob`.
    """
    reasons = {
        "steps": _("all {steps} steps done"),
        "minutes": _("time was up after {steps} steps"),
        "patience": _("no more improvement after {steps} steps"),
    }
    line = _("Done: model {name} ({reason}, best at step {best}). For research use only.")
    reason = reasons[summary["stopped"]].format(steps=summary["steps"])
    return str(line.format(name=path.name, reason=reason, best=summary["best_step"]))


def _waiting(stage: TrainingStage) -> str:
    texts = {
        TrainingStage.SENDING: _("Sending the frames to the worker..."),
        TrainingStage.STARTING: _("Starting the worker..."),
        TrainingStage.PREPARING: _("Measuring the sweeps and computing the first step..."),
        TrainingStage.TRAINING: _("Training..."),
        TrainingStage.SAVING: _("Saving the model..."),
    }
    return str(texts[stage])
