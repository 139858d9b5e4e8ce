"""Input and result as they are shown, pixel on pixel: what both have in common, and their difference."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..frame_path.luminance import luminance
from . import images
from .geometry import ijk_to_ras, matrix_array
from .provenance import PREFIX
from .translation import tr as _

SMALLEST_STEP = 1e-3


def gray_problem(result: Any) -> str | None:
    """Return why the gray levels of a result cannot be compared with those of its input, or None if they can.

    Parameters
    ----------
    result : vtkMRMLVolumeNode
        Says in its attributes what ran.
    """
    said = {name: result.GetAttribute(PREFIX + name) for name in ("Preset", "Signal", "Gamma")}
    if said["Preset"] == "published":
        return str(_("The published method gives gray levels from 0 to 1, other than those of the input."))
    if said["Signal"] not in (None, "bmode"):
        return str(_("The result is B-mode, the input is not: their gray levels mean different things."))
    if said["Gamma"] not in (None, "1.0", "1"):
        return str(_("Gamma has changed the gray levels of the result: set it to 1 to see a difference."))
    return None


def common_part(source: Any, result: Any) -> tuple[slice, ...] | None:
    """Return where in the pixels of the input, (K, J, I), those of the result lie; None if they do not lie on them.

    Parameters
    ----------
    source, result : vtkMRMLVolumeNode
        Input and result as they are shown; the result may hold some of the input's slices only.
    """
    if not images.has_pixels(source.GetImageData()) or not images.has_pixels(result.GetImageData()):
        return None
    theirs, ours = matrix_array(ijk_to_ras(source)), matrix_array(ijk_to_ras(result))
    size = np.abs(theirs[:3, :3]).max()
    if size == 0 or not np.allclose(theirs[:3, :3], ours[:3, :3], atol=SMALLEST_STEP * size):
        return None
    low = np.linalg.solve(theirs[:3, :3], ours[:3, 3] - theirs[:3, 3])
    low += np.array(result.GetImageData().GetExtent()[::2]) - np.array(source.GetImageData().GetExtent()[::2])
    first = np.rint(low).astype(int)
    last = first + result.GetImageData().GetDimensions()
    inside = (first >= 0).all() and (last <= source.GetImageData().GetDimensions()).all()
    if not inside or np.abs(low - first).max() > 0.1:
        return None
    return tuple(slice(int(first[axis]), int(last[axis])) for axis in (2, 1, 0))


def difference(source: Any, result: Any) -> images.Array | None:
    """Return input minus result, float32 (K, J, I), of colors that of their luminance; None if they do not fit.

    Parameters
    ----------
    source, result : vtkMRMLVolumeNode
        Input and result as they are shown.
    """
    part = common_part(source, result)
    if part is None:
        return None
    before, after = images.view(source.GetImageData())[part], images.view(result.GetImageData())
    if before.shape != after.shape:
        return None
    if before.ndim == 4:
        return np.asarray(luminance(before) - luminance(after), np.float32)
    with np.errstate(invalid="ignore", over="ignore"):  # infinite pixels are left as they are: their difference is NaN
        return before.astype(np.float32) - after.astype(np.float32)
