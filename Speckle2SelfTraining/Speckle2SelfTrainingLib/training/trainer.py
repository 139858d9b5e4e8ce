"""A training from its settings and sweeps to its result; it can be stopped at any moment and goes on exactly."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from Speckle2SelfLib.bundle import Bundle, load_bundle
from Speckle2SelfLib.errors import Cancelled, InputError, OutputError, SettingsError
from Speckle2SelfLib.files.output_place import writing_to
from Speckle2SelfLib.network import SpeckleNetwork

from .base import start_network
from .batches import CropBatches
from .checkpoint import BEST, LAST, load_checkpoint, remove_leftovers, save_checkpoint, write_whole
from .curves import Curves
from .distributed import Team
from .held_out import HeldOut
from .loop import Loop
from .objective import SelfSupervision
from .progress import CurveRow, Progress, TrainingProgress, TrainingResult
from .settings import TrainingSettings
from .sources import FrameSource, with_pairs
from .splitting import refuse_shared
from .store import load_frames
from .teacher import Teacher

if TYPE_CHECKING:
    from .progress import Preview

SETTINGS = "settings.json"
# What may differ between a training and its continuation.
CONTINUABLE = ("steps", "minutes", "patience", "validate_every", "save_every")
GO_ON, CANCEL, OUT_OF_TIME, OUT_OF_PATIENCE = range(4)
RECENT = 20


class Training:
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
        self.settings, self.folder = settings, Path(folder)
        self.team = Team.join(device)
        self.base = load_bundle(base) if isinstance(base, (str, os.PathLike)) else base
        _check_teacher(settings, self.base)
        _make_folder(self.folder)
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
        self.notes: list[str] = [*self.store.notes]
        self.loop = self._new_loop()
        self._held_out = HeldOut(self.held_out, settings, self.team.device, self.strongest)
        self._best: tuple[int, float | None] = (0, None)
        self._waited, self._seconds = 0, 0.0
        self._curves: Curves | None = None
        self._rows: list[CurveRow] = []
        self._resume()

    @property
    def strongest(self) -> float | None:
        """Largest condition that the network knows; None where it takes none."""
        if self.base is not None:
            return self.base.strongest
        return 1.0 if self.settings.network["conditioned"] else None

    @property
    def step(self) -> int:
        """Steps done, in this and in earlier runs."""
        return self.loop.step

    def run(self, progress: Progress | None = None) -> TrainingResult:
        """Train to the end.

        Parameters
        ----------
        progress : callable (TrainingProgress), optional
            Called after every step; returning False stops.

        Raises
        ------
        Cancelled
            If `progress` returned False; a checkpoint was saved.
        OutputError
            If the disk is full; the last checkpoint is still there.
        """
        if self.team.leads:
            write_whole(self.folder / SETTINGS, self.settings.to_json().encode())
            self._curves = Curves(self.folder, self._rows)
        try:
            stopped = self._run(progress)
        finally:
            if self._curves is not None:
                self._curves.close()
        best, loss = self._best
        return TrainingResult(self.step, best, loss, stopped, self._seconds, self._rows, self._all_notes(), self.folder)

    def best_network(self) -> torch.nn.Module:
        """Return the network with the weights that validated best.

        Raises
        ------
        InputError
            If there was no validation yet.
        """
        state = load_checkpoint(self.folder / BEST)
        if state is None:
            raise InputError("The training has not been validated yet: let it run first.")
        network = start_network(self.settings, self.base)[0]
        network.load_state_dict(state["network"])
        return network.eval()

    def _run(self, progress: Progress | None) -> str:
        steps, recent = self.settings.steps, list[float]()
        decision = OUT_OF_PATIENCE if self._impatient() else GO_ON
        while self.step < steps and decision == GO_ON:
            start = time.perf_counter()
            losses = self.loop.advance()
            validated = self._validate() if self._is_validation() else None
            recent = [*recent[1 - RECENT :], time.perf_counter() - start]
            self._seconds += recent[-1]
            decision = self._report(losses, validated, recent, progress)
            if self.step % self.settings.save_every == 0 or validated or decision != GO_ON or self.step == steps:
                self._save()
        if decision == CANCEL:
            raise Cancelled(f"Stopped after step {self.step} of {steps}; the same training goes on from there.")
        if self._rows and self._rows[-1]["validation_loss"] is None:
            self._finish_unvalidated()
        return {GO_ON: "steps", OUT_OF_TIME: "minutes", OUT_OF_PATIENCE: "patience"}[decision]

    def _finish_unvalidated(self) -> None:
        """Validate the last step of a training that ran out of time between validations."""
        self._rows[-1]["validation_loss"] = self._validate()[0]
        self._save()

    def _report(
        self,
        losses: dict[str, float],
        validated: tuple[float, Preview] | None,
        recent: list[float],
        progress: Progress | None,
    ) -> int:
        rate = self.loop.learning_rate
        row: CurveRow = {"step": self.step, **losses, "validation_loss": validated[0] if validated else None}
        row.update(learning_rate=rate, seconds=round(self._seconds, 3))
        if self._curves is not None:
            self._curves.add(row)
        else:
            self._rows.append(row)
        left = (self.settings.steps - self.step) * sum(recent) / len(recent)
        if self.settings.minutes is not None:
            left = min(left, max(0.0, 60 * self.settings.minutes - self._seconds))
        decision = GO_ON
        if self._impatient():
            decision = OUT_OF_PATIENCE
        if self.settings.minutes is not None and self._seconds >= 60 * self.settings.minutes:
            decision = OUT_OF_TIME
        if progress is not None and self.team.leads:
            told = TrainingProgress(
                self.step,
                self.settings.steps,
                losses["loss"],
                losses.get("reconstruction", 0.0),
                losses.get("consistency", 0.0),
                row["validation_loss"],
                left if len(recent) > 1 else None,
                validated[1] if validated else None,
                self._all_notes(),
            )
            if progress(told) is False:
                decision = CANCEL
        return int(self.team.agree(decision))

    def _impatient(self) -> bool:
        return 0 < self.settings.patience <= self._waited

    def _is_validation(self) -> bool:
        return self.step % self.settings.validate_every == 0 or self.step == self.settings.steps

    def _validate(self) -> tuple[float, Preview]:
        """Validate; the best weights go to the disk before the checkpoint that knows of them."""
        loss = self._held_out.loss(self.loop)
        if self._best[1] is None or loss < self._best[1]:
            self._best, self._waited = (self.step, loss), 0
            if self.team.leads:
                save_checkpoint(self.folder / BEST, {"network": self.loop.weights, "step": self.step, "loss": loss})
        else:
            self._waited += 1
        return loss, self._held_out.preview(self.loop)

    def _save(self) -> None:
        if self._curves is None:
            return
        save_checkpoint(self.folder / LAST, {**self.loop.state(), **self._own_state()})
        self._curves.write()

    def _own_state(self) -> dict[str, Any]:
        return {
            "best": list(self._best),
            "waited": self._waited,
            "seconds": self._seconds,
            "rows": self._rows,
            "settings": self.settings.to_dict(),
            "frames": self.store.digest,
            "held_out": self.held_out.digest,
            "base": self.base.sha256 if self.base is not None else "",
        }

    def _resume(self) -> None:
        if self.team.leads:
            remove_leftovers(self.folder)
        state = load_checkpoint(self.folder / LAST)
        if state is None:
            return
        self._check_same(state)
        self.loop.restore(state)
        self._best = (int(state["best"][0]), state["best"][1])
        self._waited, self._seconds, self._rows = int(state["waited"]), float(state["seconds"]), state["rows"]

    def _check_same(self, state: dict[str, Any]) -> None:
        """Refuse to go on with a training of other settings, frames or base."""
        now = self._own_state()
        for name, value in now["settings"].items():
            before = state["settings"].get(name)
            if name not in CONTINUABLE and before != value:
                raise SettingsError(
                    f"The folder {self.folder.name!r} holds a training with {name} {before!r}, not {value!r}: "
                    "choose another folder, or the same settings to go on."
                )
        for name, what in (("frames", "other frames"), ("held_out", "other held-out frames"), ("base", "another base")):
            if state[name] != now[name]:
                raise InputError(f"The folder {self.folder.name!r} holds a training on {what}: choose another folder.")

    def _new_loop(self) -> Loop:
        network, notes = start_network(self.settings, self.base)
        self.notes += notes
        teacher = None
        if self.base is not None and (self.settings.teacher_weight or self.settings.remix_weight):
            teacher = Teacher(_placed(self.base.network(), self.team.device), self.settings.teacher_views)
        objective = SelfSupervision(self.settings, self.strongest, teacher)
        batches = CropBatches(self.store, self.settings, self.team.device)
        if batches.crop < self.settings.crop:
            self.notes.append(f"No frame is as large as {self.settings.crop}: crops of {batches.crop} are used.")
        network = _placed(network, self.team.device)
        return Loop(network, objective, batches, self.settings, self.team)

    def _all_notes(self) -> list[str]:
        return [*self.notes, *self.loop.notes]


def _placed(network: SpeckleNetwork, device: str) -> SpeckleNetwork:
    """Return a network on its device, its weights in the order of values that is computed fastest."""
    network = network.to(device)
    for weights in network.parameters():
        if weights.ndim == 4:
            weights.data = weights.data.contiguous(memory_format=torch.channels_last)
    return network


def _check_teacher(settings: TrainingSettings, base: Bundle | None) -> None:
    if base is None and (settings.teacher_weight or settings.remix_weight):
        raise SettingsError(
            "A teacher needs a model to start from: give one, or set teacher_weight and remix_weight 0."
        )


def _make_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder.name!r} is a file: choose another folder for the training.")
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
