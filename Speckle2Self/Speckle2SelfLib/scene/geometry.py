"""Where the pixels of a volume lie: axes, IJK to RAS, and which slice a view shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from vtkmodules.vtkCommonMath import vtkMatrix4x4

from ..errors import InputError
from .environment import SceneEnvironment

AXES = ("I", "J", "K")
K_AXIS = 2


def ijk_to_ras(volume: Any) -> Any:
    """Return a copy of a volume's IJK to RAS matrix, its parent transform not included."""
    matrix = vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return matrix


def shifted(matrix: Any, axis: int, voxels: int) -> Any:
    """Return an IJK to RAS matrix whose origin lies some voxels further along an axis."""
    result = vtkMatrix4x4()
    result.DeepCopy(matrix)
    for row in range(3):
        result.SetElement(row, 3, matrix.GetElement(row, 3) + voxels * matrix.GetElement(row, axis))
    return result


def frame_axis(dimensions: tuple[int, int, int], requested: str | int | None) -> int:
    """Return the axis along which the frames lie, 0 to 2 for I to K.

    Parameters
    ----------
    dimensions : tuple of int
        Voxels along I, J, K.
    requested : {"I", "J", "K"} or 0 to 2 or None
        None means K, or the only axis with a single voxel: a single frame that lies along I or J.

    Raises
    ------
    InputError
        If ``requested`` is nothing of that.
    """
    if requested is None:
        thin = [axis for axis in range(3) if dimensions[axis] == 1]
        return thin[0] if len(thin) == 1 else K_AXIS
    if isinstance(requested, str) and requested.upper() in AXES:
        return AXES.index(requested.upper())
    if requested in (0, 1, 2) and not isinstance(requested, (bool, str)):
        return int(requested)
    raise InputError(f"frameAxis must be I, J or K (or 0, 1 or 2), got {requested!r}.")


def shown_slice(environment: SceneEnvironment, volume: Any, axis: int) -> int | None:
    """Return the index along an axis of the slice that a slice view shows, or None without slice views.

    Of several views, one that shows this volume counts most, then the one that looks along the axis best.
    """
    to_world = ijk_to_world(volume)
    direction = _unit(to_world[:3, axis])
    best: tuple[tuple[bool, float], Any] | None = None
    for view in environment.nodes("vtkMRMLSliceNode"):
        slice_to_ras = matrix_array(view.GetSliceToRAS())
        alignment = round(abs(float(direction @ _unit(slice_to_ras[:3, 2]))), 3)
        rank = (_shows(environment, view, volume), alignment)
        if best is None or rank > best[0]:
            best = (rank, slice_to_ras)
    if best is None:
        return None
    try:
        position = np.linalg.inv(to_world) @ best[1][:, 3]
    except np.linalg.LinAlgError:
        return None
    return round(float(position[axis]))


def _shows(environment: SceneEnvironment, view: Any, volume: Any) -> bool:
    for composite in environment.nodes("vtkMRMLSliceCompositeNode"):
        if composite.GetLayoutName() == view.GetLayoutName():
            return volume.GetID() in (composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID())
    return False


def ijk_to_world(volume: Any) -> np.ndarray[Any, Any]:
    """Return a volume's IJK to world matrix as an array, its parent transforms included where they are linear."""
    matrix = ijk_to_ras(volume)
    transform = volume.GetParentTransformNode()
    if transform is not None and transform.IsTransformToWorldLinear():
        to_world = vtkMatrix4x4()
        transform.GetMatrixTransformToWorld(to_world)
        vtkMatrix4x4.Multiply4x4(to_world, matrix, matrix)
    return matrix_array(matrix)


def matrix_array(matrix: Any) -> np.ndarray[Any, Any]:
    """Return a vtkMatrix4x4 as an array."""
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def _unit(vector: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
