"""Write NRRD files: a faithful copy of a NRRD input's header, or a new one for any other input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from .axes import AxisRoles
from .frame_fields import select
from .nrrd_header import NrrdHeader, type_text
from .nrrd_reading import ENCODINGS, NrrdSource
from .output_place import writing_to
from .payload import CheckedFile, write_pixels
from .pixels import PIXEL_TYPES, check_output_type
from .plus_names import to_nrrd_name
from .provenance import PREFIX, header_entries
from .selection import even_step, number_text, numbers_text, positions
from .sweep import Geometry, Sweep, SweepWriter

PLUS_MARK, SLICER_MARK = ".igs.", ".seq."
# fields with one value per axis that a changed number of axes makes wrong
PER_AXIS_FIELDS = ("spacings", "thicknesses", "centers", "centerings", "axis mins", "axis maxs", "axismins", "axismaxs")
ENDIAN = {"big": ">", "little": "<"}


class NrrdWriter(SweepWriter):
    """Writes ``.nrrd`` (header and pixels) and ``.nhdr`` (pixels in a file beside it)."""

    def _check(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        return check_output_type("NRRD", dtype, PIXEL_TYPES, "another type")

    def _reserve(self) -> None:
        self.header, self.roles = self._header_and_roles()
        self.encoding: Literal["raw", "gzip"] = "raw" if self.header.field("encoding") == "raw" else "gzip"
        self.data_file: Path | None = None
        if self.path.suffix.lower() == ".nhdr":
            name = self.path.stem + (".raw" if self.encoding == "raw" else ".raw.gz")
            self.header.set_field("data file", name)
            self.data_file = self.place.add(self.path.with_name(name))

    def _save(self) -> None:
        self.header.remove_keys_starting(PREFIX)
        for key, value in header_entries(self.provenance).items():
            self.header.set_key_value(key, value)
        order = ENDIAN[(self.header.field("endian") or "little").lower()]
        parts = self.roles.parts_of(self.frames, self.dtype.newbyteorder(cast(Literal["<", ">"], order)))
        with writing_to(self.path), CheckedFile(self.place.temporary(self.place.path), self.path) as file:
            file.write(self.header.encode())
            if self.data_file is None:
                write_pixels(file, parts, self.encoding)
            else:
                with CheckedFile(self.place.temporary(self.data_file), self.path) as data:
                    write_pixels(data, parts, self.encoding)
                    data.verify()
            file.verify()

    def _header_and_roles(self) -> tuple[NrrdHeader, AxisRoles]:
        source, name = self.sweep.source, self.path.name.lower()
        wants_sequence = any(mark in name for mark in (PLUS_MARK, SLICER_MARK))
        if isinstance(source, NrrdSource) and (self.sweep.sequence or not wants_sequence):
            header = copied_header(source, self.indices, self.dtype, len(self.sweep))
            roles = source.roles.with_frames(len(self.indices))
            if SLICER_MARK in name and SLICER_MARK not in self.sweep.path.name.lower():
                roles = use_slicer_layout(header, roles, self.sweep, self.indices)
        else:
            header, roles = new_header(self.sweep, self.indices, self.dtype, name)
        return header, roles


def copied_header(source: NrrdSource, indices: list[int], dtype: np.dtype[Any], count: int) -> NrrdHeader:
    """Return the input's header with only what must change changed."""
    header, roles = source.header.copy(), source.roles.with_frames(len(indices))
    for name in ("data file", "line skip", "byte skip"):
        header.remove_field(name)
    header.data_files = []
    if ENCODINGS[(header.field("encoding") or "").lower()] not in ("raw", "deflate"):
        header.set_field("encoding", "gzip")
    if source.header.field("type") is not None and _type_changes(source.header, dtype):
        header.set_field("type", type_text(dtype))
    if dtype.itemsize > 1 and header.field("endian") is None:
        header.set_field("endian", "little")
    if len(indices) != count:
        header.set_field("sizes", " ".join(str(size) for size in roles.sizes))
        header.select_frames(count, positions(indices))
        _move_axis(header, roles, indices)
    return header


