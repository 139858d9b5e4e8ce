"""What a training tells while it runs and when it ends; imports neither numpy nor torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Preview = tuple[NDArray[np.uint8], NDArray[np.uint8]]

CurveRow = dict[str, float | None]


@dataclass
class TrainingProgress:
    """One finished step.

    Attributes
    ----------
    step, steps : int
        Steps done, counted over all runs of this training, and steps to do.
    loss, reconstruction, consistency : float
        Of this step's batch; a term that the settings leave out is 0.
    validation_loss : float or None
        At validations, else None.
    seconds_left : float or None
        None until it can be told.
    preview : (uint8 (H, W), uint8 (H, W)) or None
        A held-out frame before and after, at validations.
    notes : list of str
        Sentences for the user about what happened on the way (batch halved); complete in every report.
    """

    step: int
    steps: int
    loss: float
    reconstruction: float
    consistency: float
    validation_loss: float | None = None
    seconds_left: float | None = None
    preview: Preview | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class TrainingResult:
    """A finished training.

    Attributes
    ----------
    steps : int
        Steps done.
    best_step : int
        Step whose weights validated best; these are what is saved.
    best_loss : float or None
        Their validation loss.
    stopped : {"steps", "patience", "minutes"}
    seconds : float
        Over all runs of this training.
    curves : list of dict
        One row per step: step, loss, its terms, validation_loss (None between validations), learning_rate, seconds.
    notes : list of str
        Sentences for the user.
    folder : Path
        Holds ``curves.csv``, ``curves.png``, the checkpoints and the TensorBoard log.
    """

    steps: int
    best_step: int
    best_loss: float | None
    stopped: str
    seconds: float
    curves: list[CurveRow]
    notes: list[str]
    folder: Path


Progress = Callable[[TrainingProgress], Any]
