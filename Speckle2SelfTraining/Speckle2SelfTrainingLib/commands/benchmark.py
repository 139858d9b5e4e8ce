"""Measure how fast this machine despeckles, trains and simulates, beside other methods, on simulated frames.

Writes speed.csv, speed.json, speed.md and speed.png. The full run takes about ten minutes on two cores that
have nothing else to do; --quick takes about a minute and says little about speed.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from Speckle2SelfLib.errors import OutputError
from Speckle2SelfLib.settings import DEVICES

from ..benchmark.settings import SECTIONS, BenchmarkSettings, parse_sizes, size_text

if TYPE_CHECKING:
    from Speckle2SelfLib.files.output_place import OutputPlace

HELP = "measure the speed of this machine, beside other methods"
FILES = ("speed.csv", "speed.json", "speed.md", "speed.png")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``speckle2self benchmark``."""
    defaults = BenchmarkSettings()
    sizes = " ".join(size_text(size) for size in defaults.sizes)
    parser.add_argument("--output", metavar="FOLDER", type=Path, required=True, help=f"receives {', '.join(FILES)}")
    parser.add_argument("--quick", action="store_true", help="about a minute: small frames, few repeats")
    parser.add_argument("--sizes", metavar="SIDE|HxW", nargs="+", help=f"frame sizes (default: {sizes})")
    parser.add_argument("--repeats", type=int, help=f"interleaved repeats (default: {defaults.repeats})")
    parser.add_argument("--only", metavar="SECTION", nargs="+", help=f"some of {', '.join(SECTIONS)}")
    parser.add_argument("--model", default=defaults.model, help="shipped model, bundle folder or zip, or .pth file")
    parser.add_argument("--device", default=defaults.device, help=f"{', '.join(DEVICES)} or cuda:N; auto: CPU and GPU")
    parser.add_argument("--peers", metavar="NAME,NAME", help=f"other methods (default: {','.join(defaults.peers)})")
    parser.add_argument("--peers-python", metavar="PYTHON", help="Python with what this one lacks: zea, jax, bm3d")


def run(arguments: argparse.Namespace) -> int:
    """Measure, then write all files or none."""
    settings = settings_from(arguments)
    made = not arguments.output.exists()
    place = _reserve(arguments.output)
    try:
        from ..benchmark import job, report

        results = job.run(settings, _say)
        _write(place, results)
        place.publish()
    except BaseException:  # an interruption as well
        place.discard()
        if made:
            with contextlib.suppress(OSError):  # somebody else put something there
                arguments.output.rmdir()
        raise
    print(report.markdown_text(results))
    print(f"Written to {arguments.output}: {', '.join(FILES)}")
    for section, reason in results.failures.items():
        print(f"speckle2self: The section {section} failed: {reason}", file=sys.stderr)
    return 1 if results.failures else 0


def settings_from(arguments: argparse.Namespace) -> BenchmarkSettings:
    """Return validated settings, or raise SettingsError."""
    given = {name: getattr(arguments, name) for name in ("repeats", "model", "device", "peers_python")}
    given = {name: value for name, value in given.items() if value is not None}
    if arguments.sizes is not None:
        given["sizes"] = parse_sizes(arguments.sizes)
    if arguments.peers is not None:
        given["peers"] = tuple(name for name in arguments.peers.split(",") if name and name != "none")
    if arguments.only is not None:
        given["sections"] = tuple(arguments.only)
    return BenchmarkSettings.quick(**given) if arguments.quick else BenchmarkSettings(**given)


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"  {text}", file=sys.stderr)


def _reserve(folder: Path) -> OutputPlace:
    """Check before any work that all files can be written."""
    from Speckle2SelfLib.files.output_place import OutputPlace

    if folder.exists() and not folder.is_dir():
        raise OutputError(f"The output {str(folder)!r} is a file: give a folder, which receives {len(FILES)} files.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {str(folder)!r} cannot be made ({error.strerror}).") from error
    place = OutputPlace(folder / FILES[0], ())
    try:
        for name in FILES[1:]:
            place.add(folder / name)
    except BaseException:
        place.discard()
        raise
    return place


def _write(place: OutputPlace, results: Any) -> None:
    from Speckle2SelfLib.files.output_place import writing_to

    from ..benchmark import figure, report

    folder = place.path.parent
    with writing_to(folder):
        figure.draw(results, place.temporary(folder / FILES[-1]))
        texts = (report.csv_text(results), report.json_text(results), report.markdown_text(results))
        for name, text in zip(FILES, texts, strict=False):
            place.temporary(folder / name).write_text(text, encoding="utf-8")
