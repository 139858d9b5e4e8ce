"""Measure the lumen on every frame of a label map, a segmentation or a sweep.

Area, diameters and place per frame, diameter profile, minimum, distension of a cine: as a table (.csv), with all
settings (.json), or as a picture of the profile (.png). Lengths are in mm where the size of pixels is known, in pixels
where not; the names of columns say which. For research only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from Speckle2SelfLib import __version__
from Speckle2SelfLib.commands.progress_bar import with_progress
from Speckle2SelfLib.errors import InputError, SettingsError

from ..measurement.options import ALONG, MINIMUM_CONFIDENCE
from ..segmentation.files.frame_list import frames_text
from ..segmentation.settings import SegmentSettings
from .segment import parse_despeckle, strength_text

if TYPE_CHECKING:
    from ..measurement import SweepMeasures
    from ..measurement.inputs import MeasuredInput
    from ..segmentation import Segmenter

HELP = "measure the lumen: area, diameter, profile along a sweep, distension"

KINDS = ("labels", "pictures")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``speckle2self measure``."""
    from Speckle2SelfLib.settings import DEVICES

    parser.add_argument("input", metavar="INPUT", type=Path, help="label map, .seg.nrrd, folder of masks, or a sweep")
    parser.add_argument(
        "output", metavar="OUTPUT", type=Path, help=".csv, .json or .png file; folder or name: all three"
    )
    frames = parser.add_argument_group("frames")
    frames.add_argument("--frame-axis", type=int, choices=(0, 1, 2), help="array axis of a volume that counts frames")
    frames.add_argument("--input-kind", choices=KINDS, help="what INPUT holds (default: by its header and values)")
    frames.add_argument(
        "--labels", metavar="FILE", type=Path, help="labels of the sweep INPUT, instead of segmenting it"
    )
    frames.add_argument("--label", metavar="VALUE", type=int, help="which label is the lumen, where there are several")
    frames.add_argument("--segment", metavar="NAME", help="which segment is the lumen, where there are several")
    frames.add_argument(
        "--spacing", metavar="MM[,MM]", help="pixel size (row,column), where INPUT does not say or errs"
    )
    frames.add_argument(
        "--frame-rate", metavar="HZ", type=float, help="frames per second of a cine, where it does not say"
    )
    frames.add_argument("--along", choices=ALONG, default="auto", help="what the profile runs along")
    frames.add_argument(
        "--minimum-confidence",
        metavar="SHARE",
        type=float,
        default=MINIMUM_CONFIDENCE,
        help="frames below it are listed, but left out of mean, minimum and distension",
    )
    defaults = SegmentSettings()
    model = parser.add_argument_group("model, where INPUT is a sweep (for more options, use segment first)")
    model.add_argument("--model", default="carotid", help="shipped model, bundle folder or zip")
    model.add_argument(
        "--despeckle", metavar="STRENGTH|off", default=strength_text(defaults.despeckle), help="despeckle first"
    )
    model.add_argument("--no-temporal", dest="temporal", action="store_false", help="frames do not help each other")
    model.add_argument("--device", default="auto", help=f"{', '.join(DEVICES)} or cuda:N")


def run(arguments: argparse.Namespace) -> int:
    """Measure and write all files or none."""
    from Speckle2SelfLib.settings import in_range

    from ..measurement.outputs import MeasureFiles, output_files
    from ..segmentation.files.spacing import parse_spacing

    in_range("--minimum-confidence", arguments.minimum_confidence, 0, 1)
    if arguments.frame_rate is not None:
        in_range("--frame-rate", arguments.frame_rate, 0.1, 10_000)
    spacing = parse_spacing(arguments.spacing)
    given = _files(arguments.input, *([arguments.labels] if arguments.labels is not None else []))
    with MeasureFiles(output_files(arguments.output, arguments.input), given) as files:
        measured = _input(arguments, spacing)
        measures = _measure(measured, arguments, spacing)
        files.write(measures, _about(arguments, measured, spacing), arguments.input.name)
        for notice in measures.notices:
            print(f"speckle2self: {notice}", file=sys.stderr)
        print(in_words(measures))
        print(f"Written: {', '.join(str(path) for path in files.paths)}")
    return 0


