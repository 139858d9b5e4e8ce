"""Where the frames of a sweep lie along it, from what their file states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError

from ..segmentation.files.spacing import frame_positions
from ..segmentation.files.tracked_transforms import tracked_transforms

if TYPE_CHECKING:
    from Speckle2SelfLib.files import Sweep

Matrices = NDArray[np.float64]

CURVED = 0.25  # sideways extent of a path as a share of its length


@dataclass(frozen=True)
class FramePlaces:
    """Where frames lie.

    Attributes
    ----------
    positions : list of float
        mm along the sweep, 0 at its first frame; nan for a frame whose place is not known.
    origin : str
        Where that is known from, in words.
    notes : tuple of str
        Sentences for the user.
    """

    positions: list[float]
    origin: str
    notes: tuple[str, ...] = ()


def positions_along(places: Any) -> FramePlaces:
    """Return how far along a sweep its frames lie.

    Distances are taken along the direction in which the frames spread most: the jitter of a tracking device does not
    add up, and a probe that goes back comes out further back.

    Parameters
    ----------
    places : array (N, 3) or (N, 4, 4)
        Position of each frame in mm, or its transform to a fixed coordinate system (the translation counts: give the
        transform of the image's center, or of the probe); nan where it is not known.

    Raises
    ------
    InputError
        If the array has another shape, or no two frames are placed.
    """
    array = np.asarray(places, np.float64)
    if array.ndim == 3 and array.shape[1:] == (4, 4):
        array = array[:, :3, 3]
    if array.ndim != 2 or array.shape[1] != 3:
        raise InputError(f"Places must be N positions (N, 3) or transforms (N, 4, 4), got an array of {array.shape}.")
    known = np.isfinite(array).all(1)
    if known.sum() < 2:
        raise InputError("Fewer than two frames have a place: leave the places out.")
    centered = array - array[known].mean(0)
    _, spread, directions = np.linalg.svd(centered[known], full_matrices=False)
    along = centered @ directions[0]
    first, last = along[known][[0, -1]]
    along = (along - first) * (1 if last >= first else -1)
    notes = []
    if spread[1] > CURVED * spread[0] > 0:
        notes.append("The sweep is curved; positions are distances along its main direction.")
    if not known.all():
        notes.append(f"{int((~known).sum())} frames were not tracked and have no position.")
    return FramePlaces([float(value) for value in along], "tracked transforms", tuple(notes))


def sweep_positions(sweep: Sweep) -> FramePlaces | None:
    """Return where the frames of a file lie along the sweep; None where it does not say.

    Transforms of tracked frames are taken first, then the slice spacing of a volume.
    """
    count = len(sweep)
    tracked = tracked_transforms(sweep.metadata, count)
    if tracked is not None:
        matrices, name = tracked
        height, width = sweep.frame_shape[:2]
        if name.lower().startswith("image"):
            center = np.array([(width - 1) / 2, (height - 1) / 2, 0, 1])
            places: Matrices = (matrices @ center)[:, :3]
        else:
            places = matrices[:, :3, 3]
        if np.isfinite(places).all(1).sum() > 1:
            found = positions_along(places)
            return FramePlaces(found.positions, f"tracked transforms {name}", found.notes)
    return None if sweep.sequence else slice_positions(frame_positions(sweep.geometry, count))


def slice_positions(positions: Sequence[float] | None) -> FramePlaces | None:
    """Return places that follow from a slice spacing, with what has to be said about them."""
    if positions is None or len(positions) < 2:
        return None
    step = positions[1] - positions[0]
    note = f"Positions follow from the slice spacing of {step:g} mm; they hold if the frames are evenly spaced."
    return FramePlaces(list(positions), "slice spacing", (note,))
