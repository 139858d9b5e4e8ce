"""A segmentation training from its settings and labelled frames to its result."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfLib.precision import fastest_precision
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from ...training.loop import Loop
from ...training.placing import placed
from ...training.progress import CurveRow, TrainingProgress, TrainingResult
from ...training.resumable import ResumableTraining, Validation
from ..model import SegmentationModel
from ..needs import needs_monai
from ..reading import load_segmentation_model
from ..recipe import default_network_def, learning_rate, make_network
from ..recipe.network import side_multiple
from .batches import LabelledBatches
from .held_out import HeldOutFrames
from .objective import SegmentationObjective
from .progress import SegmentationProgress
from .settings import SegmentationTrainingSettings
from .sources import LabelledSource
from .splitting import check_subjects
from .store import check_lumen, load_labelled

WORSE = 0.005
DICE, LEARNED_DICE = "validation_dice", "learned_dice"
ADVICE = "look at what the new model finds before you use it, or correct more frames"


class SegmentationTraining(ResumableTraining[SegmentationTrainingSettings, SegmentationProgress]):
    """A training that goes on from its folder, if it was stopped there.

    Parameters
    ----------
    settings : SegmentationTrainingSettings
    training_sources, validation_sources : sequences of LabelledSource
        As :func:`~.splitting.split_by_subject` returns them; none to validate on where the settings keep the last
        weights.
    folder : path
        Receives checkpoints, curves and settings.
    base : str, path, SegmentationModel or None
        Model to start from: "carotid", another known model, or a bundle; None starts anew.
    device : str
        "auto", "cpu", "cuda", "cuda:N" or "mps".
    network_def : dict, optional
        Another network for a training from scratch.
    notes : sequence of str
        Sentences about the split, to be told with the result.

    Attributes
    ----------
    dice_before : float or None
        Mean Dice of the base, as :attr:`dice_name` says on which frames, once training has begun; None without a base.

    Raises
    ------
    InputError
        If frames cannot be trained on, or the folder holds another training.
    SettingsError
        If settings do not fit each other, the base or the device.
    ModelError, DeviceError, DependencyError, OutputError
    """

    def __init__(
        self,
        settings: SegmentationTrainingSettings,
        training_sources: Sequence[LabelledSource],
        validation_sources: Sequence[LabelledSource],
        folder: str | os.PathLike[str],
        base: str | os.PathLike[str] | SegmentationModel | None = None,
        device: str = "auto",
        *,
        network_def: dict[str, Any] | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        with needs_monai():
            import monai  # noqa: F401 - here, so that its absence is said before anything is read or made
        self.base = load_segmentation_model(base) if isinstance(base, (str, os.PathLike)) else base
        _check(settings, training_sources, validation_sources, self.base)
        self.network_def = self.base.network_def if self.base is not None else network_def or default_network_def()
        super().__init__(settings, Path(folder), device)
        self.dice_before: float | None = None
        self.store = load_labelled(training_sources, settings.maximum_frames)
        check_lumen(self.store)
        self.held_out = load_labelled(validation_sources, settings.maximum_frames, self.store.owners)
        if validation_sources and not self.held_out.frames and settings.keep == "best":
            raise InputError("No frame is left to validate on: all held-out ones are trained on, too.")
        self.notes += [*notes, *self.store.notes, *self.held_out.notes]
        self.loop = self._new_loop()
        # Without held-out frames, those that are learned from show at least whether corrections are taken up.
        self._shown = self.store if self.base is not None and not self.held_out.frames else self.held_out
        multiple = side_multiple(self.network_def)
        self._watched = HeldOutFrames(self._shown, settings, self.team.device, multiple)
        self._resume()

    def run(self, progress: Callable[[SegmentationProgress], Any] | None = None) -> TrainingResult:
        """Train to the end; after a model that was continued from, a note says how the Dice changed."""
        result = super().run(progress)
        after = self.dice_after(result)
        if self.dice_before is None or after is None:
            return result
        change = f"from {self.dice_before:.3f} to {after:.3f}"
        if self._shown is self.store:
            note = f"The Dice of the {len(self.store.frames)} frames learned from went {change}; none is held out."
        elif after < self.dice_before - WORSE:
            note = f"The Dice of the held-out frames fell {change}: {ADVICE}."
        else:
            note = f"The Dice of the held-out frames went {change}."
        return replace(result, notes=[*result.notes, note])

    @property
    def dice_name(self) -> str:
        """Column of the curves: the mean Dice of held-out frames, or of those learned from where none is held out."""
        return DICE if self._shown is self.held_out else LEARNED_DICE

    def dice_after(self, result: TrainingResult) -> float | None:
        """Return the Dice of :attr:`dice_name` with the weights that were kept; None where no frame has a lumen."""
        if result.best_step == 0:
            return self.dice_before
        found = [row.get(self.dice_name) for row in result.curves if row["step"] == result.best_step]
        return found[-1] if found else None

    def model(self, name: str = "unsaved") -> SegmentationModel:
        """Return the model with the weights to be saved.

        Raises
        ------
        InputError
            If there was no validation yet.
        """
        return SegmentationModel.unsaved(self.best_network(), self.network_def, name)

    def _begin(self) -> None:
        """Look at the base model first: what does not get better than it is not saved."""
        if self.base is not None:
            self.dice_before = self._validate().figures.get(self.dice_name)

    def _more_state(self) -> dict[str, Any]:
        return {"dice_before": self.dice_before}

    def _restore_more(self, state: dict[str, Any]) -> None:
        self.dice_before = state["dice_before"]

    def _validation(self) -> Validation:
        validation = self._watched.validate(self.loop)
        if self._shown is self.held_out:
            return validation
        dice = validation.figures.get(DICE)
        return Validation(None, validation.preview, {} if dice is None else {LEARNED_DICE: dice})

    def _is_best(self, loss: float | None) -> bool:
        return self.settings.keep == "last" or super()._is_best(loss)

    def _identity(self) -> dict[str, tuple[str, str]]:
        network = hashlib.sha256(json.dumps(self.network_def, sort_keys=True).encode()).hexdigest()
        return {
            "frames": (self.store.digest, "other frames or masks"),
            "held_out": (self.held_out.digest, "other held-out frames or masks"),
            "network_def": (network, "another network"),
            "base": (self._base_digest(), "another base"),
        }

    def _base_digest(self) -> str:
        if self.base is None:
            return ""
        digest = hashlib.sha256()
        for name, value in sorted(self.base.state.items()):
            digest.update(name.encode() + value.contiguous().numpy().tobytes())
        return self.base.sha256 or digest.hexdigest()

    def _start_network(self) -> nn.Module:
        if self.base is not None:
            return self.base.network()
        torch.manual_seed(self.settings.seed)
        with needs_monai():
            return make_network(self.network_def)

    def _told(self, told: TrainingProgress, row: CurveRow) -> SegmentationProgress:
        return SegmentationProgress(**vars(told), validation_dice=row.get(DICE), learned_dice=row.get(LEARNED_DICE))

    def _new_loop(self) -> Loop:
        settings, device = self.settings, self.team.device
        network = placed(self._start_network(), device).train()
        if settings.freeze_norm:
            for module in network.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        anchor = placed(self.base.network(), device) if self.base is not None else None
        objective = SegmentationObjective(anchor, settings.base_weight)
        batches = LabelledBatches(self.store, settings, device)
        optimizer = torch.optim.AdamW(network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
        rate = partial(learning_rate, steps=settings.steps, highest=settings.learning_rate)
        if settings.precision == "auto":
            settings = settings.replace(precision=fastest_precision(device))
        anchored = None if anchor is None else anchor.state_dict()
        return Loop(network, objective, batches, settings, self.team, optimizer, rate, anchored, settings.blend)


def _check(
    settings: SegmentationTrainingSettings,
    training_sources: Sequence[LabelledSource],
    validation_sources: Sequence[LabelledSource],
    base: SegmentationModel | None,
) -> None:
    if not training_sources:
        raise InputError("There are no frames to train on: give images with masks.")
    if not validation_sources and settings.keep == "best":
        raise InputError(
            "Without frames to validate on, no weights can be the best: hold some out, or set keep to 'last'."
        )
    check_subjects(training_sources, validation_sources)
    if base is None and (settings.base_weight or settings.blend < 1 or settings.freeze_norm):
        raise SettingsError(
            "base_weight, blend and freeze_norm need a model to start from: give one, or set them 0, 1 and false."
        )
