"""Despeckle a file, a sweep or a folder of them; the result has the format, size, type and geometry of the input."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DependencyError, InputError, SettingsError
from ..settings import DESPECKLING_PRECISIONS, DEVICES, NORMALIZATIONS, PRESETS, SIGNALS, DespeckleSettings
from .folder_options import add_folder_options, check_folder_options
from .frame_range import frame_range
from .threads import add_threads, check_threads, take_threads

if TYPE_CHECKING:
    from ..despeckler import Despeckler

HELP = "remove speckle from a file, a sweep or a folder"

STRENGTH_HELP = "0 (input), 0.5 (speckle gone, texture of tissue kept) to 1 (flat tissue)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``speckle2self despeckle``."""
    defaults = DespeckleSettings()
    parser.add_argument("input", metavar="INPUT", help="image, volume, sweep, DICOM, video or folder")
    parser.add_argument("output", metavar="OUTPUT", help="file to write, or folder where INPUT is a folder")
    frames = parser.add_argument_group("frames")
    frames.add_argument("--frame-axis", type=int, choices=(0, 1, 2), help="array axis of a volume that counts frames")
    frames.add_argument("--frames", metavar="A:B", help="first and one past the last frame, counted from 0")
    frames.add_argument("--stack", action="store_true", help="take the images of a folder as frames of one sweep")
    model = parser.add_argument_group("model")
    model.add_argument("--model", default=defaults.model, help="shipped model, bundle folder or zip, or .pth file")
    model.add_argument("--preset", choices=PRESETS, default=defaults.preset, help="published: the authors' inference")
    model.add_argument("--strength", type=float, default=defaults.strength, help=STRENGTH_HELP)
    model.add_argument("--no-tone", dest="tone", action="store_false", help="do not keep the local brightness")
    model.add_argument("--gamma", type=float, default=defaults.gamma, help="display exponent of the result")
    model.add_argument(
        "--normalize", choices=NORMALIZATIONS, default=defaults.normalize, help="range per sweep or frame"
    )
    model.add_argument("--no-mask", dest="mask", action="store_false", help="filter text and background, too")
    model.add_argument("--scale", default="auto", metavar="auto|F|FY,FX", help="working scale of rows and columns")
    model.add_argument("--signal", choices=SIGNALS, default=defaults.signal, help="what the pixels of INPUT are")
    model.add_argument("--dynamic-range", type=float, default=defaults.dynamic_range, help="dB kept of RF and envelope")
    machine = parser.add_argument_group("machine")
    machine.add_argument("--device", default=defaults.device, help=f"{', '.join(DEVICES)} or cuda:N")
    machine.add_argument("--precision", choices=DESPECKLING_PRECISIONS, default=defaults.precision)
    machine.add_argument("--batch-size", type=int, help="frames per network call")
    add_threads(machine)
    add_folder_options(parser)
    parser.add_argument("--json", metavar="REPORT", type=Path, help="write what was done, with which model, as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Despeckle what the arguments name; a folder goes on past files that fail and ends with status 1."""
    from .report import check_report_place
    from .run_file import write_report

    settings = settings_from(arguments)
    check_threads(arguments.threads)
    frames = frame_range(arguments.frames)
    source, target = Path(arguments.input), Path(arguments.output)
    if not source.exists():
        raise InputError(f"There is no file or folder {str(source)!r}.")
    archive = source.is_dir() and not arguments.stack
    check_folder_options(arguments, archive=archive)
    if arguments.json is not None:
        check_report_place(arguments.json, source, target)
    despeckler = _despeckler(settings)
    take_threads(arguments.threads)
    run_one = _run_archive if archive else _run_file
    reports, failed = run_one(source, target, despeckler, arguments, frames)
    for note in despeckler.engine.notes:
        print(f"speckle2self: {note}", file=sys.stderr)
    if arguments.json is not None:
        write_report(arguments.json, reports, despeckler)
    return 1 if failed else 0


def _run_file(
    source: Path, target: Path, despeckler: Despeckler, arguments: argparse.Namespace, frames: slice | None
) -> tuple[list[dict[str, Any]], int]:
    from .run_file import despeckle_file

    options = {"frame_axis": arguments.frame_axis, "frames": frames, "stack": arguments.stack}
    return [despeckle_file(source, target, despeckler, **options)], 0


def _run_archive(
    source: Path, target: Path, despeckler: Despeckler, arguments: argparse.Namespace, frames: slice | None
) -> tuple[list[dict[str, Any]], int]:
    from ..archive.run import despeckle_archive
    from .run_folder import check_folders

    check_folders(source, target)
    outcome = despeckle_archive(
        source,
        target,
        despeckler,
        frame_axis=arguments.frame_axis,
        frames=frames,
        means=check_folder_options(arguments, archive=True),
        keep=arguments.json is not None,
    )
    return outcome.reports, outcome.failed


def settings_from(arguments: argparse.Namespace) -> DespeckleSettings:
    """Build validated settings from parsed arguments."""
    names = DespeckleSettings().to_dict()
    values = {name: value for name, value in vars(arguments).items() if name in names}
    values["scale"] = parse_scale(arguments.scale)
    return DespeckleSettings.from_dict(values)


def parse_scale(text: str) -> str | tuple[float, ...]:
    """Read ``auto``, one factor or two (rows, columns)."""
    if text == "auto":
        return text
    try:
        factors = [float(part) for part in text.split(",")]
    except ValueError:
        raise SettingsError(f"--scale must be auto, one number or two separated by a comma, got {text!r}.") from None
    return (factors[0], factors[0]) if len(factors) == 1 else tuple(factors)


def _despeckler(settings: DespeckleSettings) -> Despeckler:
    try:
        from ..despeckler import Despeckler
    except (ImportError, OSError) as error:  # OSError: a library of PyTorch itself is missing or broken
        package = (getattr(error, "name", None) or "torch").partition(".")[0]
        reason = str(error).partition("\n")[0]
        raise DependencyError(
            f"The Python package {package!r} cannot be loaded ({reason}): install it again."
        ) from error
    return Despeckler(settings=settings)