def _type_changes(header: NrrdHeader, dtype: np.dtype[Any]) -> bool:
    from .nrrd_header import type_of

    return type_of(header.field("type") or "") != dtype.name


def _move_axis(header: NrrdHeader, roles: AxisRoles, indices: list[int]) -> None:
    """Let the origin and the step of a spatial frame axis follow the selection."""
    if roles.frame is None:
        return
    for name in ("axis mins", "axis maxs"):
        words = header.words(name)
        if len(words) == len(roles.sizes):
            words[roles.frame] = "NaN"
            header.set_field(name, " ".join(words))
    if roles.sequence:
        return
    first, step = indices[0], even_step(indices)
    vectors, origin = header.vectors("space directions"), (header.vectors("space origin") or [None])[0]
    direction = vectors[roles.frame] if len(vectors) == len(roles.sizes) else None
    if direction and origin and first:
        moved = [o + first * d for o, d in zip(origin, direction, strict=True)]
        header.set_field("space origin", _vector_text(moved))
    if direction and step > 1:
        vectors[roles.frame] = [step * d for d in direction]
        header.set_field("space directions", " ".join(_vector_text(vector) for vector in vectors))
    spacings = header.words("spacings")
    if len(spacings) == len(roles.sizes) and step > 1:
        spacings[roles.frame] = number_text(float(spacings[roles.frame]) * step)
        header.set_field("spacings", " ".join(spacings))


def _vector_text(vector: list[float] | None) -> str:
    return "none" if vector is None else f"({numbers_text(vector, ',')})"


def new_header(sweep: Sweep, indices: list[int], dtype: np.dtype[Any], file_name: str) -> tuple[NrrdHeader, AxisRoles]:
    """Return a header for an input of another format.

    ``.igs.nrrd`` and tracked inputs get the layout of PLUS, ``.seq.nrrd`` that of Slicer, anything else is a volume.
    """
    metadata = select(sweep.metadata, len(sweep), positions(indices))
    metadata = {to_nrrd_name(key): value for key, value in metadata.items()}
    tracked = any(key.startswith("Seq_Frame") for key in metadata)
    geometry = (sweep.geometry or _flat_geometry(sweep)).starting_at(0 if sweep.sequence else indices[0])
    slicer = SLICER_MARK in file_name
    plus = not slicer and (PLUS_MARK in file_name or (tracked and sweep.sequence))
    if plus or slicer:
        metadata = {**_stated_times(sweep, indices, metadata, plus), **metadata}
    roles = _new_roles(sweep, len(indices), plus, slicer)
    header = NrrdHeader(["NRRD0005", "# Complete NRRD file format specification at:"])
    header.lines.append("# http://teem.sourceforge.net/nrrd/format.html")
    header.lines.append(f"type: {type_text(dtype)}")
    header.lines.append(f"dimension: {len(roles.sizes)}")
    header.lines.append("space dimension: 2" if plus else "space: left-posterior-superior")
    header.lines.append("sizes: " + " ".join(str(size) for size in roles.sizes))
    header.lines.extend(_axis_lines(geometry, even_step(indices), sweep.color, plus, slicer))
    if slicer:
        header.lines.extend(_index_lines(sweep, len(roles.sizes)))
    if dtype.itemsize > 1:
        header.lines.append(f"endian: {sys.byteorder}")
    header.lines.append("encoding: gzip")
    header.lines.append(f"space origin: {'(0,0)' if plus else _vector_text(list(geometry.origin))}")
    for key, value in metadata.items():
        header.set_key_value(key, value)
    return header, roles


def _flat_geometry(sweep: Sweep) -> Geometry:
    row, column = sweep.spacing or (1.0, 1.0)
    return Geometry((column, row, 1.0))


