"""Read NRRD files: volumes, and tracked sequences as PLUS and Slicer write them."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from .axes import AxisRoles, find_roles, frame_axis_hint
from .frame_fields import index_times, is_plus_field, time_stamps
from .nrrd_header import NrrdHeader, type_of
from .payload import Encoding, read_pixels
from .pixels import Array, check_frames, check_pixel_type, understandable
from .provenance import without_provenance
from .sweep import Geometry, Sweep

ENCODINGS: dict[str, Encoding] = {
    "raw": "raw",
    "gz": "deflate",
    "gzip": "deflate",
    "bz2": "bzip2",
    "bzip2": "bzip2",
    "txt": "ascii",
    "text": "ascii",
    "ascii": "ascii",
    "hex": "hex",
}
MILLIMETERS = {"mm": 1.0, "millimeter": 1.0, "um": 1e-3, "cm": 10.0, "m": 1000.0}
# signs that turn a NRRD space into LPS
TO_LPS = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}


class NrrdSource:
    """What a NRRD output needs of the NRRD file it derives from."""

    def __init__(self, header: NrrdHeader, roles: AxisRoles) -> None:
        self.header = header
        self.roles = roles


def open_nrrd(path: Path, frame_axis: int | None = None) -> Sweep:
    """Open ``.nrrd`` and ``.nhdr`` files, plain or sequences.

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
    header = NrrdHeader.read(path)
    with understandable(path):
        return _open(path, header, frame_axis)


def _open(path: Path, header: NrrdHeader, frame_axis: int | None) -> Sweep:
    sizes = [int(word) for word in header.words("sizes")]
    dtype = check_pixel_type(str(path), type_of(header.field("type") or "of no stated type"))
    if not sizes or len(sizes) != int(header.field("dimension") or 0):
        raise InputError(f"{path} states sizes that do not match its dimension; export it again.")
    if 0 in sizes:
        raise InputError(f"{path} holds no frames; a sweep needs at least one.")
    roles = find_roles(str(path), sizes, _kinds(header, sizes), frame_axis)
    check_frames(str(path), roles.count, sizes[roles.row], sizes[roles.column], frame_axis_hint(roles))
    files = _data_files(path, header)
    frames = roles.frames_of(_read(path, header, files, dtype, math.prod(sizes)))
    key_values = header.key_values()
    tracked = any(is_plus_field(key) for key in key_values)
    return Sweep(
        path=path,
        frames=frames,
        color=roles.channel is not None,
        spacing=_pixel_spacing(header, roles, tracked),
        format_name="tracked NRRD sequence" if tracked else "NRRD sequence" if roles.sequence else "NRRD",
        frame_shape=frames.shape[1:],
        dtype=dtype,
        geometry=_geometry(header, roles),
        metadata=without_provenance(key_values),
        sequence=roles.sequence,
        frame_times=time_stamps(key_values, roles.count) or _index_times(header, roles),
        source=NrrdSource(header, roles),
        files=(path, *(file for file in files if file != path)),
    )


def _kinds(header: NrrdHeader, sizes: list[int]) -> list[str]:
    kinds = header.words("kinds")
    if len(kinds) == len(sizes):
        return kinds
    directions = header.vectors("space directions")
    if len(directions) != len(sizes):
        return ["domain"] * len(sizes)
    kinds = ["domain" if direction else "list" for direction in directions]
    if not directions[0] and sizes[0] in (3, 4):
        kinds[0] = "vector"
    return kinds


def _data_files(path: Path, header: NrrdHeader) -> list[Path]:
    """Return the files that hold the pixels: the header's own, one other, or several."""
    value = header.field("data file") or header.field("datafile")
    if value is None:
        return [path]
    if value.upper().startswith("LIST"):
        names = header.data_files
    elif match := re.fullmatch(r"(\S*%0?\d*[diu]\S*)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)(\s+\d+)?", value):
        first, last, step = (int(match[group]) for group in (2, 3, 4))
        numbers = range(first, last + (1 if step > 0 else -1), step)
        names = [re.sub(r"%(0?\d*)[diu]", lambda found: f"{number:{found[1]}d}", match[1]) for number in numbers]  # noqa: B023
    else:
        names = [value]
    return [path.parent / name for name in names]


