"""A despeckling training from its settings and sweeps to its result."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from Speckle2SelfLib.bundle import Bundle, load_bundle
from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfLib.precision import fastest_precision

from .base import start_network
from .batches import CropBatches
from .held_out import HeldOut
from .loop import Loop
from .objective import SelfSupervision
from .placing import trainable
from .progress import CurveRow, TrainingProgress
from .resumable import ResumableTraining, Validation
from .schedule import learning_rate
from .settings import TrainingSettings
from .sources import FrameSource, with_pairs
from .splitting import refuse_shared
from .store import load_frames
from .teacher import Teacher


class Training(ResumableTraining[TrainingSettings, TrainingProgress]):
    """A training that goes on from its folder, if it was stopped there.

    Parameters
    ----------
    settings : TrainingSettings
    training_sources, validation_sources : sequences of FrameSource
        As :func:`split_sources` returns them.
    folder : Path
        Receives checkpoints, curves and settings.
    base : str, path, Bundle or None
        Model to start from: a shipped bundle, a bundle folder or zip, or an authors' ``.pth``; None starts anew.
    device : str
        "auto", "cpu", "cuda", "cuda:N" or "mps".

    Raises
    ------
    InputError
        If frames cannot be trained on, or the folder holds another training.
    SettingsError
        If settings do not fit each other, the base or the device.
    ModelError, DeviceError, OutputError
    """

    def __init__(
        self,
        settings: TrainingSettings,
        training_sources: Sequence[FrameSource],
        validation_sources: Sequence[FrameSource],
        folder: str | os.PathLike[str],
        base: str | os.PathLike[str] | Bundle | None = None,
        device: str = "auto",
    ) -> None:
        if not training_sources or not validation_sources:
            raise InputError("A training needs at least one sweep to train on and one to validate on.")
        self.base = load_bundle(base) if isinstance(base, (str, os.PathLike)) else base
        _check_teacher(settings, self.base)
        super().__init__(settings, Path(folder), device)
        grain_range = self.base.grain_range if self.base is not None else None
        if settings.supervised_weight:
            training_sources, validation_sources = with_pairs(
                training_sources, validation_sources, settings.simulated_frames
            )
        self.store = load_frames(training_sources, settings, grain_range, settings.maximum_frames)
        self.held_out = load_frames(validation_sources, settings, grain_range, settings.maximum_frames)
        for source in self.held_out.sources:
            hashes = [key for key, name in self.held_out.owners.items() if name == source["name"]]
            refuse_shared(source["name"], hashes, self.store.owners)
        self.notes += self.store.notes
        self.loop = self._new_loop()
        self._held_out = HeldOut(self.held_out, settings, self.team.device, self.strongest)
        self._resume()

    @property
    def strongest(self) -> float | None:
        """Largest condition that the network knows; None where it takes none."""
        if self.base is not None:
            return self.base.strongest
        return 1.0 if self.settings.network["conditioned"] else None

    def _validation(self) -> Validation:
        return Validation(self._held_out.loss(self.loop), self._held_out.preview(self.loop))

    def _identity(self) -> dict[str, tuple[str, str]]:
        return {
            "frames": (self.store.digest, "other frames"),
            "held_out": (self.held_out.digest, "other held-out frames"),
            "base": (self.base.sha256 if self.base is not None else "", "another base"),
        }

    def _start_network(self) -> torch.nn.Module:
        return start_network(self.settings, self.base)[0]

    def _told(self, told: TrainingProgress, row: CurveRow) -> TrainingProgress:
        return told

    def _new_loop(self) -> Loop:
        network, notes = start_network(self.settings, self.base)
        self.notes += notes
        teacher = None
        if self.base is not None and (self.settings.teacher_weight or self.settings.remix_weight):
            teacher = Teacher(trainable(self.base.network(), self.team.device), self.settings.teacher_views)
        objective = SelfSupervision(self.settings, self.strongest, teacher)
        batches = CropBatches(self.store, self.settings, self.team.device)
        if batches.crop < self.settings.crop:
            self.notes.append(f"No frame is as large as {self.settings.crop}: crops of {batches.crop} are used.")
        network = trainable(network, self.team.device)
        settings, rate = self.settings, partial(learning_rate, settings=self.settings)
        optimizer = torch.optim.Adam(network.parameters(), settings.learning_rate, betas=settings.betas, fused=True)
        if settings.precision == "auto":
            settings = settings.replace(precision=fastest_precision(self.team.device))
        return Loop(network, objective, batches, settings, self.team, optimizer, rate)


def _check_teacher(settings: TrainingSettings, base: Bundle | None) -> None:
    if base is None and (settings.teacher_weight or settings.remix_weight):
        raise SettingsError(
            "A teacher needs a model to start from: give one, or set teacher_weight and remix_weight 0."
        )
