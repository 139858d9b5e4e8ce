"""The values that a label map stores, which for a PNG file may not be the gray or color that it shows."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files.png_chunks import GRAY, PALETTE, assemble, read_chunks
from Speckle2SelfLib.files.registry import format_of, open_sweep
from Speckle2SelfLib.files.sweep import Sweep

WHITE = 255


def open_label_map(path: Path, frame_axis: int | None) -> Sweep:
    """Open a label map as gray frames of its stored values.

    Raises
    ------
    InputError
        If it is a color image, or cannot be read.
    """
    if format_of(path) == "PNG":
        return _open_png(path)
    sweep = open_sweep(path, frame_axis=frame_axis)
    if not sweep.color:
        return sweep
    frames = np.stack([_gray(path, np.asarray(frame)) for frame in sweep])
    return replace(sweep, frames=frames, color=False, frame_shape=frames.shape[1:])


def open_label_maps(folder: Path, paths: Sequence[Path]) -> Sweep:
    """Open files with one label map each as the frames of one sweep.

    Raises
    ------
    InputError
        If there are none, one holds several frames, or they differ in size; the first that differs is named.
    """
    if not paths:
        raise InputError(f"The folder {folder} holds no label maps; give a folder with one mask per frame.")
    sweeps = [open_label_map(path, None) for path in paths]
    first = sweeps[0]
    for path, sweep in zip(paths, sweeps, strict=True):
        if len(sweep) != 1:
            raise InputError(f"{path} holds {len(sweep)} frames; a folder of label maps has files of one frame each.")
        if sweep.frame_shape != first.frame_shape:
            shapes = " and ".join("{} x {}".format(*each.frame_shape) for each in (first, sweep))
            raise InputError(f"{path} differs in size from {paths[0].name} ({shapes}); give masks of one sweep.")
    spacing = first.spacing if all(sweep.spacing == first.spacing for sweep in sweeps) else None
    frames = np.stack([sweep.frames[0] for sweep in sweeps])
    return replace(
        first, path=folder, frames=frames, spacing=spacing, geometry=None, sequence=True, source=None, metadata={}
    )


def _open_png(path: Path) -> Sweep:
    """Open a PNG file: indices of a palette, and gray of less than 8 bits, as they are stored."""
    header, chunks = read_chunks(path)
    if header.color not in (GRAY, PALETTE) or (header.color == GRAY and header.depth >= 8):
        sweep = open_sweep(path)
        gray = _gray(path, np.asarray(sweep.frames[0])) if sweep.color else sweep.frames[0]
    else:
        content = [chunk for chunk in chunks if chunk.name in (b"IHDR", b"IDAT", b"IEND")]
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, path.name)
            copy.write_bytes(assemble(header._replace(color=GRAY), content))
            sweep = open_sweep(copy)
        gray = sweep.frames[0] // (WHITE // ((1 << header.depth) - 1))  # the reader stretches few bits to 8
    return replace(sweep, path=path, frames=gray[np.newaxis], color=False, frame_shape=gray.shape, files=(path,))


def _gray(path: Path, frame: NDArray[Any]) -> NDArray[Any]:
    colors = frame[..., :3]
    if (colors != colors[..., :1]).any():
        raise InputError(f"{path} is a color image; give a label map of one value per pixel.")
    first: NDArray[Any] = colors[..., 0]
    return first
