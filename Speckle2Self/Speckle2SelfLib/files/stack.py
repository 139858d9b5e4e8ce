"""The images of a folder as the frames of one sweep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import InputError
from .folder import list_sweeps
from .registry import open_sweep
from .sweep import Geometry, Sweep


def open_stack(folder: Path) -> Sweep:
    """Open the images of a folder (not of its subfolders), in natural order of their names, as one sweep.

    Raises
    ------
    InputError
        If the folder holds no image, or images that differ in size or type; the first that differs is named.
    """
    paths = [entry.path for entry in list_sweeps(folder) if entry.path.parent == folder]
    if not paths:
        raise InputError(f"The folder {folder} holds no images; those of its subfolders are not taken into one stack.")
    sweeps = (_single_image(path) for path in paths)
    first = next(sweeps)
    frames = np.empty((len(paths), *first.frame_shape), first.dtype)
    frames[0] = first.frames[0]
    spacing = first.spacing
    for position, sweep in enumerate(sweeps, start=1):
        _check_like(first, sweep)
        frames[position] = sweep.frames[0]
        spacing = spacing if sweep.spacing == spacing else None
    geometry = None if spacing is None else Geometry((spacing[1], spacing[0], 1.0))
    return replace(
        first,
        path=folder,
        frames=frames,
        spacing=spacing,
        format_name=f"stack of {first.format_name} images",
        geometry=geometry,
        metadata={},
        sequence=True,
        source=None,
        files=tuple(paths),
    )


def _single_image(path: Path) -> Sweep:
    sweep = open_sweep(path)
    if len(sweep) != 1:
        raise InputError(f"{path} holds {len(sweep)} frames; a stack is made of files with one image each.")
    return sweep


def _check_like(first: Sweep, sweep: Sweep) -> None:
    if (sweep.frame_shape, sweep.dtype) == (first.frame_shape, first.dtype):
        return
    raise InputError(
        f"{sweep.path} ({_kind(sweep)}) differs from {first.path.name} ({_kind(first)}); "
        "the images of one stack must agree in size and type."
    )


def _kind(sweep: Sweep) -> str:
    return " x ".join(str(size) for size in sweep.frame_shape) + f" {sweep.dtype}"
