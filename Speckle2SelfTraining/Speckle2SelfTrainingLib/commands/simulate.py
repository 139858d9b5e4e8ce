"""Simulate a B-mode sweep with known clean truth and lumen, from a seed."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from Speckle2SelfLib.errors import OutputError, SettingsError

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
    import SimpleITK as sitk  # noqa: N813 - its usual name

    from ..simulation.sweep import simulate_sweep

    frames = list(simulate_sweep(np.random.default_rng(seed), frames=number, size=(size, size), convex=convex))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {str(folder)!r} cannot be made ({error.strerror}).") from error
    paths = {}
    for name in ("speckled", "clean", "lumen"):
        stack = np.stack([np.asarray(getattr(frame, name), np.uint8) for frame in frames])
        image = sitk.GetImageFromArray(stack)
        image.SetSpacing((frames[0].spacing, frames[0].spacing, 0.5))
        paths[name] = folder / f"{name}.nrrd"
        temporary = folder / f".{name}.tmp.nrrd"
        try:
            sitk.WriteImage(image, str(temporary), True)
            temporary.replace(paths[name])
        except (RuntimeError, OSError) as error:
            raise OutputError(f"The folder {str(folder)!r} cannot be written.") from error
        finally:
            temporary.unlink(missing_ok=True)
    return paths
