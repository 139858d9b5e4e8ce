"""Train a model on sweeps, or adapt one to a machine; the result is a model bundle for ``speckle2self despeckle``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from Speckle2SelfLib.commands import INTERRUPTED
from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfLib.settings import DEVICES, PRECISIONS

from ..training.settings import (
    FITS,
    LOSSES,
    NO_AUGMENTATION,
    NORMALIZATIONS,
    SCHEDULES,
    TrainingSettings,
    adaptation_settings,
    published_settings,
)
from .training_course import announce, changed_settings, no_empty_folder, run_interruptibly, settings_text

if TYPE_CHECKING:
    from ..training.sources import FrameSource

HELP = "train a model, or adapt one to a machine"
RECIPES = {"published": published_settings, "adapt": adaptation_settings}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``speckle2self train``."""
    parser.add_argument("inputs", metavar="INPUT", nargs="+", help="files, folders, or the word simulated")
    parser.add_argument("output", metavar="OUTPUT_BUNDLE", type=Path, help="folder of the new model")
    parser.add_argument("--model", metavar="BASE", help="start from a shipped model, a bundle or an authors' .pth file")
    parser.add_argument("--recipe", choices=tuple(RECIPES), help="where settings start: adapt with --model, published")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="settings as JSON; other options change them")
    parser.add_argument("--name", help="name of the model (default: that of its folder)")
    parser.add_argument("--folder", type=Path, help="checkpoints and curves (default: beside the output, -training)")
    parser.add_argument("--device", default="auto", help=f"{', '.join(DEVICES)} or cuda:N")
    data = parser.add_argument_group("frames")
    data.add_argument("--validation", metavar="INPUT", action="append", help="sweep to hold out, instead of drawing")
    data.add_argument("--validation-share", type=float, default=0.2, help="share of the frames to hold out")
    data.add_argument("--simulated-frames", type=int, help="frames that the word simulated stands for (200), or joins")
    data.add_argument("--maximum-frames", type=int, help="more are thinned")
    _add_course(parser.add_argument_group("course (where left out, as the recipe says)"))
    _add_method(parser.add_argument_group("method (where left out, as the recipe says)"))
    _add_improvements(parser.add_argument_group("beyond the paper (where left out, as the recipe says)"))


def _add_course(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--steps", type=int)
    group.add_argument("--minutes", type=float, help="stop after this time")
    group.add_argument("--batch-size", type=int)
    group.add_argument("--crop", type=int, help="rows and columns that the network sees")
    group.add_argument("--fit", choices=FITS, help="bring frames to that size, or cut windows out of them")
    group.add_argument("--learning-rate", type=float)
    group.add_argument("--schedule", choices=SCHEDULES, help="course of the learning rate")
    group.add_argument("--warmup", type=int, help="steps with a rising learning rate")
    group.add_argument("--clip", type=float, help="largest norm of the gradient")
    group.add_argument("--average", type=float, help="decay of a running average of the weights")
    group.add_argument("--precision", choices=PRECISIONS)
    group.add_argument("--seed", type=int)
    group.add_argument("--validate-every", type=int, metavar="STEPS")
    group.add_argument("--save-every", type=int, metavar="STEPS")
    group.add_argument("--patience", type=int, help="validations without gain after which to stop; 0: never")


def _add_method(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--scales", type=_numbers, metavar="1,0.5,0.25")
    group.add_argument("--shared-encoder", action=argparse.BooleanOptionalAction, default=None)
    group.add_argument("--reconstruction", choices=LOSSES)
    group.add_argument("--consistency", choices=LOSSES)
    group.add_argument("--reconstruction-weights", type=_numbers, metavar="W,...", help="one per scale")
    group.add_argument("--consistency-weights", type=_numbers, metavar="W,...", help="one per pair of scales")
    group.add_argument("--normalize", choices=NORMALIZATIONS, help="range of every view, or of the sweep's picture")
    group.add_argument("--no-augmentation", action="store_true")


def _add_improvements(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--network", type=_switches, metavar="SWITCH,...", help="feature_norm,output_relu,skips,...")
    for name in ("--antialias", "--shifted", "--match-grain"):
        group.add_argument(name, action=argparse.BooleanOptionalAction, default=None)
    for name in ("scale-jitter", "gradient-weight", "edge-weight", "supervised-weight", "supervised-share"):
        group.add_argument(f"--{name}", type=float)
    for name in ("teacher-weight", "teacher-flattening", "remix-weight"):
        group.add_argument(f"--{name}", type=float)


def run(arguments: argparse.Namespace) -> int:
    """Train and write the bundle; Ctrl-C saves a checkpoint, and the same command goes on from it."""
    settings = settings_from(arguments)
    if arguments.model and arguments.network:
        raise SettingsError("A model to start from keeps its own network: leave out --network or --model.")
    from ..training.result import check_output, save_trained
    from ..training.splitting import split_sources
    from ..training.trainer import Training

    check_output(arguments.output)
    folder = arguments.folder or arguments.output.with_name(arguments.output.name + "-training")
    validation = _sources(arguments.validation, arguments) if arguments.validation else None
    sources = _sources(arguments.inputs, arguments)
    training_sources, held_out = split_sources(sources, validation, arguments.validation_share, settings.seed)
    with no_empty_folder(folder):
        training = Training(settings, training_sources, held_out, folder, arguments.model, arguments.device)
    leads = training.team.leads
    if leads:
        announce(training_sources, held_out, folder, training.step)
    result = run_interruptibly(training, folder, shown=leads)
    if result is None:
        return INTERRUPTED
    if leads:
        save_trained(training, result, arguments.output, arguments.name)
        print(
            f"Wrote {arguments.output} after {result.steps} steps (best: {result.best_step}); curves are in {folder}."
        )
    training.team.leave()
    return 0


def settings_from(arguments: argparse.Namespace) -> TrainingSettings:
    """Build validated settings from parsed arguments: a recipe or a file, and what other options change."""
    if arguments.recipe == "adapt" and not arguments.model:
        raise SettingsError("The recipe adapt starts from a model: name one with --model, for example --model default.")
    if arguments.recipe and arguments.settings is not None:
        raise SettingsError("Give --recipe or --settings, not both: a settings file is a whole recipe.")
    recipe = arguments.recipe or ("adapt" if arguments.model else "published")
    settings = RECIPES[recipe]()
    if arguments.settings is not None:
        settings = TrainingSettings.from_json(settings_text(arguments.settings))
    given = changed_settings(settings, arguments)
    if arguments.no_augmentation:
        given["augmentation"] = NO_AUGMENTATION
    return settings.replace(**given)


def _sources(inputs: list[str], arguments: argparse.Namespace) -> list[FrameSource]:
    from ..training.sources import SIMULATED, gather_sources

    if arguments.simulated_frames is None:
        return gather_sources(inputs)
    if SIMULATED in inputs and arguments.simulated_frames < 2:
        raise InputError(f"--simulated-frames must be at least 2, got {arguments.simulated_frames}.")
    return gather_sources(inputs, arguments.simulated_frames)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"numbers separated by commas are expected, got {text!r}") from None


def _switches(text: str) -> dict[str, bool]:
    """Read the names of the switches that are on; all others are off."""
    from ..training.settings import NETWORK_SWITCHES

    names = [name for name in text.split(",") if name and name != "none"]
    unknown = [name for name in names if name not in NETWORK_SWITCHES]
    if unknown:
        raise argparse.ArgumentTypeError(f"known switches are {', '.join(NETWORK_SWITCHES)}, got {unknown[0]!r}")
    return {name: name in names for name in NETWORK_SWITCHES}