def _read(path: Path, header: NrrdHeader, files: list[Path], dtype: np.dtype[Any], count: int) -> Array:
    encoding_name = (header.field("encoding") or "").lower()
    if encoding_name not in ENCODINGS:
        raise InputError(f"{path} has the encoding {encoding_name!r}; {', '.join(ENCODINGS)} are accepted.")
    endian = (header.field("endian") or "little").lower()
    in_file = dtype.newbyteorder(">" if endian == "big" else "<")
    line_skip, byte_skip = (int(header.field(name) or 0) for name in ("line skip", "byte skip"))
    share, rest = divmod(count, len(files))
    if rest:
        raise InputError(f"{path} lists {len(files)} data files that cannot hold its sizes; export it again.")
    parts = []
    for file in files:
        start = header.pixels_at if file == path else 0
        offset = _after_lines(file, start, line_skip) + max(byte_skip, 0)
        encoding = ENCODINGS[encoding_name]
        parts.append(read_pixels(str(path), file, offset, in_file, share, encoding, from_end=byte_skip == -1))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _after_lines(file: Path, start: int, count: int) -> int:
    if not count or not file.is_file():
        return start
    with open(file, "rb") as opened:
        opened.seek(start)
        for _ in range(count):
            opened.readline()
        return opened.tell()


def _index_times(header: NrrdHeader, roles: AxisRoles) -> list[float] | None:
    """Return the times that Slicer writes as the index of a sequence."""
    names, units = header.quoted("labels"), header.quoted("units")
    if roles.frame is None or not len(names) == len(units) == len(roles.sizes):
        return None
    return index_times(header.key_values(), names[roles.frame], units[roles.frame], roles.count)


def _unit(header: NrrdHeader, axis: int) -> float | None:
    """Return mm per unit of an axis; None where the unit is no length."""
    units = header.quoted("space units") or header.quoted("units")
    name = units[min(axis, len(units) - 1)] if units else ""
    return MILLIMETERS.get(name.lower()) if name else 1.0


def _axis_spacing(header: NrrdHeader, axis: int) -> float | None:
    directions = header.vectors("space directions")
    unit = _unit(header, axis)
    if unit is None:
        return None
    if len(directions) > axis:
        direction = directions[axis]
        length = math.hypot(*direction) if direction else math.nan
    else:
        spacings = header.numbers("spacings")
        length = spacings[axis] if len(spacings) > axis else math.nan
    return length * unit if math.isfinite(length) and length > 0 else None


def _pixel_spacing(header: NrrdHeader, roles: AxisRoles, tracked: bool) -> tuple[float, float] | None:
    row, column = _axis_spacing(header, roles.row), _axis_spacing(header, roles.column)
    if row is None or column is None:
        return None
    pixels_not_millimeters = tracked and row == column == 1.0  # PLUS keeps the scale in a transform
    return None if pixels_not_millimeters else (row, column)


def _geometry(header: NrrdHeader, roles: AxisRoles) -> Geometry | None:
    spacing = [_axis_spacing(header, axis) or 1.0 for axis in (roles.column, roles.row)]
    frame_spacing = None if roles.frame is None or roles.sequence else _axis_spacing(header, roles.frame)
    vectors = header.vectors("space directions")
    if len(vectors) != len(roles.sizes):
        stated = header.numbers("spacings")
        return Geometry((spacing[0], spacing[1], frame_spacing or 1.0)) if stated else None
    along = [_unit_vector(vectors[axis]) for axis in (roles.column, roles.row)]
    third = None if roles.frame is None else vectors[roles.frame]
    single = [v for axis, v in enumerate(vectors) if v and axis not in (roles.column, roles.row, roles.channel)]
    across = _unit_vector(third or (single[0] if single else None), np.cross(along[0], along[1]))
    if roles.sequence and single:
        frame_spacing = float(np.linalg.norm(single[0]))
    signs = np.array(TO_LPS.get((header.field("space") or "lps").lower(), (1, 1, 1)), float)
    origins = header.vectors("space origin")
    origin = np.zeros(3)
    if origins and origins[0]:
        origin[: len(origins[0])] = np.nan_to_num(origins[0])[:3]
    x, y, z = (float(value) for value in origin * signs)
    direction = tuple(tuple(float(value) for value in vector * signs) for vector in (*along, across))
    return Geometry((spacing[0], spacing[1], frame_spacing or 1.0), (x, y, z), direction)


def _unit_vector(vector: list[float] | None, fallback: Array | None = None) -> Array:
    full = np.zeros(3)
    if vector and len(vector) <= 3:
        full[: len(vector)] = vector
    length = float(np.linalg.norm(full))
    if math.isfinite(length) and length > 0:
        return full / length
    return np.array([0.0, 0.0, 1.0]) if fallback is None else fallback
