"""The course of any training: steps, validations, checkpoints, curves; stopped at any moment it goes on exactly."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

import torch
from Speckle2SelfLib.errors import Cancelled, InputError, OutputError, SettingsError
from Speckle2SelfLib.files.output_place import writing_to

from .checkpoint import BEST, LAST, load_checkpoint, remove_leftovers, save_checkpoint, write_whole
from .curves import Curves
from .distributed import Team
from .loop import Loop
from .progress import CurveRow, TrainingProgress, TrainingResult

if TYPE_CHECKING:
    from .progress import Preview

SETTINGS = "settings.json"
GO_ON, CANCEL, OUT_OF_TIME, OUT_OF_PATIENCE = range(4)
RECENT = 20


class CourseSettings(Protocol):
    """What of a training's settings decides its course."""

    @property
    def steps(self) -> int:
        """Steps to do."""

    @property
    def minutes(self) -> float | None:
        """Time to stop after."""

    @property
    def patience(self) -> int:
        """Validations without gain to stop after; 0 never stops early."""

    @property
    def validate_every(self) -> int:
        """Steps between validations."""

    @property
    def save_every(self) -> int:
        """Steps between checkpoints."""

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-ready values."""

    def to_json(self) -> str:
        """Return the settings as a JSON object."""


@dataclass(frozen=True)
class Validation:
    """What the held-out frames say.

    Attributes
    ----------
    loss : float or None
        The less the better; None where no frames are held out: then the last weights are kept.
    preview : Preview or None
    figures : dict of float
        More columns of the curves.
    """

    loss: float | None
    preview: Preview | None = None
    figures: dict[str, float] = field(default_factory=dict)


P = TypeVar("P", bound=TrainingProgress)
S = TypeVar("S", bound=CourseSettings)


class ResumableTraining(ABC, Generic[S, P]):
    """A training that goes on from its folder, if it was stopped there.

    A subclass prepares its data and its :class:`Loop`, then calls :meth:`_resume`.

    Parameters
    ----------
    settings : CourseSettings
    folder : Path
        Receives checkpoints, curves and settings.
    device : str
        "auto", "cpu", "cuda", "cuda:N" or "mps".

    Raises
    ------
    DeviceError, OutputError
    """

    CONTINUABLE: ClassVar[tuple[str, ...]] = ("steps", "minutes", "patience", "validate_every", "save_every")
    """Settings that may differ between a training and its continuation."""

    loop: Loop

    def __init__(self, settings: S, folder: Path, device: str) -> None:
        self.settings, self.folder = settings, folder
        self.team = Team.join(device)
        self.notes: list[str] = []
        self._best: tuple[int, float | None] = (0, None)
        self._waited, self._seconds = 0, 0.0
        self._curves: Curves | None = None
        self._rows: list[CurveRow] = []
        _make_folder(folder)

    @abstractmethod
    def _validation(self) -> Validation:
        """Look at the held-out frames with the weights to be saved."""

    @abstractmethod
    def _identity(self) -> dict[str, tuple[str, str]]:
        """Return digests of what a continuation must share, each with words for it: "other frames"."""

    @abstractmethod
    def _start_network(self) -> torch.nn.Module:
        """Return the network before the first step."""

    @abstractmethod
    def _told(self, told: TrainingProgress, row: CurveRow) -> P:
        """Return the report of a step as this training gives it."""

    def _begin(self) -> None:
        """Prepare the first step of a training that starts anew."""

    def _more_state(self) -> dict[str, Any]:
        """Return what else a continuation needs to know."""
        return {}

    def _restore_more(self, state: dict[str, Any]) -> None:
        """Take up what :meth:`_more_state` returned."""

    @property
    def step(self) -> int:
        """Steps done, in this and in earlier runs."""
        return self.loop.step

    def run(self, progress: Callable[[P], Any] | None = None) -> TrainingResult:
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
            if self.step == 0:
                self._begin()
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
        network = self._start_network()
        network.load_state_dict(state["network"])
        return network.eval()

    def _run(self, progress: Callable[[P], Any] | None) -> str:
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
        self._rows[-1].update(_figures(self._validate()))
        self._save()

    def _report(
        self,
        losses: dict[str, float],
        validated: Validation | None,
        recent: list[float],
        progress: Callable[[P], Any] | None,
    ) -> int:
        rate = self.loop.learning_rate
        row: CurveRow = {"step": self.step, **losses, **_figures(validated)}
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
                validated.preview if validated else None,
                self._all_notes(),
            )
            if progress(self._told(told, row)) is False:
                decision = CANCEL
        return int(self.team.agree(decision))

    def _impatient(self) -> bool:
        return 0 < self.settings.patience <= self._waited

    def _is_validation(self) -> bool:
        return self.step % self.settings.validate_every == 0 or self.step == self.settings.steps

    def _validate(self) -> Validation:
        """Validate; the best weights go to the disk before the checkpoint that knows of them."""
        validation = self._validation()
        if self._is_best(validation.loss):
            self._best, self._waited = (self.step, validation.loss), 0
            if self.team.leads:
                state = {"network": self.loop.weights, "step": self.step, "loss": validation.loss}
                save_checkpoint(self.folder / BEST, state)
        else:
            self._waited += 1
        return validation

    def _is_best(self, loss: float | None) -> bool:
        return loss is None or self._best[1] is None or loss < self._best[1]

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
            **self._more_state(),
            **{name: digest for name, (digest, _) in self._identity().items()},
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
        self._restore_more(state)

    def _check_same(self, state: dict[str, Any]) -> None:
        """Refuse to go on with a training of other settings, frames or base."""
        for name, value in self.settings.to_dict().items():
            before = state.get("settings", {}).get(name)
            if name not in self.CONTINUABLE and before != value:
                raise SettingsError(
                    f"The folder {self.folder.name!r} holds a training with {name} {before!r}, not {value!r}: "
                    "choose another folder, or the same settings to go on."
                )
        for name, (digest, what) in self._identity().items():
            if state.get(name) != digest:
                raise InputError(f"The folder {self.folder.name!r} holds a training on {what}: choose another folder.")

    def _all_notes(self) -> list[str]:
        return [*self.notes, *self.loop.notes]


def _figures(validation: Validation | None) -> CurveRow:
    if validation is None:
        return {"validation_loss": None}
    return {"validation_loss": validation.loss, **validation.figures}


def _make_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder.name!r} is a file: choose another folder for the training.")
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
