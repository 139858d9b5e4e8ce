"""Write MetaImage files: a faithful copy of a MetaImage input's header, or a new one for any other input."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

from .axes import AxisRoles
from .frame_fields import select
from .metaimage_header import TYPE_NAMES, MetaImageHeader, type_text
from .metaimage_reading import MATRIX_NAMES, ORIGIN_NAMES, SPACING_NAMES, MetaImageSource, spatial_index
from .output_place import writing_to
from .payload import CheckedFile, write_pixels
from .pixels import PIXEL_TYPES, check_output_type
from .plus_names import to_metaimage_name
from .provenance import PREFIX, header_entries
from .selection import even_step, number_text, numbers_text, positions
from .sweep import Geometry, Sweep, SweepWriter

SIZE_FIELD = "CompressedDataSize"
SIZE_WIDTH = 20  # digits kept free for a number that is known only after the pixels are written, as PLUS does


class MetaImageWriter(SweepWriter):
    """Writes ``.mha`` (header and pixels) and ``.mhd`` (pixels in a file beside it)."""

    def _check(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        return check_output_type("MetaImage", dtype, PIXEL_TYPES, "another type")

    def _reserve(self) -> None:
        self.header, self.roles = self._header_and_roles()
        self.encoding: Literal["raw", "zlib"] = "zlib" if self.header.true("CompressedData") else "raw"
        self.data_file: Path | None = None
        name = "LOCAL"
        if self.path.suffix.lower() == ".mhd":
            name = self.path.stem + (".raw" if self.encoding == "raw" else ".zraw")
            self.data_file = self.place.add(self.path.with_name(name))
        self.header.set_field("ElementDataFile", name)

    def _save(self) -> None:
        self.header.remove_fields_starting(PREFIX)
        for key, value in header_entries(self.provenance).items():
            self.header.set_field(key, value)
        swapped = self.header.true("BinaryDataByteOrderMSB") or self.header.true("ElementByteOrderMSB")
        parts = self.roles.parts_of(self.frames, self.dtype.newbyteorder(">" if swapped else "<"))
        with writing_to(self.path), CheckedFile(self.place.temporary(self.place.path), self.path) as file:
            header = self._header_bytes(0)
            file.write(header)
            file.start_of_pixels()
            if self.data_file is None:
                size = write_pixels(file, parts, self.encoding)
            else:
                with CheckedFile(self.place.temporary(self.data_file), self.path) as data:
                    size = write_pixels(data, parts, self.encoding)
                    data.verify()
            file.patch(0, self._header_bytes(size))
            file.verify()

    def _header_bytes(self, compressed_size: int) -> bytes:
        if self.encoding == "zlib":
            self.header.set_field(SIZE_FIELD, str(compressed_size).ljust(SIZE_WIDTH))
        return self.header.encode()

    def _header_and_roles(self) -> tuple[MetaImageHeader, AxisRoles]:
        source = self.sweep.source
        wants_sequence = any(mark in self.path.name.lower() for mark in (".seq.", ".igs."))
        if isinstance(source, MetaImageSource) and (self.sweep.sequence or not wants_sequence):
            header = copied_header(source, self.indices, self.dtype, len(self.sweep))
            roles = source.roles.with_frames(len(self.indices))
        else:
            header, roles = new_header(self.sweep, self.indices, self.dtype, wants_sequence)
        return header, roles


def copied_header(source: MetaImageSource, indices: list[int], dtype: np.dtype[Any], count: int) -> MetaImageHeader:
    """Return the input's header with only what must change changed."""
    header, roles = source.header.copy(), source.roles.with_frames(len(indices))
    header.remove_field("HeaderSize")
    if header.has("BinaryData") and not header.true("BinaryData"):
        header.set_field("BinaryData", "True")
    if not header.true("CompressedData"):
        header.remove_field(SIZE_FIELD)
    elif not header.has(SIZE_FIELD):
        _insert_after(header, "CompressedData", f"{SIZE_FIELD} = ")
    if TYPE_NAMES.get((header.field("ElementType") or "").upper()) != dtype.name:
        header.set_field("ElementType", type_text(dtype))
    if len(indices) != count:
        sizes = [size for axis, size in enumerate(roles.sizes) if axis != roles.channel]
        header.set_field("DimSize", " ".join(str(size) for size in sizes))
        header.select_frames(positions(indices))
        _move_axis(header, roles, indices)
    return header


