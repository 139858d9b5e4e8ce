"""Where tissue and lumen are measured, from what the user marked: a markups ROI, or a segment."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.sequences import SequenceSweep, find_sequence
from Speckle2SelfLib.scene.sweep import SceneSweep
from vtkmodules.vtkCommonMath import vtkMatrix4x4

from ..evaluation.boxes import LARGEST_SHARE, Box, box_inside
from .lumen_segment import SEGMENTATION_CLASS
from .pixel_places import Matrix, array_of, frame_axes, image_to_world, slabs_of
from .scene_labels import read_scene_labels
from .segment_choice import segment_names

ROI_CLASS = "vtkMRMLMarkupsROINode"
SMALLEST_SIDE = 4


def region_boxes(
    environment: SceneEnvironment, region: Any, sweep: SceneSweep, indices: Sequence[int], what: str, size: int
) -> list[Box | None]:
    """Return the box (row, column, height, width) of a region on frames of a sweep.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    region : vtkMRMLNode or None
        A markups ROI: its outline in the plane of a frame is the box, however deep the frame lies. A segmentation (or
        the proxy of a sequence of them): the box lies in the widest part of its segment. None gives no boxes.
    sweep : SceneSweep
    indices : sequence of int
        Numbers of the frames.
    what : {"tissue", "lumen"}
        Whose region it is: of several segments the one is taken whose name says so.
    size : int
        Rows and columns that a box in a segment has at most.

    Returns
    -------
    list of Box or None
        For each of `indices`; None where a segment is empty.

    Raises
    ------
    InputError
        If the node is none of these, or the region does not lie on the frames.
    """
    if region is None:
        return [None] * len(indices)
    if not hasattr(region, "IsA") or not environment.holds(region):
        raise InputError(f"The region of {what} must be a node of this scene, got {region!r}.")
    if region.IsA(ROI_CLASS):
        return _roi_boxes(region, sweep, indices, what)
    if region.IsA(SEGMENTATION_CLASS) or find_sequence(environment, region) is not None:
        return _segment_boxes(environment, region, sweep, indices, what, size)
    raise InputError(
        f"{region.GetName()!r} is a {region.GetNodeTagName()} node; give a markups ROI or a segmentation as the "
        f"region of {what}."
    )


def _roi_boxes(roi: Any, sweep: SceneSweep, indices: Sequence[int], what: str) -> list[Box | None]:
    corners = _corners(roi)
    slabs, matrices = slabs_of(sweep), image_to_world(sweep)
    boxes: list[Box | None] = []
    for index in indices:
        number = index if isinstance(sweep, SequenceSweep) else 0
        slab = slabs[number]
        places = (np.linalg.inv(matrices[number]) @ corners)[:3]
        ranges = []
        for axis, count in zip(frame_axes(slab.axis), slab.frame_shape[:2], strict=True):
            along = places[axis] - slab.image.GetExtent()[2 * axis]
            first, last = max(0, math.ceil(along.min())), min(count - 1, math.floor(along.max()))
            ranges.append((first, last - first + 1))
        (row, height), (column, width) = ranges
        if min(height, width) < SMALLEST_SIDE:
            raise InputError(
                f"ROI {roi.GetName()!r} covers {max(0, height)} x {max(0, width)} pixels of frame {index}; the region "
                f"of {what} needs at least {SMALLEST_SIDE} x {SMALLEST_SIDE}: move or enlarge it."
            )
        boxes.append((row, column, height, width))
    return boxes


def _corners(roi: Any) -> Matrix:
    """Return the corners of a ROI in the world, (4, 8)."""
    size = roi.GetSize()
    matrix = vtkMatrix4x4()
    matrix.DeepCopy(roi.GetObjectToWorldMatrix())
    halves = [[sign * length / 2 for sign, length in zip(signs, size, strict=True)] for signs in _SIGNS]
    corners: Matrix = array_of(matrix) @ np.array([[*half, 1.0] for half in halves]).T
    return corners


_SIGNS = list(itertools.product((-1, 1), repeat=3))


def _segment_boxes(
    environment: SceneEnvironment, region: Any, sweep: SceneSweep, indices: Sequence[int], what: str, size: int
) -> list[Box | None]:
    labels = read_scene_labels(environment, region, sweep, _segment_of(region, what))
    size = min(size, int(min(sweep.frame_shape[:2]) * LARGEST_SHARE))
    masks = [labels[index] != 0 for index in indices]
    boxes = [box_inside(mask, size) if mask.any() else None for mask in masks]
    if not any(boxes):
        raise InputError(
            f"The segment of {what} in {region.GetName()!r} is empty or a sliver on all compared frames; draw it there "
            "or choose none, so that it is found automatically."
        )
    return boxes


def _segment_of(region: Any, what: str) -> str | None:
    """Return the identifier of the segment that is meant; None for a sequence, whose segments are not known here."""
    if not region.IsA(SEGMENTATION_CLASS):
        return None
    names = segment_names(region)
    named = [identifier for identifier, name in names.items() if what in name.lower()]
    if len(names) > 1 and len(named) != 1:
        shown = ", ".join(repr(name) for name in names.values())
        raise InputError(
            f"Segmentation {region.GetName()!r} has the segments {shown}; let one of their names say {what!r}, or give "
            "a segmentation of one segment."
        )
    return next(iter(named or names), None)
