"""Simulate a B-mode sweep with known clean truth and lumen, from a seed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from Speckle2SelfLib.errors import OutputError, SettingsError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from Speckle2SelfLib.files.output_place import OutputPlace

PICTURES = ("speckled", "clean", "lumen")
FRAME_STEP = 0.5  # mm between frames

HELP = "make a sweep with known clean truth"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``speckle2self simulate``."""
    parser.add_argument("output", metavar="FOLDER", type=Path, help="receives speckled, clean and lumen as .nrrd")
    parser.add_argument("--number", type=int, default=20, help="number of frames")
    parser.add_argument("--size", type=int, default=384, help="rows and columns of a frame")
    parser.add_argument("--probe", choices=("linear", "convex"), default="linear")
    parser.add_argument("--seed", type=int, default=1)


def run(arguments: argparse.Namespace) -> int:
    """Simulate the sweep and write it."""
    if not 1 <= arguments.number <= 10000 or not 64 <= arguments.size <= 2048:
        raise SettingsError("--number must be 1 to 10000 and --size 64 to 2048.")
    if arguments.seed < 0:
        raise SettingsError(f"--seed must be a whole number of at least 0, got {arguments.seed}.")
    write_sweep(
        arguments.output, arguments.number, arguments.size, convex=arguments.probe == "convex", seed=arguments.seed
    )
    print(f"Wrote {arguments.number} frames to {arguments.output}")
    return 0


def write_sweep(folder: Path, number: int, size: int, *, convex: bool, seed: int) -> dict[str, Path]:
    """Write ``speckled.nrrd``, ``clean.nrrd`` and ``lumen.nrrd``; return their paths by name.

    Raises
    ------
    OutputError
        If the folder cannot be made or written.
    """
    from Speckle2SelfLib.files.output_place import OutputPlace

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {str(folder)!r} cannot be made ({error.strerror}).") from error
    paths = {name: folder / f"{name}.nrrd" for name in PICTURES}
    places: list[OutputPlace] = []
    try:
        # Reserved before the long computation, so that a folder that cannot be written is said at once.
        for path in paths.values():
            places.append(OutputPlace(path, ()))
        stacks, spacing = _simulate(number, size, convex=convex, seed=seed)
        for name, place in zip(PICTURES, places, strict=True):
            _write(stacks[name], spacing, place)
        for place in places:
            place.publish()
    finally:
        for place in places:
            place.discard()
    return paths


def _simulate(number: int, size: int, *, convex: bool, seed: int) -> tuple[dict[str, NDArray[np.uint8]], float]:
    """Return the pictures of every frame by name, (N, H, W), and the pixel size in mm."""
    import numpy as np

    from ..simulation.sweep import simulate_sweep

    stacks = {name: np.empty((number, size, size), np.uint8) for name in PICTURES}
    spacing = 0.0
    sweep = simulate_sweep(np.random.default_rng(seed), frames=number, size=(size, size), convex=convex)
    for index, frame in enumerate(sweep):
        spacing = frame.spacing
        for name, stack in stacks.items():
            stack[index] = getattr(frame, name)
    return stacks, spacing


def _write(stack: NDArray[np.uint8], spacing: float, place: OutputPlace) -> None:
    import SimpleITK as sitk  # noqa: N813 - its usual name

    image = sitk.GetImageFromArray(stack)
    image.SetSpacing((spacing, spacing, FRAME_STEP))
    try:
        sitk.WriteImage(image, str(place.temporary(place.path)), True)
    except RuntimeError as error:
        raise OutputError(f"{place.asked} cannot be written: free some space or choose another folder.") from error
