"""Where a tracking device saw the frames of a sweep, and how large their pixels are: the transforms of its file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from Speckle2SelfLib.files import Sweep

Matrices = NDArray[np.float64]

FIELD = re.compile(r"Seq_Frame(\d+)_(\w+?)To(\w+?)Transform(Status)?", re.IGNORECASE)
FIXED = ("reference", "ras", "world", "tracker")  # coordinate systems, the ones that stay with the patient first
MOVING = ("image", "probe", "transducer")


def calibrated_spacing(sweep: Sweep) -> tuple[float, float] | None:
    """Return the pixel size (row, column) in mm that transforms from image to tracker hold; None without them.

    A tracked sequence counts in pixels and keeps their size in the transform named ImageTo....
    """
    tracked = tracked_transforms(sweep.metadata, len(sweep))
    if tracked is None or not tracked[1].lower().startswith("image"):
        return None
    scales = np.linalg.norm(tracked[0][:, :3, :2], axis=1)
    columns, rows = np.nanmedian(scales, axis=0)
    return float(rows), float(columns)


def tracked_transforms(metadata: Mapping[str, str], count: int) -> tuple[Matrices, str] | None:
    """Return one matrix per frame (count, 4, 4), nan where tracking failed, and which transform it is.

    Of several, one from the image is preferred to one from the probe, and one to the reference on the patient to one to
    the tracker; a probe and a reference that are both known in the tracker are combined.
    """
    found = _all_transforms(metadata, count)
    if ("probe", "tracker") in found and ("reference", "tracker") in found:
        inverse = np.full((count, 4, 4), np.nan)
        for index, matrix in enumerate(found["reference", "tracker"]):
            if np.isfinite(matrix).all() and abs(np.linalg.det(matrix)) > 0:
                inverse[index] = np.linalg.inv(matrix)
        found.setdefault(("probe", "reference"), inverse @ found["probe", "tracker"])
    for moving in MOVING:
        for fixed in FIXED:
            matrices = found.get((moving, fixed))
            if matrices is not None and np.isfinite(matrices).all((1, 2)).sum() > 1:
                return matrices, f"{moving.capitalize()}To{fixed.capitalize()}"
    return None


def _all_transforms(metadata: Mapping[str, str], count: int) -> dict[tuple[str, str], Matrices]:
    found: dict[tuple[str, str], Matrices] = {}
    failed: list[tuple[tuple[str, str], int]] = []
    for key, value in metadata.items():
        match = FIELD.fullmatch(key)
        if match is None or int(match[1]) >= count:
            continue
        name, index = (match[2].lower(), match[3].lower()), int(match[1])
        if match[4]:
            if value.strip().upper() != "OK":
                failed.append((name, index))
            continue
        matrix = _matrix(value.split())
        if matrix is not None:
            found.setdefault(name, np.full((count, 4, 4), np.nan))[index] = matrix
    for name, index in failed:
        if name in found:
            found[name][index] = np.nan
    return found


def _matrix(words: Sequence[str]) -> Matrices | None:
    try:
        values = np.array([float(word) for word in words])
    except ValueError:
        return None
    return values.reshape(4, 4) if values.size == 16 else None
