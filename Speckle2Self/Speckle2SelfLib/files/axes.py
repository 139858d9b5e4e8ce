"""Which axis of a file counts columns, rows, frames and color channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import InputError
from .pixels import Array

SPATIAL_KINDS = ("domain", "space", "???", "none", "")
SEQUENCE_KINDS = ("list", "time")


@dataclass(frozen=True)
class AxisRoles:
    """The part that each axis of a file plays; axes are numbered from the fastest.

    Parameters
    ----------
    sizes : tuple of int
        Length of every axis, fastest first.
    column, row : int
        Axes along a row and along a column of a frame.
    frame : int or None
        Axis that counts frames; None for a single 2D image.
    channel : int or None
        Axis of color channels.
    sequence : bool
        Whether the frame axis is a list or time rather than a direction in space.
    """

    sizes: tuple[int, ...]
    column: int
    row: int
    frame: int | None
    channel: int | None
    sequence: bool

    @property
    def count(self) -> int:
        """Number of frames."""
        return 1 if self.frame is None else self.sizes[self.frame]

    @property
    def spatial(self) -> list[int]:
        """Axes with a direction in space: column, row and, for volumes, frame."""
        return [self.column, self.row] + ([] if self.frame is None or self.sequence else [self.frame])

    def with_frames(self, count: int) -> AxisRoles:
        """Return the roles for another number of frames."""
        if self.frame is None:
            return self
        return replace(self, sizes=(*self.sizes[: self.frame], count, *self.sizes[self.frame + 1 :]))

    def frames_of(self, pixels: Array) -> Array:
        """View pixels in file order as (N, H, W) or (N, H, W, C)."""
        array: Array = pixels.reshape(self.sizes[::-1])
        named = [self.frame, self.row, self.column, self.channel]
        order = [self._numpy_axis(axis) for axis in named if axis is not None]
        singles = [axis for axis in range(array.ndim) if axis not in order]
        array = array.transpose(singles + order)[(0,) * len(singles)]
        return array if self.frame is not None else array[np.newaxis]

    def parts_of(self, frames: Array, dtype: np.dtype[Any]) -> Iterator[Array]:
        """Yield pieces of ``frames`` that make up the file, one after the other, in ``dtype``."""
        array = frames if self.frame is not None else frames[0]
        named = [axis for axis in (self.frame, self.row, self.column, self.channel) if axis is not None]
        slowest_first = sorted(range(len(named)), key=lambda place: -named[place])
        for part in array.transpose(slowest_first):
            yield part.astype(dtype, copy=False)

    def array_of(self, frames: Array) -> Array:
        """Return ``frames`` as an array in the file's numpy shape, single axes included."""
        return np.concatenate([part[np.newaxis] for part in self.parts_of(frames, frames.dtype)]).reshape(
            self.sizes[::-1]
        )

    def _numpy_axis(self, axis: int) -> int:
        return len(self.sizes) - 1 - axis


def find_roles(name: str, sizes: Sequence[int], kinds: Sequence[str], frame_axis: int | None) -> AxisRoles:
    """Decide what each axis of a file is.

    Parameters
    ----------
    name : str
        The file, for messages.
    sizes : sequence of int
        Length of every axis, fastest first.
    kinds : sequence of str
        NRRD kind of every axis ("domain" where the file does not say).
    frame_axis : int or None
        The numpy axis (0 is the slowest in the file) that counts frames, color channels and single axes not counted.

    Raises
    ------
    InputError
        If the file is no stack of 2D frames, or has as many channels as no image has.
    """
    kinds = [kind.strip().lower() for kind in kinds]
    if any("complex" in kind for kind in kinds):
        raise InputError(f"{name} holds complex numbers, which cannot be despeckled; save their magnitude first.")
    spatial = [axis for axis, kind in enumerate(kinds) if kind in SPATIAL_KINDS]
    listed = [axis for axis, kind in enumerate(kinds) if kind in SEQUENCE_KINDS]
    channels = [axis for axis in range(len(kinds)) if axis not in spatial and axis not in listed and sizes[axis] != 1]
    if len(channels) > 1 or any(sizes[axis] not in (3, 4) for axis in channels):
        found = " x ".join(str(sizes[axis]) for axis in channels)
        raise InputError(f"{name} has {found} components per pixel; gray (1), RGB (3) and RGBA (4) are accepted.")
    spatial, listed = _without_singles(spatial, listed, sizes)
    if len(listed) > 1 or len(spatial) + len(listed) > 3 or len(spatial) < 2:
        shown = " x ".join(str(size) for size in sizes)
        raise InputError(f"{name} has axes of {shown}; a 2D image, a 3D volume or a sequence of 2D frames is accepted.")
    frame, others = _choose_frame_axis(name, spatial, listed, frame_axis)
    return AxisRoles(
        sizes=tuple(sizes),
        column=others[0],
        row=others[1],
        frame=frame,
        channel=channels[0] if channels else None,
        sequence=frame in listed,
    )


def _without_singles(spatial: list[int], listed: list[int], sizes: Sequence[int]) -> tuple[list[int], list[int]]:
    """Leave out axes of length 1 where there are more axes than a stack of frames has (W x H x 1 x N)."""
    spatial, listed = list(spatial), list(listed)
    for group in (spatial, listed):
        for axis in sorted(group, reverse=True):
            keeps_frames = group is listed or len(spatial) > 2
            if len(spatial) + len(listed) > 3 and keeps_frames and sizes[axis] == 1:
                group.remove(axis)
    return spatial, listed


def _choose_frame_axis(
    name: str, spatial: list[int], listed: list[int], frame_axis: int | None
) -> tuple[int | None, list[int]]:
    axes = sorted(spatial + listed)
    if len(axes) == 2:
        return None, axes
    if frame_axis is None:
        frame = listed[0] if listed else axes[-1]
    else:
        if frame_axis not in (0, 1, 2):
            raise InputError(f"The frame axis of {name} must be 0 (slowest in the file), 1 or 2, got {frame_axis}.")
        frame = axes[2 - frame_axis]
    return frame, [axis for axis in axes if axis != frame]


def frame_axis_hint(roles: AxisRoles) -> str:
    """Return what to add to a message about frames of the wrong size."""
    return "" if roles.frame is None else "; another frame axis may be meant"
