"""Read MetaImage files (``.mha``, ``.mhd``): volumes, and tracked sequences as PLUS writes them."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .axes import AxisRoles, find_roles, frame_axis_hint
from .frame_fields import is_plus_field, time_stamps
from .metaimage_header import TYPE_NAMES, MetaImageHeader
from .payload import Encoding, read_pixels
from .pixels import Array, check_frames, check_pixel_type, understandable
from .provenance import without_provenance
from .sweep import Geometry, Sweep

MATRIX_NAMES = ("TransformMatrix", "Rotation", "Orientation")
ORIGIN_NAMES = ("Offset", "Position", "Origin")
SPACING_NAMES = ("ElementSpacing", "ElementSize")


class MetaImageSource:
    """What a MetaImage output needs of the MetaImage file it derives from; the channel axis is axis 0 of ``roles``."""

    def __init__(self, header: MetaImageHeader, roles: AxisRoles) -> None:
        self.header = header
        self.roles = roles


def open_metaimage(path: Path, frame_axis: int | None = None) -> Sweep:
    """Open ``.mha`` and ``.mhd`` files, plain or tracked sequences.

    Parameters
    ----------
    path : Path
        The file, or the header of a file whose pixels lie beside it.
    frame_axis : int or None
        Numpy axis that counts frames; None takes the list axis of a sequence, else the slowest.

    Raises
    ------
    InputError
        If the file is damaged or holds no stack of gray or color frames.
    """
    header = MetaImageHeader.read(path)
    with understandable(path):
        return _open(path, header, frame_axis)


def _open(path: Path, header: MetaImageHeader, frame_axis: int | None) -> Sweep:
    type_name = header.field("ElementType") or "of no stated type"
    dtype = check_pixel_type(str(path), TYPE_NAMES.get(type_name.upper(), type_name))
    sizes = [int(word) for word in (header.field("DimSize") or "").split()]
    if not sizes or len(sizes) != int(header.field("NDims") or 0):
        raise InputError(f"{path} states a DimSize that does not match its NDims; export it again.")
    if 0 in sizes:
        raise InputError(f"{path} holds no frames; a sweep needs at least one.")
    tracked = any(is_plus_field(name) for name in header.custom_fields())
    kinds = _kinds(header, sizes, tracked)
    channels = int(header.field("ElementNumberOfChannels") or 1)
    if channels != 1:
        sizes, kinds = [channels, *sizes], ["vector", *kinds]
    roles = find_roles(str(path), sizes, kinds, frame_axis)
    check_frames(str(path), roles.count, sizes[roles.row], sizes[roles.column], frame_axis_hint(roles))
    files = _data_files(path, header, roles)
    frames = roles.frames_of(_read(path, header, files, dtype, math.prod(sizes)))
    return Sweep(
        path=path,
        frames=frames,
        color=roles.channel is not None,
        spacing=_pixel_spacing(header, roles, tracked),
        format_name="tracked MetaImage sequence"
        if tracked
        else "MetaImage sequence"
        if roles.sequence
        else "MetaImage",
        frame_shape=frames.shape[1:],
        dtype=dtype,
        geometry=_geometry(header, roles),
        metadata=without_provenance(header.custom_fields()),
        sequence=roles.sequence,
        frame_times=time_stamps(header.custom_fields(), roles.count),
        source=MetaImageSource(header, roles),
        files=(path, *(file for file in files if file != path)),
    )


def _kinds(header: MetaImageHeader, sizes: list[int], tracked: bool) -> list[str]:
    kinds = (header.field("Kinds") or "").split()
    if len(kinds) == len(sizes):
        return kinds
    kinds = ["domain"] * len(sizes)
    if tracked and len(sizes) > 2:
        kinds[-1] = "list"  # as PLUS itself reads files that it wrote before it knew kinds
    return kinds


def _data_files(path: Path, header: MetaImageHeader, roles: AxisRoles) -> list[Path]:
    value = (header.field("ElementDataFile") or "").strip()
    if value.upper() == "LOCAL":
        return [path]
    if value.upper().startswith("LIST"):
        names = [name for name in header.data_files if name]
    elif match := re.fullmatch(r"(.*%0?\d*[diu]\S*)((?:\s+-?\d+){0,3})", value):
        bounds = [int(word) for word in match[2].split()]
        first, last, step = [*bounds, *[1, roles.sizes[-1], 1][len(bounds) :]]
        numbers = range(first, last + 1, step)
        names = [re.sub(r"%(0?\d*)[diu]", lambda found: f"{number:{found[1]}d}", match[1]) for number in numbers]  # noqa: B023
    else:
        names = [value]
    return [path.parent / name for name in names]


def _read(path: Path, header: MetaImageHeader, files: list[Path], dtype: np.dtype[Any], count: int) -> Array:
    binary = not header.has("BinaryData") or header.true("BinaryData")
    swapped = header.true("BinaryDataByteOrderMSB") or header.true("ElementByteOrderMSB")
    in_file = dtype.newbyteorder(">" if swapped else "<")
    encoding: Encoding = "deflate" if header.true("CompressedData") else "raw" if binary else "ascii"
    skip = int(float(header.field("HeaderSize") or 0))
    share, rest = divmod(count, max(len(files), 1))
    if rest or not files:
        raise InputError(f"{path} lists {len(files)} data files that cannot hold its sizes; export it again.")
    parts = []
    for file in files:
        offset = header.pixels_at if file == path else max(skip, 0)
        parts.append(read_pixels(str(path), file, offset, in_file, share, encoding, from_end=skip == -1))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def spatial_index(roles: AxisRoles, axis: int) -> int:
    """Return the place of an axis in DimSize, which does not count channels."""
    return axis - (roles.channel is not None and roles.channel < axis)


def _pixel_spacing(header: MetaImageHeader, roles: AxisRoles, tracked: bool) -> tuple[float, float] | None:
    values = header.numbers(*SPACING_NAMES)
    row, column = (
        values[i] if i < len(values) else 0.0 for i in (spatial_index(roles, a) for a in (roles.row, roles.column))
    )
    if min(row, column) <= 0 or not math.isfinite(row * column):
        return None
    pixels_not_millimeters = tracked and row == column == 1.0  # PLUS keeps the scale in a transform
    return None if pixels_not_millimeters else (row, column)


def _geometry(header: MetaImageHeader, roles: AxisRoles) -> Geometry | None:
    dimensions = int(header.field("NDims") or 0)
    spacings, origins = header.numbers(*SPACING_NAMES), header.numbers(*ORIGIN_NAMES)
    matrix = header.numbers(*MATRIX_NAMES)
    if len(spacings) != dimensions:
        return None
    rows = np.eye(3) if len(matrix) != dimensions**2 else np.zeros((3, 3))
    if len(matrix) == dimensions**2:
        axes = np.array(matrix).reshape(dimensions, dimensions)[:, :3]
    else:
        axes = np.eye(dimensions)[:, :3]
    third = roles.frame if roles.frame is not None and not roles.sequence else None
    spacing = []
    for place, axis in enumerate((roles.column, roles.row, third)):
        index = None if axis is None else spatial_index(roles, axis)
        spacing.append(1.0 if index is None else abs(spacings[index]) or 1.0)
        if index is not None:
            rows[place] = 0
            rows[place, : axes.shape[1]] = axes[index]
    if third is None:
        across = np.cross(rows[0], rows[1])
        rows[2] = across if np.linalg.norm(across) > 0 else (0, 0, 1)
    origin = np.zeros(3)
    origin[: min(len(origins), 3)] = origins[:3]
    x, y, z = (float(value) for value in origin)
    direction = tuple(tuple(float(value) for value in row) for row in rows)
    return Geometry((spacing[0], spacing[1], spacing[2]), (x, y, z), direction)
