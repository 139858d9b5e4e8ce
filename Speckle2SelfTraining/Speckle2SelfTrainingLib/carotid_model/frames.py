"""The frames that the shipped carotid model has learned from, and where they come from."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import open_sweep

from ..segmentation.labels import IGNORE
from ..segmentation.training import LabelledSource
from ..simulation.kinds import KINDS
from ..simulation.sweep import Machine, simulate_sweep

SUBJECTS = ("S01", "S02", "S03", "S04", "S05", "S06")
NECKS, TISSUES = "simulated necks", "simulated tissue"
LIVER, LIMBS = "liver", "neck to knee"

CITED = {
    "carotid": (
        "Common Carotid Artery Ultrasound Images (A. Momot, Mendeley Data V1, 2022, doi:10.17632/d4xt63mgjm.1), "
        "CC BY 4.0"
    ),
    LIMBS: "usgra-seg, nerves and vessels from neck to knee (tmkand/usgra-seg), CC BY 4.0",
    LIVER: "ImFusion public ultrasound demos, liver sweep, CC BY 4.0",
}
LIVER_FRAMES = slice(0, 60, 2)

SEED = 4711
SIMULATED = {NECKS: ("neck", 80), TISSUES: ("tissue", 120)}
SIMULATED_SIZE, SIMULATED_SPACING = 448, 0.1
BORDER = 6
"""Pixels around a vessel of a limb that count as unknown as well."""
BLACK = 6
"""Gray level up to which the borders of a screen count as black."""
GREEN = 1

Image = NDArray[np.uint8]


def training_sources(data: Path, without: frozenset[str] = frozenset()) -> list[LabelledSource]:
    """Return what is trained on.

    Carotids with their masks; simulated necks, whose truth is known, for other speckle; and what is no carotid: liver,
    simulated tissue, and nerves from neck to knee. The vessels there look like carotids, and some may be: their pixels
    count neither way.

    Parameters
    ----------
    data : Path
        Folder with ``carotid-transverse``, ``neck-to-knee-vessels`` and ``liver-sweep``.
    without : set of str
        Names of subjects and collections to leave out, for testing on them.

    Raises
    ------
    InputError
        If the folder lacks one of them, or a name is unknown.
    """
    makers: dict[str, Callable[[], LabelledSource]] = {name: partial(carotids, data, name) for name in SUBJECTS}
    makers |= {name: partial(simulated, name) for name in SIMULATED}
    makers |= {LIMBS: partial(limbs, data), LIVER: partial(liver, data)}
    unknown = sorted(without - set(makers))
    if unknown:
        raise InputError(f"There are no frames called {unknown[0]!r} to leave out: name some of {', '.join(makers)}.")
    return [make() for name, make in makers.items() if name not in without]


def carotids(data: Path, subject: str) -> LabelledSource:
    """Return the frames of one subject with an expert's masks."""
    return LabelledSource.from_files(data / "carotid-transverse" / subject, subject=subject)


def liver(data: Path, frames: slice = LIVER_FRAMES) -> LabelledSource:
    """Return frames of a sweep across a liver: none shows a carotid."""
    sweep = open_sweep(_existing(data / "liver-sweep" / "liver_f000-083.nrrd"))
    chosen = [np.asarray(sweep.frames[index]) for index in range(len(sweep))[frames]]
    return _source(LIVER, chosen, [np.zeros(frame.shape, np.uint8) for frame in chosen])


def limbs(data: Path) -> LabelledSource:
    """Return nerves from neck to knee, their screens' black borders cut off; vessels are unknown."""
    frames, masks = [], []
    for path in sorted(_existing(data / "neck-to-knee-vessels").glob("*_mask.png")):
        frame = _gray(path.with_name(path.name.replace("_mask", "")))
        # The masks are colored by their palettes: nerves red, vessels green.
        vessels = ndimage.binary_dilation(np.asarray(open_sweep(path).frames[0])[..., GREEN] > 0, iterations=BORDER)
        rows, columns = (np.flatnonzero((frame > BLACK).any(axis)) for axis in (1, 0))
        window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        frames.append(frame[window])
        masks.append(np.where(vessels, IGNORE, 0).astype(np.uint8)[window])
    return _source(LIMBS, frames, masks)


def simulated(name: str, seed: int = SEED) -> LabelledSource:
    """Return frames of the simulator with the lumen of their artery, if they have one, at 0.1 mm per pixel."""
    kind, count = SIMULATED[name]
    frames, masks = [], []
    for index in range(count):
        rng = np.random.default_rng((seed, index, count))
        lines = int(SIMULATED_SIZE * rng.uniform(0.4, 1))
        machine = Machine.random(rng, convex=False, samples=SIMULATED_SIZE, lines=lines)
        size = (SIMULATED_SIZE, SIMULATED_SIZE)
        frame = next(simulate_sweep(rng, size=size, machine=machine, anatomy=KINDS[kind](rng, machine)))
        rows, columns = (np.flatnonzero(frame.sector.any(axis)) for axis in (1, 0))
        window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        factor = frame.spacing / SIMULATED_SPACING
        frames.append(_zoomed(frame.speckled[window], factor))
        masks.append((_zoomed(frame.lumen[window] * np.uint8(255), factor) > 127).astype(np.uint8))
    return _source(name, frames, masks, (SIMULATED_SPACING, SIMULATED_SPACING))


def _source(
    name: str, frames: list[Image], masks: list[Image], spacing: tuple[float, float] | None = None
) -> LabelledSource:
    return LabelledSource.from_arrays(name, frames, masks, spacing, subject=name)


def _zoomed(image: NDArray[Any], factor: float) -> Image:
    smooth = ndimage.gaussian_filter(image.astype(np.float32), 0.4 / factor) if factor < 1 else image
    zoomed: Image = np.clip(np.rint(ndimage.zoom(smooth.astype(np.float32), factor, order=1)), 0, 255).astype(np.uint8)
    return zoomed


def _gray(path: Path) -> Image:
    pixels = np.asarray(open_sweep(path).frames[0])
    return pixels if pixels.ndim == 2 else pixels[..., 0]


def _existing(path: Path) -> Path:
    if not path.exists():
        raise InputError(f"The data folder {path.parents[0].name!r} holds no {path.name!r}.")
    return path