def _new_roles(sweep: Sweep, count: int, plus: bool, slicer: bool) -> AxisRoles:
    rows, columns = sweep.frame_shape[:2]
    first = 1 if sweep.color else 0
    sizes = [*sweep.frame_shape[2:], columns, rows, *([1] if slicer else []), count]
    return AxisRoles(tuple(sizes), first, first + 1, len(sizes) - 1, 0 if sweep.color else None, plus or slicer)


def _axis_lines(geometry: Geometry, step: int, color: bool, plus: bool, slicer: bool) -> list[str]:
    scaled = [[s * v for v in vector] for s, vector in zip(geometry.spacing, geometry.direction, strict=True)]
    if plus:
        directions = [f"({number_text(geometry.spacing[0])},0)", f"(0,{number_text(geometry.spacing[1])})", "none"]
        kinds = ["domain", "domain", "list"]
    else:
        if not slicer:
            scaled[2] = [step * v for v in scaled[2]]
        directions = [_vector_text(vector) for vector in scaled] + (["none"] if slicer else [])
        kinds = ["domain"] * 3 + (["list"] if slicer else [])
    if color:
        directions.insert(0, "none")
        kinds.insert(0, "vector")  # the name that PLUS, Slicer and ITK all understand
    return ["space directions: " + " ".join(directions), "kinds: " + " ".join(kinds)]


def _index_lines(sweep: Sweep, dimension: int) -> list[str]:
    """Return what Slicer reads the name and the unit of a sequence's index from."""
    name, unit = ("time", "s") if sweep.frame_times else ("frame", "")
    empty = '"" ' * (dimension - 1)
    return [f'labels: {empty}"{name}"', f'units: {empty}"{unit}"']


def use_slicer_layout(header: NrrdHeader, roles: AxisRoles, sweep: Sweep, indices: list[int]) -> AxisRoles:
    """Give a PLUS sequence the axes that Slicer reads (frames of one slice each), keeping everything else.

    Parameters
    ----------
    header : NrrdHeader
        Changed in place.
    roles : AxisRoles
        The axes of ``header``; those of another order than PLUS writes are left alone.
    """
    if roles.frame != len(roles.sizes) - 1 or len(roles.spatial) != roles.frame - (roles.channel is not None):
        return roles
    if roles.channel not in (0, None):
        return roles
    new = _new_roles(sweep, len(indices), plus=False, slicer=True)
    for name in PER_AXIS_FIELDS:
        header.remove_field(name)
    if header.field("space dimension") is None:
        header.set_field("space", "left-posterior-superior")
    header.replace_field("space dimension", "space", "left-posterior-superior")  # must precede the directions
    header.set_field("dimension", str(len(new.sizes)))
    header.set_field("sizes", " ".join(str(size) for size in new.sizes))
    lines = _axis_lines(sweep.geometry or _flat_geometry(sweep), 1, sweep.color, plus=False, slicer=True)
    for line in [*lines, *_index_lines(sweep, len(new.sizes))]:
        header.set_field(*line.split(": ", 1))
    header.set_field("space origin", _vector_text(list((sweep.geometry or _flat_geometry(sweep)).origin)))
    for key, value in _stated_times(sweep, indices, {}, plus=False).items():
        header.set_key_value(key, value)
    return new


def _stated_times(sweep: Sweep, indices: list[int], metadata: dict[str, str], plus: bool) -> dict[str, str]:
    """Return when the frames were taken, in the words of PLUS or of Slicer."""
    if plus:
        if sweep.frame_times is None or any(key.startswith("Seq_Frame") for key in metadata):
            return {}
        return {f"Seq_Frame{p:04d}_Timestamp": f"{sweep.frame_times[i]:.6f}" for p, i in enumerate(indices)}
    values = [sweep.frame_times[i] for i in indices] if sweep.frame_times else [float(i) for i in indices]
    return {"axis 3 index type": "numeric", "axis 3 index values": " ".join(f"{value:.12g}" for value in values)}
