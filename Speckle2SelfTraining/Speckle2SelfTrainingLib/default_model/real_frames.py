"""The real frames that the shipped model has learned from, and where they come from.

A data folder holds one folder for each entry of :data:`COLLECTIONS`. Only frames that their publishers allow to be
used for any purpose are listed; of the carotid subjects two are left out, so that later work can be tested on them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfLib.frame_path.luminance import luminance

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Collection:
    """Frames of one publication.

    Attributes
    ----------
    patterns : tuple of str
        Files within the data folder.
    every : int
        Every so many files, in the order of their names, is used.
    repeats : int
        Windows per frame.
    frames : (int, int or None, int)
        First, end and step of the frames of a sweep that are used.
    title, license : str
    read : callable (path, number of the window) -> frames, optional
        For what is no ordinary image file.
    """

    patterns: tuple[str, ...]
    title: str
    license: str
    every: int = 1
    repeats: int = 1
    frames: tuple[int, int | None, int] = (0, None, 1)
    read: Callable[[Path, int], list[Image]] | None = None


def read_envelope(path: Path, number: int) -> list[Image]:
    """Return a Clarius envelope file as B-mode, in another dynamic range or gain for every window."""
    header = np.fromfile(path, "<u4", 5)
    lines, samples = int(header[2]), int(header[3])
    envelope = np.fromfile(path, np.uint8, offset=28)[: lines * samples].reshape(lines, samples).T.astype(float)
    rng = np.random.default_rng(number)
    dynamic_range, gain = rng.uniform(35, 65), rng.uniform(0.8, 1.4)
    if number % 2:
        decibels = 20 * np.log10(np.maximum(envelope, 0.5) / np.percentile(envelope, 99.8))
        gray = np.clip(1 + decibels / dynamic_range, 0, 1) * 255
    else:
        gray = np.clip(gain * envelope, 0, 255)
    return [_stretched(gray, (1, 560 / lines))]


def read_b_mode_lines(path: Path, number: int) -> list[Image]:
    """Return B-mode lines of any range, one frame, brought to about square pixels."""
    sweep = np.asarray(open_sweep(path).frames, dtype=float)
    frame = sweep[number % len(sweep)]
    low, high = np.percentile(frame, (1, 99.9))
    return [_stretched(np.clip((frame - low) / (high - low), 0, 1) * 255, (0.5, 4))]


COLLECTIONS = (
    Collection(
        tuple(f"carotid-transverse/S0{subject}/*.png" for subject in range(1, 5)),
        "Common Carotid Artery Ultrasound Images (A. Momot, Mendeley Data 2022, doi:10.17632/d4xt63mgjm.1)",
        "CC BY 4.0",
        every=4,
    ),
    Collection(
        ("neck-to-knee-vessels/*.png",), "usgra-seg, vessels and nerves (tmkand/usgra-seg)", "CC BY 4.0", every=3
    ),
    Collection(
        ("liver-sweep/liver_f000-083.nrrd",),
        "ImFusion public ultrasound demos, liver sweep",
        "CC BY 4.0",
        frames=(0, 60, 3),
    ),
    Collection(
        ("clarius-envelope/carotid_env.raw",),
        "Clarius raw data example, carotid (clariusdev/raw)",
        "BSD-3-Clause",
        repeats=16,
        read=read_envelope,
    ),
    Collection(
        ("mouse-liver-rf/MouseLiverB.mha",),
        "Mouse liver (KitwareMedical/ITKUltrasound)",
        "Apache-2.0",
        repeats=8,
        read=read_b_mode_lines,
    ),
    Collection(("pocus/*.png", "pocus/*.nrrd"), "Speckle phantoms (KitwareMedical/ITKPOCUS)", "Apache-2.0", repeats=3),
)


def training_frames(data: Path, collection: Collection) -> Iterator[Image]:
    """Yield the frames of a collection, uint8 (H, W), one for every window that is drawn.

    Raises
    ------
    InputError
        If the data folder does not hold the collection.
    """
    for path in _files(data, collection):
        for number in range(collection.repeats):
            yield from (collection.read or _read)(path, number)[slice(*collection.frames)]


def describe(data: Path, collection: Collection, windows: int) -> dict[str, Any]:
    """Return the entry of a collection in a model's metadata: title, license, count and SHA-256 of its files."""
    digest = hashlib.sha256()
    files = _files(data, collection)
    for path in files:
        digest.update(path.read_bytes())
    return {
        "title": collection.title,
        "license": collection.license,
        "files": len(files),
        "windows": windows,
        "sha256": digest.hexdigest(),
    }


def _files(data: Path, collection: Collection) -> list[Path]:
    found = []
    for pattern in collection.patterns:
        paths = sorted(path for path in data.glob(pattern) if not path.stem.endswith("_mask"))
        if not paths:
            raise InputError(f"The data folder {data.name!r} holds no file {pattern!r} ({collection.title}).")
        found += paths[:: collection.every]
    return found


def _read(path: Path, number: int) -> list[Image]:
    sweep = open_sweep(path)
    frames = [np.asarray(sweep.frames[index]) for index in range(len(sweep.frames))]
    gray = [luminance(frame) if sweep.color else frame for frame in frames]
    return [np.clip(np.rint(frame), 0, 255).astype(np.uint8) for frame in gray]


def _stretched(gray: NDArray[np.floating[Any]], factors: tuple[float, float]) -> Image:
    return np.asarray(np.clip(np.rint(ndimage.zoom(gray, factors, order=1)), 0, 255), np.uint8)
