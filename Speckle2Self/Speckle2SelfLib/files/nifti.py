"""Read and write NIfTI volumes with SimpleITK."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, OutputError
from .axes import AxisRoles, find_roles, frame_axis_hint
from .deflate import BLOCK, deflated
from .itk import array_of, pixel_type_of, read_image, simple_itk
from .output_place import writing_to
from .payload import CheckedFile
from .pixels import PIXEL_TYPES, check_frames, check_output_type
from .selection import even_step
from .sweep import Geometry, Sweep, SweepWriter

HEADER_SIZE = 348
DESCRIPTION, DESCRIPTION_LENGTH = "ITK_FileNotes", 79  # ITK's name for the description of the header


class NiftiSource:
    """What a NIfTI output needs of the NIfTI file it derives from."""

    def __init__(self, roles: AxisRoles, metadata: dict[str, str], image: Any) -> None:
        self.roles = roles
        self.metadata = metadata
        self.spacing = image.GetSpacing()
        self.origin = image.GetOrigin()
        self.direction = image.GetDirection()


def open_nifti(path: Path, frame_axis: int | None = None) -> Sweep:
    """Open ``.nii`` and ``.nii.gz`` volumes.

    Raises
    ------
    InputError
        If the file is damaged or holds no stack of gray or color frames.
    """
    _refuse_truncated(path)
    image = read_image(path, "NiftiImageIO")
    dtype = pixel_type_of(path, image.GetPixelID())
    sizes, kinds = list(image.GetSize()), ["domain"] * image.GetDimension()
    if image.GetNumberOfComponentsPerPixel() > 1:
        sizes, kinds = [image.GetNumberOfComponentsPerPixel(), *sizes], ["vector", *kinds]
    roles = find_roles(str(path), sizes, kinds, frame_axis)
    check_frames(str(path), roles.count, sizes[roles.row], sizes[roles.column], frame_axis_hint(roles))
    frames = roles.frames_of(array_of(image))
    metadata = {key: image.GetMetaData(key) for key in image.GetMetaDataKeys()}
    geometry = _geometry(image, roles)
    return Sweep(
        path=path,
        frames=frames,
        color=roles.channel is not None,
        spacing=None if geometry is None else (geometry.spacing[1], geometry.spacing[0]),
        format_name="NIfTI",
        frame_shape=frames.shape[1:],
        dtype=dtype,
        geometry=geometry,
        source=NiftiSource(roles, metadata, image),
        files=(path,),
    )


def _refuse_truncated(path: Path) -> None:
    """Compare the file's length with its header: ITK fills what is missing with zeros."""
    try:
        with gzip.open(path, "rb") if path.name.lower().endswith(".gz") else open(path, "rb") as file:
            header = file.read(HEADER_SIZE)
            if len(header) < HEADER_SIZE:
                raise EOFError
            order = "<" if int.from_bytes(header[:4], "little") == HEADER_SIZE else ">"
            if header[344:347] != b"n+1":
                return  # NIfTI 2 and pairs of files: left to ITK
            dimensions = np.frombuffer(header, f"{order}i2", 8, 40)
            bits = int(np.frombuffer(header, f"{order}i2", 1, 72)[0])
            start = float(np.frombuffer(header, f"{order}f4", 1, 108)[0])
            count = math.prod(int(size) for size in dimensions[1 : 1 + dimensions[0]])
            wanted = int(start) + count * bits // 8
            held = file.seek(wanted) if wanted >= 0 else 0
            if path.suffix.lower() != ".gz":
                held = path.stat().st_size
            if held < wanted:
                raise EOFError
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is truncated or damaged; copy or export it again.") from error


def _geometry(image: Any, roles: AxisRoles) -> Geometry | None:
    dimension = image.GetDimension()
    offset = 1 if roles.channel is not None else 0
    matrix = np.array(image.GetDirection()).reshape(dimension, dimension)
    spacing, vectors = [1.0, 1.0, 1.0], np.eye(3)
    for place, axis in enumerate((roles.column, roles.row, roles.frame)):
        if axis is not None:
            spacing[place] = image.GetSpacing()[axis - offset]
            vectors[place] = np.pad(matrix[:3, axis - offset], (0, 3))[:3]
    origin = (*image.GetOrigin(), 0.0)
    direction = tuple(tuple(float(value) for value in vector) for vector in vectors)
    return Geometry((spacing[0], spacing[1], spacing[2]), (origin[0], origin[1], origin[2]), direction)