def in_words(measures: SweepMeasures) -> str:
    """Return what was measured in one sentence or two."""
    summary, unit = measures.summary(), measures.unit
    digits = 2 if unit == "mm" else 1
    text = f"Lumen on {summary['frames_with_lumen']} of {summary['frames']} frames"
    if not summary["frames_used"]:
        return f"{text}."
    text += f", diameter {summary[f'mean_diameter_{unit}']:.{digits}f} {unit} on average of {summary['frames_used']}"
    if measures.minimum is not None:
        found = measures.minimum
        smallest = f"{found.diameter:.{digits}f} {unit} at {frames_text([found.frame])}"
        text += f", smallest running median {smallest}"
    if measures.distension is not None:
        change = measures.distension
        text += f"; distension {change.distension:.{digits}f} {unit} ({change.strain:.1f} % of diastolic)"
    return f"{text}."


def _input(arguments: argparse.Namespace, spacing: tuple[float, float] | None) -> MeasuredInput:
    from ..measurement import inputs

    reading = inputs.Reading(arguments.label, arguments.segment, arguments.frame_axis)
    if arguments.labels is not None:
        if arguments.input_kind == "labels":
            raise SettingsError("--labels gives the labels of pictures: leave out --input-kind labels.")
        return inputs.pictures_with_labels_input(arguments.input, arguments.labels, reading)
    if inputs.is_label_file(arguments.input, arguments.input_kind, reading):
        return inputs.labels_input(arguments.input, reading)
    if arguments.label is not None or arguments.segment is not None:
        raise SettingsError("--label and --segment choose one of several labels, but INPUT holds pictures.")
    return inputs.segmented_input(arguments.input, reading, _segmenter(arguments), spacing)


def _segmenter(arguments: argparse.Namespace) -> Segmenter:
    from ..segmentation import Segmenter

    settings = SegmentSettings(despeckle=parse_despeckle(arguments.despeckle), temporal=arguments.temporal)
    return Segmenter(model=arguments.model, device=arguments.device, settings=settings)


def _files(*inputs: Path) -> list[Path]:
    """Return the files that must not be replaced: all that are given, and those of a folder."""
    found = []
    for path in inputs:
        if not path.exists():
            raise InputError(f"There is no file or folder {str(path)!r}.")
        found += [each for each in path.iterdir() if each.is_file()] if path.is_dir() else [path]
    return found


def _measure(
    measured: MeasuredInput, arguments: argparse.Namespace, spacing: tuple[float, float] | None
) -> SweepMeasures:
    from ..measurement.lumen import measure_mask
    from ..measurement.sweep import sweep_of

    pixel_size = spacing or measured.spacing
    lumens = [
        measure_mask(mask, pixel_size, confidence)
        for mask, confidence in with_progress(measured.masks, measured.count, arguments.input.name)
    ]
    times, along = measured.times, arguments.along
    if arguments.frame_rate is not None:
        times = [frame / arguments.frame_rate for frame in range(len(lumens))]
        # Whoever tells the rate of a cine means time, even where the file states a distance between its frames.
        along = "time" if along == "auto" else along
    return sweep_of(
        lumens,
        pixel_size,
        times=times,
        positions=measured.places.positions if measured.places else None,
        along=along,
        minimum_confidence=arguments.minimum_confidence,
        notes=measured.notes,
        # A pixel size that the user corrects makes the places that the file states wrong as well.
        matrices=measured.matrices if spacing is None and measured.spacing is not None else None,
    )


def _about(
    arguments: argparse.Namespace, measured: MeasuredInput, spacing: tuple[float, float] | None
) -> dict[str, Any]:
    return {
        "made_by": f"speckle2self {__version__}",
        "input": {"name": arguments.input.name, **measured.about},
        "settings": {
            "pixel_size": "given" if spacing else "from the file" if measured.spacing else "not known",
            "positions": measured.places.origin if measured.places else "not known",
            "times": "from the frame rate given"
            if arguments.frame_rate
            else "from the file"
            if measured.times
            else "not known",
            "along": arguments.along,
            "minimum_confidence": arguments.minimum_confidence,
        },
    }
