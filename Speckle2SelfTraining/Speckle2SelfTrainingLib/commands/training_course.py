"""What the commands that train share: settings from options, progress on the terminal, and stopping by Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from Speckle2SelfLib.errors import Cancelled, SettingsError

if TYPE_CHECKING:
    from ..training.plain_settings import PlainSettings
    from ..training.progress import TrainingProgress, TrainingResult
    from ..training.resumable import ResumableTraining

MOST_NAMED = 5


@contextlib.contextmanager
def no_empty_folder(folder: Path) -> Iterator[None]:
    """Remove the folder of a training that is refused before anything lies in it."""
    was_there = folder.exists()
    try:
        yield
    except BaseException:
        if not was_there:
            with contextlib.suppress(OSError):  # it has something in it, or was never made
                folder.rmdir()
        raise


class NamedFrames(Protocol):
    """A source of frames."""

    @property
    def name(self) -> str:
        """What it is called."""

    def __len__(self) -> int:
        """Return the number of frames."""


def settings_text(path: Path) -> str:
    """Return the content of a settings file.

    Raises
    ------
    SettingsError
        If it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(f"The settings {path.name!r} cannot be read ({reason}).") from error


def changed_settings(settings: PlainSettings, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options that are settings and were given; the option --settings is none."""
    names = settings.to_dict()
    return {name: value for name, value in vars(arguments).items() if name in names and value is not None}


def announce(training: Sequence[NamedFrames], held_out: Sequence[NamedFrames], folder: Path, step: int) -> None:
    """Say what is trained on and where a training goes on."""
    for title, sources in (("Training on", training), ("Validating on", held_out)):
        if not sources:
            continue
        frames = sum(len(source) for source in sources)
        more = " ..." if len(sources) > MOST_NAMED else ""
        names = ", ".join(source.name for source in sources[:MOST_NAMED]) + more
        print(f"{title} {frames} frames: {names}", file=sys.stderr)
    if step:
        print(f"Going on after step {step}, from {folder}", file=sys.stderr)


def run_interruptibly(training: ResumableTraining[Any, Any], folder: Path, *, shown: bool) -> TrainingResult | None:
    """Train with progress on the terminal; Ctrl-C saves a checkpoint and returns None."""
    steps = training.settings.steps
    with interruption() as interrupted, TrainingDisplay(steps, training.step, shown=shown) as display:
        try:
            return training.run(lambda progress: display(progress) and not interrupted())
        except Cancelled:
            display.close()
            if shown:
                print(
                    f"Stopped after step {training.step} of {steps}; saved in {folder}. "
                    "To go on, give the same command again.",
                    file=sys.stderr,
                )
            return None


class TrainingDisplay:
    """A progress bar on a terminal, a line per validation elsewhere."""

    def __init__(self, steps: int, done: int, *, shown: bool) -> None:
        self._shown, self._notes = shown, 0
        self._bar: Any = None
        if shown and sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=steps, initial=done, unit="step", file=sys.stderr, smoothing=0.1)

    def __enter__(self) -> TrainingDisplay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, progress: TrainingProgress) -> bool:
        """Show a step."""
        for note in progress.notes[self._notes :]:
            self._say(note)
        self._notes = len(progress.notes)
        if self._bar is not None:
            self._bar.set_postfix(loss=f"{progress.loss:.4f}", refresh=False)
            self._bar.update(progress.step - self._bar.n)
        told = _validation(progress)
        if told:
            left = "" if progress.seconds_left is None else f", {progress.seconds_left / 60:.1f} minutes left"
            self._say(f"Step {progress.step} of {progress.steps}: loss {progress.loss:.4f}, {told}{left}")
        return True

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _say(self, sentence: str) -> None:
        if self._bar is not None:
            self._bar.write(sentence, file=sys.stderr)
        elif self._shown:
            print(sentence, file=sys.stderr, flush=True)


def _validation(progress: TrainingProgress) -> str:
    """Return what a validation found, in words; nothing between validations."""
    for name, words in (("validation_dice", "held-out Dice"), ("learned_dice", "Dice of the frames learned from")):
        dice = getattr(progress, name, None)
        if dice is not None:
            return f"{words} {dice:.4f}"
    return "" if progress.validation_loss is None else f"validation {progress.validation_loss:.4f}"


@contextlib.contextmanager
def interruption() -> Iterator[Any]:
    """Turn the first Ctrl-C or termination into a wish to stop after the step; a second one stops at once."""
    wished = False

    def wish(number: int, frame: FrameType | None) -> None:
        nonlocal wished
        if wished:
            raise KeyboardInterrupt
        wished = True

    before = {number: signal.signal(number, wish) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: wished
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