class NiftiWriter(SweepWriter):
    """Writes ``.nii`` and ``.nii.gz``."""

    def _check(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        return check_output_type("NIfTI", dtype, PIXEL_TYPES, ".nrrd")

    def _reserve(self) -> None:
        packed = self.place.path.suffix.lower() == ".gz"
        self._plain = self.place.scratch(".nii") if packed else self.place.temporary(self.place.path)

    def _save(self) -> None:
        sitk = simple_itk()
        image = self._image(sitk)
        checksum = zlib.crc32(sitk.GetArrayViewFromImage(image).data)
        temporary = self.place.temporary(self.place.path)
        try:
            with writing_to(self.path):
                sitk.WriteImage(image, str(self._plain))
        except RuntimeError as error:
            raise _not_written(self.path) from error
        del image
        if self._plain != temporary:
            self._pack(temporary)
        try:
            _refuse_truncated(temporary)
            written = read_image(temporary, "NiftiImageIO")
            if zlib.crc32(sitk.GetArrayViewFromImage(written).data) != checksum:
                raise _not_written(self.path)
        except InputError as error:
            raise _not_written(self.path) from error

    def _pack(self, packed: Path) -> None:
        """Compress what was written: ITK does so on one processor, and on its slower default level."""
        with writing_to(self.path), open(self._plain, "rb") as plain, CheckedFile(packed, self.path) as file:
            for piece in deflated(map(memoryview, iter(lambda: plain.read(BLOCK), b"")), "gzip"):
                file.write(piece)
            file.verify()
        self._plain.unlink()

    def _image(self, sitk: Any) -> Any:
        source = self.sweep.source
        if isinstance(source, NiftiSource):
            roles = source.roles.with_frames(len(self.indices))
            image = sitk.GetImageFromArray(roles.array_of(self.frames), isVector=roles.channel is not None)
            image.SetSpacing(source.spacing)
            image.SetOrigin(source.origin)
            image.SetDirection(source.direction)
            for key, value in source.metadata.items():
                image.SetMetaData(key, value)
            self._move(image, roles)
        else:
            image = sitk.GetImageFromArray(self.frames, isVector=self.sweep.color)
            self._place(image)
        self._describe(image)
        self.frames = np.empty(0, self.dtype)  # the image holds a copy now
        return image

    def _move(self, image: Any, roles: AxisRoles) -> None:
        if roles.frame is None:
            return
        axis = roles.frame - (1 if roles.channel is not None else 0)
        index = [0] * image.GetDimension()
        index[axis] = self.indices[0]
        image.SetOrigin(image.TransformIndexToPhysicalPoint(index))
        spacing = list(image.GetSpacing())
        spacing[axis] *= even_step(self.indices)
        image.SetSpacing(spacing)

    def _place(self, image: Any) -> None:
        row, column = self.sweep.spacing or (1.0, 1.0)
        geometry = self.sweep.geometry or Geometry((column, row, 1.0))
        geometry = geometry.starting_at(0 if self.sweep.sequence else self.indices[0])
        step = 1 if self.sweep.sequence else even_step(self.indices)
        image.SetSpacing((*geometry.spacing[:2], geometry.spacing[2] * step))
        image.SetOrigin(geometry.origin)
        image.SetDirection(np.array(geometry.direction).T.ravel().tolist())

    def _describe(self, image: Any) -> None:
        """Say what was computed where the input has no description of its own."""
        if not (image.HasMetaDataKey(DESCRIPTION) and image.GetMetaData(DESCRIPTION).strip()):
            text = "Speckle2Self " + " ".join(str(value) for value in self.provenance.values())
            image.SetMetaData(DESCRIPTION, text[:DESCRIPTION_LENGTH])


def _not_written(path: Path) -> OutputError:
    return OutputError(f"{path} could not be written completely; check that the disk is not full and try again.")
