"""Train a segmentation model on labelled frames, or continue from one with a handful of corrected frames.

DATA is a folder of images with a mask each (NAME.png and NAME_mask.png), its subfolders being the subjects; a sweep
with its labels beside it (NAME.nrrd and NAME_mask.nrrd or NAME.seg.nrrd); or IMAGES=LABELS where they are called
otherwise. SUBJECT:IMAGES=LABELS says whose frames they are; by default that is the name of their folder. Subjects are
held out as a whole. OUTPUT is the new model, for speckle2self segment --model; with --leave-one-out it is a folder for
the table.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from Speckle2SelfLib.commands import INTERRUPTED
from Speckle2SelfLib.errors import Cancelled, SettingsError
from Speckle2SelfLib.settings import DEVICES, PRECISIONS

from ..segmentation.augmentation import NO_AUGMENTATION
from ..segmentation.training.settings import KEPT, SegmentationTrainingSettings, adaptation_settings
from .training_course import (
    TrainingDisplay,
    announce,
    changed_settings,
    interruption,
    no_empty_folder,
    run_interruptibly,
    settings_text,
)

if TYPE_CHECKING:
    from ..segmentation.training import FoldProgress, LabelledSource

HELP = "train a segmentation model, or correct one"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``speckle2self train-segmentation``."""
    parser.add_argument("data", metavar="DATA", nargs="+", help="folder, sweep, or [SUBJECT:]IMAGES=LABELS")
    parser.add_argument("output", metavar="OUTPUT", type=Path, help="folder of the new model")
    parser.add_argument(
        "--model", metavar="BASE", help="start from a model, such as carotid, with few corrected frames"
    )
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings as JSON; other options change them")
    parser.add_argument("--name", help="name of the model (default: that of its folder)")
    parser.add_argument("--folder", type=Path, help="checkpoints and curves (default: beside the output, -training)")
    parser.add_argument("--device", default="auto", help=f"{', '.join(DEVICES)} or cuda:N")
    parser.add_argument(
        "--leave-one-out", action="store_true", help="train without each subject in turn, and write how it went"
    )
    data = parser.add_argument_group("frames")
    data.add_argument("--validation", metavar="DATA", action="append", help="subject to hold out, instead of drawing")
    data.add_argument("--validation-share", type=float, help="share of the frames to hold out; 0: none")
    data.add_argument("--negatives", metavar="INPUT", action="append", help="file or folder of frames without a lumen")
    data.add_argument("--label", metavar="VALUE", type=int, help="value of the lumen in the masks")
    data.add_argument("--segment", metavar="NAME", help="name of the lumen's segment in .seg.nrrd files")
    data.add_argument("--maximum-frames", type=int, help="more are thinned")
    _add_course(parser.add_argument_group("course (where left out, as the recipe says)"))


def _add_course(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--steps", type=int)
    group.add_argument("--minutes", type=float, help="stop after this time")
    group.add_argument("--batch-size", type=int)
    group.add_argument("--crop", type=int, help="rows and columns that the network sees, at its working scale")
    group.add_argument("--learning-rate", type=float)
    group.add_argument("--weight-decay", type=float)
    group.add_argument("--clip", type=float, help="largest norm of the gradient")
    group.add_argument("--average", type=float, help="decay of a running average of the weights")
    group.add_argument("--precision", choices=PRECISIONS)
    group.add_argument("--prefetch", action=argparse.BooleanOptionalAction, default=None, help="batches in a thread")
    group.add_argument("--seed", type=int)
    group.add_argument("--keep", choices=KEPT, help="which weights to save")
    group.add_argument("--blend", type=float, help="share of the trained weights, the rest are those of BASE")
    group.add_argument("--validate-every", type=int, metavar="STEPS")
    group.add_argument("--save-every", type=int, metavar="STEPS")
    group.add_argument("--patience", type=int, help="validations without gain after which to stop; 0: never")
    group.add_argument("--no-augmentation", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    """Train and write the bundle, or the table; Ctrl-C saves a checkpoint, and the same command goes on from it."""
    settings = settings_from(arguments)
    if arguments.leave_one_out:
        return _leave_one_out(arguments, settings)
    from ..segmentation.training import SegmentationTraining, save_segmentation_model, split_by_subject
    from ..training.result import check_output

    check_output(arguments.output)
    folder = arguments.folder or arguments.output.with_name(arguments.output.name + "-training")
    given = _sources(arguments.validation, arguments) if arguments.validation else None
    split = split_by_subject(_all_sources(arguments), given, settings.validation_share, settings.seed)
    with no_empty_folder(folder):
        training = SegmentationTraining(
            settings, split.training, split.held_out, folder, arguments.model, arguments.device, notes=split.notes
        )
    leads = training.team.leads
    if leads:
        announce(split.training, split.held_out, folder, training.step)
    result = run_interruptibly(training, folder, shown=leads)
    if result is None:
        return INTERRUPTED
    if leads:
        save_segmentation_model(training, result, arguments.output, arguments.name)
        for note in result.notes[-1:] if training.dice_before is not None else []:
            print(note)
        print(
            f"Wrote {arguments.output} after {result.steps} steps (kept: step {result.best_step}); "
            f"curves are in {folder}."
        )
    training.team.leave()
    return 0


def settings_from(arguments: argparse.Namespace) -> SegmentationTrainingSettings:
    """Build validated settings from parsed arguments: a recipe or a file, and what other options change."""
    settings = adaptation_settings() if arguments.model else SegmentationTrainingSettings()
    if arguments.settings is not None:
        settings = SegmentationTrainingSettings.from_json(settings_text(arguments.settings))
    given = changed_settings(settings, arguments)
    if arguments.no_augmentation:
        given["augmentation"] = NO_AUGMENTATION
    return settings.replace(**given)


def _leave_one_out(arguments: argparse.Namespace, settings: SegmentationTrainingSettings) -> int:
    from ..segmentation.training import leave_one_subject_out

    if arguments.validation:
        raise SettingsError("With --leave-one-out every subject is held out in turn: leave --validation out.")
    sources = _all_sources(arguments)
    with interruption() as interrupted, _Folds() as display:
        try:
            table = leave_one_subject_out(
                sources,
                settings,
                arguments.output,
                lambda progress: display(progress) and not interrupted(),
                base=arguments.model,
                device=arguments.device,
            )
        except Cancelled:
            display.close()
            print(f"Stopped; saved in {arguments.output}. To go on, give the same command again.", file=sys.stderr)
            return INTERRUPTED
    print(table.to_markdown(), end="")
    return 0


class _Folds:
    """The display of one training after the other."""

    def __init__(self) -> None:
        self._fold, self._display = 0, TrainingDisplay(0, 0, shown=False)

    def __enter__(self) -> _Folds:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, progress: FoldProgress) -> bool:
        if progress.fold != self._fold:
            self.close()
            print(f"{progress.fold} of {progress.folds}: without {progress.subject}", file=sys.stderr)
            self._fold = progress.fold
            self._display = TrainingDisplay(progress.training.steps, progress.training.step - 1, shown=True)
        return self._display(progress.training)

    def close(self) -> None:
        self._display.close()


def _all_sources(arguments: argparse.Namespace) -> list[LabelledSource]:
    from ..segmentation.training import gather_negatives

    return _sources(arguments.data, arguments) + gather_negatives(arguments.negatives or [])


def _sources(inputs: list[str], arguments: argparse.Namespace) -> list[LabelledSource]:
    from ..segmentation.training import gather_labelled

    return gather_labelled(inputs, label=arguments.label, segment=arguments.segment)
