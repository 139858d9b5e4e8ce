"""Simulate B-mode frames with known clean truth and lumen: a sweep from a seed, or a named benchmark set."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from Speckle2SelfLib import __version__
from Speckle2SelfLib.commands.progress_bar import with_progress
from Speckle2SelfLib.errors import OutputError, SettingsError

from ..simulation.settings import ANATOMIES, MACHINES, PROBES, SETS, SimulationSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from Speckle2SelfLib.files.output_place import OutputPlace

PICTURES = {"speckled": "speckled.nrrd", "clean": "clean.nrrd", "lumen": "lumen-label.nrrd"}
GEOMETRY = "geometry.json"
FRAME_STEP = 0.5  # mm between frames
SET_OPTIONS = ("probe", "machine", "anatomy", "dynamic_range", "export_size", "seed")
SET_NUMBER, SET_SIZE = 24, 512

HELP = "make frames with known clean truth"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``speckle2self simulate``."""
    files = f"{', '.join(PICTURES.values())} and {GEOMETRY}"
    parser.add_argument("output", metavar="FOLDER", type=Path, help=f"receives {files}")
    parser.add_argument("--set", choices=SETS, help="a benchmark set, which brings its own seed, probe and anatomy")
    parser.add_argument("--number", type=int, help=f"number of frames (default: 20, {SET_NUMBER} of a set)")
    parser.add_argument("--size", type=int, help=f"rows and columns simulated (default: 384, {SET_SIZE} of a set)")
    parser.add_argument("--probe", choices=PROBES, help="(default: linear)")
    parser.add_argument(
        "--machine",
        choices=MACHINES,
        help="settings by seed, or grain as fine as pixels and lumens clipped to black (default: random)",
    )
    parser.add_argument("--anatomy", choices=ANATOMIES, help="(default: neck for a linear, tissue for a convex probe)")
    parser.add_argument("--dynamic-range", type=float, metavar="DB", help="dB from black to white (default: by seed)")
    parser.add_argument(
        "--export-size",
        type=int,
        metavar="N",
        help="re-sample to N rows and columns without anti-aliasing, as exports do: fine, aliased grain",
    )
    parser.add_argument("--seed", type=int, help="(default: 1)")
    parser.add_argument("--overwrite", action="store_true", help="replace what an earlier run left in FOLDER")
    parser.add_argument("--processes", type=int, help="processes that share the work (default: one per processor)")


def run(arguments: argparse.Namespace) -> int:
    """Simulate and write."""
    settings = settings_from(arguments)
    if arguments.processes is not None and not 1 <= arguments.processes <= 256:
        raise SettingsError(f"--processes must be a whole number from 1 to 256, got {arguments.processes}.")
    if not arguments.overwrite:
        _refuse_to_replace(arguments.output)
    write_frames(arguments.output, settings, arguments.processes)
    print(f"Wrote {settings.number} frames to {arguments.output}")
    return 0


def _refuse_to_replace(folder: Path) -> None:
    found = [name for name in (*PICTURES.values(), GEOMETRY) if (folder / name).exists()]
    if found:
        raise OutputError(
            f"{folder} already holds {found[0]}: choose another folder, or add --overwrite to replace its files."
        )


def settings_from(arguments: argparse.Namespace) -> SimulationSettings:
    """Return validated settings, or raise SettingsError."""
    given = {name: getattr(arguments, name) for name in ("number", "size", *SET_OPTIONS)}
    given = {name: value for name, value in given.items() if value is not None}
    if arguments.set is not None:
        clash = [f"--{name.replace('_', '-')}" for name in SET_OPTIONS if name in given]
        if clash:
            raise SettingsError(f"--set brings its own seed, probe and anatomy: leave out {' and '.join(clash)}.")
        given = {"number": SET_NUMBER, "size": SET_SIZE, **given, "benchmark": arguments.set}
    if "export_size" in given:
        given["exported_size"] = given.pop("export_size")
    return SimulationSettings(**given)


def write_sweep(folder: Path, number: int, size: int, *, convex: bool, seed: int) -> dict[str, Path]:
    """Simulate a sweep of the default anatomy and write it; see :func:`write_frames`."""
    probe = "convex" if convex else "linear"
    return write_frames(folder, SimulationSettings(number=number, size=size, probe=probe, seed=seed))


def write_frames(folder: Path, settings: SimulationSettings, processes: int | None = None) -> dict[str, Path]:
    """Write the pictures (``.nrrd``) and ``geometry.json``, over old ones; return the pictures' paths by name.

    Raises
    ------
    OutputError
        If the folder cannot be made or written.
    """
    from Speckle2SelfLib.files.output_place import OutputPlace, writing_to

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {str(folder)!r} cannot be made ({error.strerror}).") from error
    paths = {name: folder / file for name, file in PICTURES.items()}
    places: list[OutputPlace] = []
    try:
        # Reserved before the long computation, so that a folder that cannot be written is said at once.
        for path in (*paths.values(), folder / GEOMETRY):
            places.append(OutputPlace(path, ()))
        stacks, geometry = _simulate(settings, processes)
        for name, place in zip(PICTURES, places, strict=False):
            _write(stacks[name], geometry["spacing_mm"], place)
        with writing_to(folder / GEOMETRY):
            places[-1].temporary(places[-1].path).write_text(json.dumps(geometry, indent=2), encoding="utf-8")
        for place in places:
            place.publish()
    finally:
        for place in places:
            place.discard()
    return paths


def _simulate(
    settings: SimulationSettings, processes: int | None
) -> tuple[dict[str, NDArray[np.uint8]], dict[str, Any]]:
    """Return the pictures of every frame by name, (N, H, W), and how they were made."""
    import numpy as np

    from ..simulation.job import describe, frames_of

    side = settings.final_size
    stacks = {name: np.empty((settings.number, side, side), np.uint8) for name in PICTURES}
    spacing = 0.0
    for index, frame in enumerate(with_progress(frames_of(settings, processes), settings.number, "simulate")):
        spacing = frame.spacing
        for name, stack in stacks.items():
            stack[index] = getattr(frame, name)
    geometry = {
        "made_by": f"speckle2self {__version__}",
        "settings": settings.to_dict(),
        "frames": settings.number,
        "size": [side, side],
        "spacing_mm": [spacing, spacing, FRAME_STEP],
        "labels": {"1": "lumen of the artery"},
        **describe(settings),
    }
    return stacks, geometry


def _write(stack: NDArray[np.uint8], spacing: list[float], place: OutputPlace) -> None:
    import SimpleITK as sitk  # noqa: N813 - its usual name

    image = sitk.GetImageFromArray(stack)
    image.SetSpacing(spacing)
    try:
        sitk.WriteImage(image, str(place.temporary(place.path)), True)
    except RuntimeError as error:
        raise OutputError(f"{place.asked} cannot be written: free some space or choose another folder.") from error
