"""Read and write PNG images with SimpleITK, gray images with transparency included."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, OutputError
from .itk import array_of, pixel_type_of, read_image, simple_itk
from .output_place import writing_to
from .payload import CheckedFile
from .pixels import Array, check_frames, check_output_type
from .png_chunks import (
    GRAY,
    GRAY_ALPHA,
    KEPT,
    RGBA,
    Chunk,
    Header,
    assemble,
    physical_spacing,
    read_chunks,
    spacing_chunk,
    text_chunk,
)
from .provenance import PREFIX
from .sweep import Geometry, Sweep, SweepWriter

KEYWORD = PREFIX + "provenance"


@dataclass(frozen=True)
class PngSource:
    """What a PNG output needs of the PNG file it derives from: texts, and transparency that frames do not hold."""

    chunks: list[Chunk]
    alpha: Array | None


def open_png(path: Path) -> Sweep:
    """Open a PNG image: 1 to 16 bits, gray, color or palette, with or without transparency.

    Raises
    ------
    InputError
        If the file is truncated, damaged or of a size outside what is accepted.
    """
    header, chunks = read_chunks(path)
    check_frames(str(path), 1, header.height, header.width)
    if header.color == GRAY_ALPHA:
        pixels, alpha = _read_gray_alpha(path, header, chunks)
    else:
        image = read_image(path, "PNGImageIO")
        pixel_type_of(path, image.GetPixelID())
        pixels, alpha = array_of(image), None
    spacing = physical_spacing(chunks)
    kept = [chunk for chunk in chunks if chunk.name in KEPT and not chunk.data.startswith(KEYWORD.encode())]
    return Sweep(
        path=path,
        frames=pixels[np.newaxis],
        color=pixels.ndim == 3,
        spacing=spacing,
        format_name="PNG",
        frame_shape=pixels.shape,
        dtype=pixels.dtype,
        geometry=None if spacing is None else Geometry((spacing[1], spacing[0], 1.0)),
        source=PngSource(kept, alpha),
        files=(path,),
    )


def _read_gray_alpha(path: Path, header: Header, chunks: list[Chunk]) -> tuple[Array, Array]:
    """Return gray and alpha of an image that ITK cannot read.

    Its bytes are those of an image with one channel of twice the depth (8 bit) or of an RGBA image (16 bit), which
    ITK can read.
    """
    wide = header.depth == 16
    header = header._replace(depth=8 if wide else 16, color=RGBA if wide else GRAY)
    content = [chunk for chunk in chunks if chunk.name in (b"IHDR", b"IDAT", b"IEND")]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "image.png")
        copy.write_bytes(assemble(header, content))
        try:
            pixels = array_of(read_image(copy, "PNGImageIO"))
        except InputError as error:
            raise InputError(f"{path} is damaged; copy or export it again.") from error
    if wide:
        pairs = np.ascontiguousarray(pixels).view(">u2").astype(np.uint16)
        return np.ascontiguousarray(pairs[..., 0]), np.ascontiguousarray(pairs[..., 1])
    return (pixels >> 8).astype(np.uint8), (pixels & 255).astype(np.uint8)


class PngWriter(SweepWriter):
    """Writes one frame as a PNG image."""

    def _check(self, dtype: np.dtype[Any]) -> np.dtype[Any]:
        if len(self.indices) != 1:
            raise OutputError(
                f"{self.path} cannot hold {len(self.indices)} frames; write to .tiff or .nrrd, or choose one frame."
            )
        return check_output_type("PNG", dtype, ("uint8", "uint16"), ".tiff or .nrrd")

    def _save(self) -> None:
        source = self.sweep.source if isinstance(self.sweep.source, PngSource) else PngSource([], None)
        temporary = self.place.temporary(self.place.path)
        pixels = self.frames[0]
        alpha = source.alpha if source.alpha is not None and source.alpha.dtype == pixels.dtype else None
        data = self._with_texts(_encoded(pixels, alpha), alpha is not None, source.chunks)
        with writing_to(self.path), CheckedFile(temporary, self.path) as file:
            file.write(data)
            file.verify()
        written = open_png(temporary)
        if not np.array_equal(written.frames[0], pixels):
            raise OutputError(f"{self.path} did not read back as it was written; check the disk and try again.")

    def _with_texts(self, data: bytes, gray_alpha: bool, kept: list[Chunk]) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            plain = Path(folder, "image.png")
            plain.write_bytes(data)
            header, chunks = read_chunks(plain)
        if gray_alpha:
            header = header._replace(depth=16 if header.color == RGBA else 8, color=GRAY_ALPHA)
        extra = list(kept)
        if self.sweep.spacing and not any(chunk.name == b"sCAL" for chunk in kept):
            extra.append(spacing_chunk(self.sweep.spacing))
        extra.append(text_chunk(KEYWORD, json.dumps(self.provenance)))
        content = [chunk for chunk in chunks if chunk.name in (b"IHDR", b"IDAT", b"IEND")]
        return assemble(header, [content[0], *extra, *content[1:]])


def _encoded(pixels: Array, alpha: Array | None) -> bytes:
    """Return a PNG file of the pixels; gray and alpha are packed as :func:`_read_gray_alpha` unpacks them."""
    sitk = simple_itk()
    if alpha is not None:
        pairs = np.stack([pixels, alpha], axis=-1)
        if pixels.dtype == np.uint16:
            pixels = np.ascontiguousarray(pairs.astype(">u2")).view(np.uint8)
        else:
            pixels = np.ascontiguousarray(pairs).view(">u2")[..., 0].astype(np.uint16)
    image = sitk.GetImageFromArray(pixels, isVector=pixels.ndim == 3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "image.png")
        sitk.WriteImage(image, str(path), useCompression=True)
        return path.read_bytes()
