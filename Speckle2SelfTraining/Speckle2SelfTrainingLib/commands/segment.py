"""Find the lumen of the common carotid artery on every frame of a file, a sweep or a folder.

OUTPUT is a label map (.nrrd, .nii.gz, .mha, .tiff, .png; 1 in the lumen, 0 elsewhere) or a segmentation of 3D Slicer
(.seg.nrrd), in the geometry of INPUT. A tracked or timed image sequence becomes a sequence of label maps (.igs.mha,
.igs.nrrd, .seq.nrrd) with its transforms and times. Frames without a lumen stay empty and are listed. For research
only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from Speckle2SelfLib import __version__
from Speckle2SelfLib.commands.folder_options import add_folder_options, check_folder_options
from Speckle2SelfLib.commands.frame_range import frame_range
from Speckle2SelfLib.commands.threads import add_threads, check_threads, take_threads
from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfLib.settings import DEVICES

from ..segmentation.settings import SegmentSettings

if TYPE_CHECKING:
    from ..segmentation import Segmenter

HELP = "find the lumen of the carotid artery on every frame"
OFF = "off"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``speckle2self segment``."""
    defaults = SegmentSettings()
    parser.add_argument("input", metavar="INPUT", help="image, volume, sweep, DICOM, video or folder")
    parser.add_argument("output", metavar="OUTPUT", help="file to write, or folder where INPUT is a folder")
    frames = parser.add_argument_group("frames")
    frames.add_argument("--frame-axis", type=int, choices=(0, 1, 2), help="array axis of a volume that counts frames")
    frames.add_argument("--frames", metavar="A:B", help="first and one past the last frame, counted from 0")
    frames.add_argument("--stack", action="store_true", help="take the images of a folder as frames of one sweep")
    frames.add_argument("--spacing", metavar="MM[,MM]", help="pixel size (row,column) where INPUT does not say")
    frames.add_argument("--label", metavar="VALUE", type=int, default=1, help="value of the lumen in OUTPUT, 1 to 255")
    frames.add_argument("--format", metavar="SUFFIX", help="what to write of each file of a folder, e.g. .seg.nrrd")
    model = parser.add_argument_group("model")
    model.add_argument("--model", default="carotid", help="shipped or trained model, bundle folder or zip")
    model.add_argument(
        "--despeckle", metavar="STRENGTH|off", default=strength_text(defaults.despeckle), help="despeckle first"
    )
    model.add_argument("--no-temporal", dest="temporal", action="store_false", help="decide on every frame by itself")
    model.add_argument(
        "--all-components", dest="largest", action="store_false", help="keep every lumen, not only the likeliest"
    )
    model.add_argument("--no-smooth", dest="smooth", action="store_false", help="leave the contour as it is found")
    model.add_argument("--threshold", type=float, default=defaults.threshold, help="probability from which it is lumen")
    model.add_argument(
        "--minimum-confidence",
        metavar="SHARE",
        type=float,
        default=defaults.minimum_confidence,
        help="frames below it have no lumen",
    )
    model.add_argument("--scale", type=float, help="how much larger than usual the network sees frames (else found)")
    machine = parser.add_argument_group("machine")
    machine.add_argument("--device", default="auto", help=f"{', '.join(DEVICES)} or cuda:N")
    machine.add_argument("--batch-size", dest="batch", type=int, default=defaults.batch, help="frames per network call")
    add_threads(machine)
    add_folder_options(parser)
    parser.add_argument("--json", metavar="REPORT", type=Path, help="write what was found, with which model, as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Segment what the arguments name; a folder goes on past files that fail and ends with status 1."""
    from Speckle2SelfLib.commands.report import check_report_place

    from ..segmentation import Segmenter
    from ..segmentation.files.label_output import check_label
    from ..segmentation.files.spacing import parse_spacing

    settings = settings_from(arguments)
    check_threads(arguments.threads)
    options = {
        "frame_axis": arguments.frame_axis,
        "frames": frame_range(arguments.frames),
        "spacing": parse_spacing(arguments.spacing),
        "label": check_label(arguments.label),
    }
    source, target = Path(arguments.input), Path(arguments.output)
    if not source.exists():
        raise InputError(f"There is no file or folder {str(source)!r}.")
    if arguments.json is not None:
        check_report_place(arguments.json, source, target)
    archive = source.is_dir() and not arguments.stack
    check_folder_options(arguments, archive=archive)
    take_threads(arguments.threads)
    segmenter = Segmenter(model=arguments.model, device=arguments.device, settings=settings)
    run_one = _segment_archive if archive else _segment_file
    reports, failed = run_one(source, target, segmenter, arguments, options)
    for note in segmenter.engine.notes:
        print(f"speckle2self: {note}", file=sys.stderr)
    if arguments.json is not None:
        _write_report(arguments.json, reports, segmenter)
    return 1 if failed else 0


def _segment_file(
    source: Path, target: Path, segmenter: Segmenter, arguments: argparse.Namespace, options: dict[str, Any]
) -> tuple[list[dict[str, Any]], int]:
    from ..segmentation.files import segment_file

    if arguments.format is not None:
        raise SettingsError("--format is for folders: the suffix of OUTPUT says what to write of a file.")
    return [segment_file(source, target, segmenter, stack=arguments.stack, **options)], 0


def _segment_archive(
    source: Path, target: Path, segmenter: Segmenter, arguments: argparse.Namespace, options: dict[str, Any]
) -> tuple[list[dict[str, Any]], int]:
    from ..segmentation.files import segment_folder

    outcome = segment_folder(
        source,
        target,
        segmenter,
        suffix=arguments.format,
        means=check_folder_options(arguments, archive=True),
        keep=arguments.json is not None,
        **options,
    )
    return outcome.reports, outcome.failed


def settings_from(arguments: argparse.Namespace) -> SegmentSettings:
    """Build validated settings from parsed arguments."""
    names = SegmentSettings().to_dict()
    values = {name: value for name, value in vars(arguments).items() if name in names}
    values["despeckle"] = parse_despeckle(arguments.despeckle)
    return SegmentSettings.from_dict(values)


def parse_despeckle(text: str) -> float | None:
    """Read a strength or ``off``."""
    if text == OFF:
        return None
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"--despeckle must be a number from 0 to 1 or off, got {text!r}.") from None


def strength_text(strength: float | None) -> str:
    """Return what :func:`parse_despeckle` reads."""
    return OFF if strength is None else f"{strength:g}"


def _write_report(report: Path, reports: list[dict[str, Any]], segmenter: Segmenter) -> None:
    from Speckle2SelfLib.commands.report import publish_report

    content = {
        "speckle2self": __version__,
        "settings": segmenter.settings.to_dict(),
        "provenance": segmenter.provenance(),
        "device_reason": segmenter.engine.reason,
        "notes": segmenter.engine.notes,
        "results": reports,
    }
    publish_report(report, content)
