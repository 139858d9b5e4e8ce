"""What a segmentation training tells while it runs; imports neither numpy nor torch."""

from __future__ import annotations

from dataclasses import dataclass

from ...training.progress import TrainingProgress


@dataclass
class SegmentationProgress(TrainingProgress):
    """One finished step.

    Attributes
    ----------
    validation_dice : float or None
        Mean Dice of the held-out frames that show a lumen, at validations; ``validation_loss`` is one minus the mean
        over all held-out frames, those without a lumen counting 1 where none is found, else 0.
    learned_dice : float or None
        Where no frame is held out and a model is continued from: the Dice of the frames that are learned from.
    """

    validation_dice: float | None = None
    learned_dice: float | None = None
