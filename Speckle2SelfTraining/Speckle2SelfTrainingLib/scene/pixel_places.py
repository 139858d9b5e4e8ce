"""Where the pixels of a sweep's frames lie: their size, the frames' places along the sweep, and their times.

Parent transforms count: a tracked sweep may keep places, and even the size of its pixels, in a sequence of transforms.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files.frame_fields import SECONDS
from Speckle2SelfLib.scene.sequences import SequenceSweep
from Speckle2SelfLib.scene.sweep import SceneSweep, Slab
from vtkmodules.vtkCommonMath import vtkMatrix4x4

from ..segmentation.files.spacing import stated_spacing

Matrix = NDArray[np.float64]

SAME_SIZE = 1e-3


def frame_axes(axis: int) -> tuple[int, int]:
    """Return the axes (0 to 2 for I to K) along which rows and columns of a frame are counted."""
    return (1 if axis == 2 else 2), (1 if axis == 0 else 0)


def pixel_spacing(sweep: SceneSweep) -> tuple[float, float] | None:
    """Return the size of pixels (row, column) in mm; None where nothing states it.

    Raises
    ------
    InputError
        If the frames of a sequence differ in it.
    """
    sizes = np.array(
        [
            [np.linalg.norm(matrix[:3, axis]) for axis in frame_axes(slab.axis)]
            for slab, matrix in zip(slabs_of(sweep), image_to_world(sweep), strict=True)
        ]
    )
    different = np.flatnonzero(np.abs(sizes - sizes[0]).max(axis=1) > SAME_SIZE * sizes[0].max())
    if different.size:
        raise InputError(
            f"Frame {different[0] + 1} of sequence {sweep.name!r} has pixels of {_text(sizes[different[0]])} but "
            f"frame 1 of {_text(sizes[0])}; give sequences of one pixel size each."
        )
    return stated_spacing(*(float(size) for size in sizes[0]))


def frame_centers(sweep: SceneSweep) -> Matrix | None:
    """Return the centers of the frames in the world (N, 3), in mm; None where nothing tells one from the other."""
    if pixel_spacing(sweep) is None or len(sweep) < 2:
        return None
    slabs, matrices = slabs_of(sweep), image_to_world(sweep)
    centers = np.array(
        [
            _center(slab, matrix, number)
            for slab, matrix in zip(slabs, matrices, strict=True)
            for number in range(slab.count)
        ]
    )
    return centers if np.ptp(centers, axis=0).max() > 0 else None


def frame_times(sweep: SceneSweep) -> list[float] | None:
    """Return the times of the frames in seconds, where the index of a sequence is a time."""
    if not isinstance(sweep, SequenceSweep) or "time" not in (sweep.sequence.GetIndexName() or "").lower():
        return None
    factor = SECONDS.get((sweep.sequence.GetIndexUnit() or "").lower())
    try:
        times = [float(value) for value in sweep.index_values]
    except ValueError:
        return None
    return None if factor is None else [factor * time for time in times]


def slabs_of(sweep: SceneSweep) -> list[Slab]:
    """Return the images that hold the frames: one, or in a sequence one for each frame."""
    return sweep.slabs if isinstance(sweep, SequenceSweep) else [sweep.first_slab]


def _center(slab: Slab, matrix: Matrix, number: int) -> Matrix:
    extent = slab.image.GetExtent()
    middle = [(low + high) / 2 for low, high in zip(extent[::2], extent[1::2], strict=True)]
    middle[slab.axis] = extent[2 * slab.axis] + number
    center: Matrix = (matrix @ [*middle, 1.0])[:3]
    return center


def image_to_world(sweep: SceneSweep) -> list[Matrix]:
    """Return IJK to world (4, 4) of each slab, with the parent transforms that it has on its frame."""
    slabs = slabs_of(sweep)
    parents = [np.eye(4)] * len(slabs)
    transform = sweep.shown.GetParentTransformNode() if sweep.shown is not None else None
    while transform is not None:
        steps = _steps(sweep, transform)
        parents = [step @ parent for step, parent in zip(steps, parents, strict=True)]
        transform = transform.GetParentTransformNode()
    return [parent @ array_of(slab.matrix) for parent, slab in zip(parents, slabs, strict=True)]


def _steps(sweep: SceneSweep, transform: Any) -> list[Matrix]:
    """Return what a transform does to each slab: the same, unless the browser moves it with the frames."""
    if not isinstance(sweep, SequenceSweep):
        return [_to_parent(transform)]
    moving = sweep.browser.GetSequenceNode(transform) if sweep.browser is not None else None
    nodes = [moving.GetDataNodeAtValue(value) if moving is not None else transform for value in sweep.index_values]
    return [_to_parent(node or transform) for node in nodes]


def _to_parent(transform: Any) -> Matrix:
    matrix = vtkMatrix4x4()
    if transform.IsA("vtkMRMLTransformNode") and transform.IsLinear():
        transform.GetMatrixTransformToParent(matrix)
    return array_of(matrix)


def array_of(matrix: Any) -> Matrix:
    """Return a vtkMatrix4x4 as an array (4, 4)."""
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def _text(spacing: Matrix) -> str:
    return " x ".join(f"{step:.4g}" for step in spacing) + " mm"
