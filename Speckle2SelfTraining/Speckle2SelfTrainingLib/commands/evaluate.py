"""Measure despeckling: our model and other methods on files or on simulated frames with known truth.

Writes tables (results.csv, results.json, results.md, tuning.csv) and figures (frames-SET.png, trade-off.png).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from Speckle2SelfLib.errors import InputError, OutputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from Speckle2SelfLib.despeckler import Despeckler
    from Speckle2SelfLib.files.output_place import OutputPlace

    from ..evaluation.job import EvaluatedSet
    from ..evaluation.peers import Peer
    from ..evaluation.sets import EvaluationSet

HELP = "measure our model and other methods, with or without known truth"

FRAMES, SIZE = 6, 384
DEVELOPMENT_FRAMES, DEVELOPMENT_SIZE = 2, 256
TABLES = ("results.csv", "results.json", "results.md", "tuning.csv", "trade-off.png")

SetPair = tuple["EvaluationSet", "EvaluationSet"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``speckle2self evaluate``."""
    from Speckle2SelfLib.settings import DEVICES, DespeckleSettings

    defaults = DespeckleSettings()
    parser.add_argument(
        "input", metavar="INPUT", nargs="*", type=Path, help="image, sweep, DICOM, video, GIF, or a folder of them"
    )
    parser.add_argument("--output", metavar="FOLDER", type=Path, required=True, help="receives tables and figures")
    frames = parser.add_argument_group("frames")
    frames.add_argument(
        "--truth",
        metavar="FILE",
        nargs="+",
        type=Path,
        default=[],
        help="clean frames of each INPUT, or a folder of them",
    )
    frames.add_argument("--set", dest="sets", metavar="NAME,NAME|all", default="", help="simulated sets with truth")
    frames.add_argument("--boxes", metavar="FILE", type=Path, help="JSON: tissue and lumen boxes (else found)")
    frames.add_argument("--name", default="input", help="what the tables call INPUT")
    frames.add_argument("--independent", action="store_true", help="the frames of an INPUT are different pictures")
    frames.add_argument("--max-frames", metavar="N", type=int, default=FRAMES, help="of a set, or of each INPUT")
    frames.add_argument("--size", type=int, default=SIZE, help="rows and columns of simulated frames")
    methods = parser.add_argument_group("methods")
    methods.add_argument("--model", default=defaults.model, help="shipped model, bundle folder or zip, or .pth file")
    methods.add_argument("--strength", type=float, nargs="+", default=[defaults.strength], help="of our model, 0 to 1")
    methods.add_argument("--peers", default="classical", help="none, classical, all, or names separated by commas")
    methods.add_argument("--tune", action="store_true", help="choose the settings of peers from their grids")
    methods.add_argument(
        "--result",
        metavar="NAME=FILE,FILE",
        action="append",
        default=[],
        help="frames despeckled elsewhere, a file for each INPUT; may be repeated",
    )
    parser.add_argument("--device", default=defaults.device, help=f"{', '.join(DEVICES)} or cuda:N")
    parser.add_argument("--cache", metavar="FOLDER", type=Path, help="keeps results of peers (default: OUTPUT/cache)")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate what the arguments name and write tables and figures, all of them or none."""
    from ..evaluation.peers import choose_peers

    arguments.input, arguments.truth = _files(arguments.input), _files(arguments.truth)
    peers = choose_peers(arguments.peers)
    names = set_names(arguments)
    settings = [_despeckle_settings(arguments, strength) for strength in arguments.strength]
    given = [*arguments.input, *arguments.truth]
    place = _reserve(arguments.output, names, given)
    try:
        from Speckle2SelfLib.despeckler import Despeckler

        sets = load_sets(arguments, names)
        despeckler = Despeckler(settings=settings[0])
        strengths = [one.strength for one in settings]
        results = evaluate(sets, despeckler, strengths, peers, tune=arguments.tune, cache=_cache_folder(arguments))
        _write(place, results, despeckler, arguments)
        place.publish()
    finally:
        place.discard()
    _print_summary(results, arguments.output)
    return 0


def _files(paths: Sequence[Path]) -> list[Path]:
    """Return files, in place of each folder its own; a folder that holds a DICOM series counts as its files."""
    from Speckle2SelfLib.files.folder import list_sweeps

    return [
        file for path in paths for file in ([entry.path for entry in list_sweeps(path)] if path.is_dir() else [path])
    ]


def set_names(arguments: argparse.Namespace) -> list[str]:
    """Check what is to be evaluated and return the names of its sets.

    Raises
    ------
    SettingsError
        If nothing or something that does not exist or fit is asked for.
    """
    from ..simulation.benchmark_sets import BENCHMARK_SETS, chosen

    known = list(BENCHMARK_SETS)
    simulated = known if arguments.sets == "all" else [name for name in arguments.sets.split(",") if name]
    for name in simulated:
        chosen(name)
    if not simulated and not arguments.input:
        raise SettingsError(f"There is nothing to evaluate: give INPUT files or --set {'|'.join(known)}|all.")
    for option, value in (("--truth", arguments.truth), ("--boxes", arguments.boxes), ("--result", arguments.result)):
        if value and not arguments.input:
            raise SettingsError(f"{option} belongs to INPUT files, and none is given; simulated sets bring their own.")
    if not 1 <= arguments.max_frames <= 1000 or not 128 <= arguments.size <= 1024:
        raise SettingsError("--max-frames must be 1 to 1000 and --size 128 to 1024.")
    if arguments.input and (not arguments.name.strip() or set(arguments.name) & set('/\\:*?"<>|')):
        raise SettingsError(f"--name must be a name that a file can have, got {arguments.name!r}.")
    if arguments.input and arguments.name in simulated:
        raise SettingsError(f"--name {arguments.name!r} is the name of a simulated set: choose another.")
    return [*([arguments.name] if arguments.input else []), *dict.fromkeys(simulated)]


def load_sets(arguments: argparse.Namespace, names: Sequence[str]) -> list[SetPair]:
    """Read or simulate every set, each with the frames that settings are chosen on."""
    from ..evaluation.boxes import BoxFile
    from ..evaluation.sets import cropped, file_set, simulated_set

    boxes = None if arguments.boxes is None else BoxFile.read(arguments.boxes)
    results = _results(arguments.result)
    pairs: list[SetPair] = []
    for position, name in enumerate(names):
        if arguments.input and position == 0:
            own = file_set(
                arguments.input,
                name=name,
                limit=arguments.max_frames,
                truth=arguments.truth,
                boxes=boxes,
                independent=arguments.independent,
                results=results,
            )
            pairs.append((own, own))
            continue
        development = simulated_set(name, DEVELOPMENT_FRAMES, arguments.size, development=True)
        pairs.append(
            (simulated_set(name, arguments.max_frames, arguments.size), cropped(development, DEVELOPMENT_SIZE))
        )
    return pairs


def evaluate(
    sets: Sequence[SetPair],
    despeckler: Despeckler,
    strengths: Sequence[float],
    peers: Sequence[Peer],
    *,
    tune: bool,
    cache: Path | None,
) -> list[EvaluatedSet]:
    """Measure our model and its peers on every set, with a progress bar on a terminal."""
    from ..evaluation.cache import ResultCache
    from ..evaluation.job import Evaluation, units_of_work
    from ..evaluation.running import MethodRunner

    results = []
    with _Progress(units_of_work(sets, peers, len(strengths), tune=tune)) as progress:
        runner = MethodRunner(ResultCache(cache), progress)
        for evaluated, development in sets:
            evaluation = Evaluation(evaluated, development, runner)
            evaluation.ours(despeckler, strengths)
            evaluation.elsewhere()
            for peer in peers:
                evaluation.peer(peer, tune=tune)
            results.append(evaluation.result)
    return results


class _Progress:
    """A bar on a terminal; a pipe gets nothing."""

    def __init__(self, total: int) -> None:
        self._bar: Any = None
        if sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit="run", file=sys.stderr)

    def __call__(self, text: str) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(text[:48], refresh=False)
            self._bar.update()

    def __enter__(self) -> Callable[[str], Any]:
        return self

    def __exit__(self, *details: object) -> None:
        if self._bar is not None:
            self._bar.close()


def _despeckle_settings(arguments: argparse.Namespace, strength: float) -> Any:
    from Speckle2SelfLib.settings import DespeckleSettings

    return DespeckleSettings(model=arguments.model, device=arguments.device, strength=strength)


def _cache_folder(arguments: argparse.Namespace) -> Path:
    return Path(arguments.cache or arguments.output / "cache")


def _results(given: Sequence[str]) -> dict[str, list[Path]]:
    results: dict[str, list[Path]] = {}
    for text in given:
        name, equals, files = text.partition("=")
        if not (name.strip() and equals and files):
            raise SettingsError(f"--result must be NAME=FILE,FILE with one file for each INPUT, got {text!r}.")
        results[name.strip()] = [Path(part) for part in files.split(",") if part]
    return results


def _reserve(folder: Path, names: Sequence[str], inputs: Sequence[Path]) -> OutputPlace:
    """Check before any work that all outputs can be written."""
    from Speckle2SelfLib.files.output_place import OutputPlace

    for path in inputs:
        if not path.exists():
            raise InputError(f"There is no file {str(path)!r}.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {str(folder)!r} cannot be made ({error.strerror}).") from error
    place = OutputPlace(folder / TABLES[0], inputs)
    try:
        for name in (*TABLES[1:], *(figure_name(name) for name in names)):
            place.add(folder / name)
    except BaseException:
        place.discard()
        raise
    return place


def figure_name(name: str) -> str:
    """Return the file name of the images of a set."""
    return f"frames-{name.replace(' ', '-')}.png"


def _write(
    place: OutputPlace, results: Sequence[EvaluatedSet], despeckler: Despeckler, arguments: argparse.Namespace
) -> None:
    from Speckle2SelfLib.files.output_place import writing_to

    from ..evaluation import figures, report

    def temporary(name: str) -> Path:
        return place.temporary(place.path.with_name(name))

    provenance = despeckler.provenance()
    provenance.pop("Strength", None)  # one per row
    texts = {
        "results.csv": report.csv_text(results),
        "results.json": report.json_text(
            results, {"provenance": provenance, "tuned": arguments.tune, "size": arguments.size}
        ),
        "results.md": report.markdown_text(results),
        "tuning.csv": report.tuning_text(results),
    }
    with writing_to(arguments.output):
        for name, text in texts.items():
            temporary(name).write_text(text, encoding="utf-8")
        for result in results:
            figures.side_by_side(result, temporary(figure_name(result.evaluated.name)))
        figures.trade_off(results, temporary("trade-off.png"))


def _print_summary(results: Sequence[EvaluatedSet], folder: Path) -> None:
    from ..evaluation.report import markdown_text

    print(markdown_text(results))
    print(f"Written to {folder}: {', '.join(TABLES)}, frames-*.png")