def _insert_after(header: MetaImageHeader, name: str, line: str) -> None:
    place = next(n for n, text in enumerate(header.lines) if text.lower().lstrip().startswith(name.lower()))
    header.lines.insert(place + 1, line)


def _move_axis(header: MetaImageHeader, roles: AxisRoles, indices: list[int]) -> None:
    """Let the origin and the step of a spatial frame axis follow the selection."""
    if roles.frame is None or roles.sequence:
        return
    axis, first, step = spatial_index(roles, roles.frame), indices[0], even_step(indices)
    spacing, origin, matrix = (header.numbers(*names) for names in (SPACING_NAMES, ORIGIN_NAMES, MATRIX_NAMES))
    dimensions = len(spacing)
    if first and spacing and len(origin) == dimensions:
        rows = matrix if len(matrix) == dimensions**2 else np.eye(dimensions).ravel().tolist()
        direction = rows[axis * dimensions : (axis + 1) * dimensions]
        moved = [o + first * spacing[axis] * d for o, d in zip(origin, direction, strict=True)]
        header.set_field(next(name for name in ORIGIN_NAMES if header.has(name)), numbers_text(moved))
    if step > 1 and spacing:
        name = next(name for name in SPACING_NAMES if header.has(name))
        words = (header.field(name) or "").split()
        words[axis] = number_text(spacing[axis] * step)
        header.set_field(name, " ".join(words))


def new_header(
    sweep: Sweep, indices: list[int], dtype: np.dtype[Any], wants_sequence: bool
) -> tuple[MetaImageHeader, AxisRoles]:
    """Return a header for an input of another format: a volume, or a sequence in the layout of PLUS."""
    metadata = select(sweep.metadata, len(sweep), positions(indices))
    tracked = any(key.startswith("Seq_Frame") for key in metadata)
    sequence = wants_sequence or (tracked and sweep.sequence)
    if sequence and not tracked and sweep.frame_times:
        stamps = {f"Seq_Frame{p:04d}_Timestamp": f"{sweep.frame_times[i]:.6f}" for p, i in enumerate(indices)}
        metadata.update(stamps)
    rows, columns = sweep.frame_shape[:2]
    first = 1 if sweep.color else 0
    roles = AxisRoles(
        (*sweep.frame_shape[2:], columns, rows, len(indices)),
        first,
        first + 1,
        first + 2,
        0 if sweep.color else None,
        sequence,
    )
    fields = _standard_fields(sweep, indices, dtype, sequence)
    lines = [f"{name} = {value}" for name, value in fields.items()]
    for key, value in metadata.items():
        lines.append(f"{to_metaimage_name(key)} = {' '.join(value.split()) or 'none'}")
    return MetaImageHeader([*lines, "ElementDataFile = LOCAL"]), roles


def _standard_fields(sweep: Sweep, indices: list[int], dtype: np.dtype[Any], sequence: bool) -> dict[str, str]:
    row, column = sweep.spacing or (1.0, 1.0)
    geometry = sweep.geometry or Geometry((column, row, 1.0))
    if sequence:
        geometry = Geometry((*geometry.spacing[:2], 1.0))
    elif not sweep.sequence:
        geometry = geometry.starting_at(indices[0])
    spacing = [*geometry.spacing[:2], geometry.spacing[2] * (1 if sequence else even_step(indices))]
    fields = {
        "ObjectType": "Image",
        "NDims": "3",
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "True",
        SIZE_FIELD: "",
        "TransformMatrix": " ".join(numbers_text(vector) for vector in geometry.direction),
        "Offset": numbers_text(geometry.origin),
        "CenterOfRotation": "0 0 0",
        "ElementSpacing": numbers_text(spacing),
        "DimSize": f"{sweep.frame_shape[1]} {sweep.frame_shape[0]} {len(indices)}",
    }
    if sweep.color:
        fields["ElementNumberOfChannels"] = str(sweep.frame_shape[2])
    fields["ElementType"] = type_text(dtype)
    if sequence:
        fields["Kinds"] = "domain domain list"
    return fields
