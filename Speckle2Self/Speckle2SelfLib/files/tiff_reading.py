"""Read TIFF files of one or several pages.

Uncompressed and deflated pages are read here, which covers every pixel type; other compressions through SimpleITK.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..errors import InputError
from . import tiff_tags as tags
from .itk import array_of, read_image
from .pixels import Array, check_frames, check_pixel_type
from .sweep import Geometry, Sweep
from .tiff_tags import Page

NONE, DEFLATE, OLD_DEFLATE = 1, 8, 32946
MIN_IS_WHITE, MIN_IS_BLACK, RGB, PALETTE = 0, 1, 2, 3
UNSIGNED, SIGNED, FLOAT, COMPLEX_INTEGER, COMPLEX = 1, 2, 3, 5, 6
FORMAT_NAMES = {UNSIGNED: "uint", SIGNED: "int", FLOAT: "float", 4: "uint"}
UNITS = {"mm": 1.0, "millimeter": 1.0, "cm": 10.0, "micron": 1e-3, "um": 1e-3, "\\u00B5m": 1e-3, "µm": 1e-3}
MILLIMETERS = "spacing_mm"


@dataclass(frozen=True)
class TiffSource:
    """What a TIFF output needs of the TIFF file it derives from."""

    pages: list[Page]
    alpha: Array | None


def open_tiff(path: Path) -> Sweep:
    """Open a TIFF file: gray, RGB(A) or palette pages of equal size and type.

    Raises
    ------
    InputError
        If the file is truncated or damaged, its pages differ, or its kind is not supported.
    """
    pages = tags.read_pages(path)
    if not pages:
        raise InputError(f"{path} holds no frames; a sweep needs at least one.")
    first = pages[0]
    check_frames(str(path), len(pages), first.number(tags.HEIGHT), first.number(tags.WIDTH))
    for number, page in enumerate(pages):
        if page.kind != first.kind:
            raise InputError(f"Page {number} of {path} differs from page 0 in size or type; pages must agree.")
    _check_type(path, first)
    pixels = _all_native(path, pages) if _is_native(pages) else _by_itk(path, pages)
    frames, alpha = _interpreted(path, first, pixels)
    spacing = _spacing(first)
    return Sweep(
        path=path,
        frames=frames,
        color=frames.ndim == 4,
        spacing=spacing,
        format_name="TIFF",
        frame_shape=frames.shape[1:],
        dtype=frames.dtype,
        geometry=None if spacing is None else Geometry((spacing[1], spacing[0], 1.0)),
        sequence=len(pages) > 1,
        source=TiffSource(pages, alpha),
        files=(path,),
    )


def _check_type(path: Path, page: Page) -> None:
    bits, kind = (page.numbers(tags.BITS) or (1,))[0], page.number(tags.SAMPLE_FORMAT, UNSIGNED)
    if kind in (COMPLEX, COMPLEX_INTEGER):
        check_pixel_type(str(path), "complex")
    if bits >= 8:
        check_pixel_type(str(path), f"{FORMAT_NAMES.get(kind, 'unknown ')}{bits}")
    if page.number(tags.PHOTOMETRIC, 1) > 3 and page.number(tags.PHOTOMETRIC, 1) != 6:
        raise InputError(f"{path} is neither gray, RGB nor palette; convert it to one of these.")


def _is_native(pages: list[Page]) -> bool:
    """Return whether the pages are stored in the plain way that this module reads itself."""
    return all(
        page.number(tags.COMPRESSION, NONE) in (NONE, DEFLATE, OLD_DEFLATE)
        and page.numbers(tags.OFFSETS)
        and page.number(tags.PREDICTOR, 1) == 1
        and page.number(tags.PLANAR, 1) == 1
        and page.number(tags.PHOTOMETRIC, 1) <= PALETTE
        and (page.numbers(tags.BITS) or (1,))[0] in (8, 16, 32, 64)
        and page.number(266, 1) == 1
        for page in pages
    )


def _all_native(path: Path, pages: list[Page]) -> Array:
    """Return all pages as (N, H, W, samples), one after the other into their final place."""
    first = _native(path, pages[0])
    pixels = np.empty((len(pages), *first.shape), first.dtype)
    pixels[0] = first
    for number, page in enumerate(pages[1:], start=1):
        pixels[number] = _native(path, page)
    return pixels


def _native(path: Path, page: Page) -> Array:
    """Return one page as (H, W, samples)."""
    height, width, samples, bits, kind = page.kind
    dtype = np.dtype(f"{FORMAT_NAMES[int(str(kind))]}{bits}").newbyteorder(page.order)  # type: ignore[arg-type]
    shape = (int(str(height)), int(str(width)), int(str(samples)))
    strips = []
    with open(path, "rb") as file:
        for offset, count in zip(page.numbers(tags.OFFSETS), page.numbers(tags.COUNTS), strict=True):
            file.seek(offset)
            strips.append(file.read(count))
    wanted = math.prod(shape) * dtype.itemsize
    try:
        if page.number(tags.COMPRESSION, NONE) != NONE:
            strips = [zlib.decompressobj().decompress(strip, wanted) for strip in strips]
    except zlib.error as error:
        raise InputError(f"{path} is damaged: its pixels cannot be unpacked; copy or export it again.") from error
    data = b"".join(strips)
    if len(data) < wanted:
        raise InputError(f"{path} is truncated: a page holds {len(data)} of {wanted} bytes; copy or export it again.")
    pixels: Array = np.frombuffer(data, dtype, math.prod(shape)).reshape(shape)
    return cast(Array, pixels if pixels.dtype.isnative else pixels.byteswap().view(pixels.dtype.newbyteorder("=")))


def _by_itk(path: Path, pages: list[Page]) -> Array:
    """Return all pages as (N, H, W, samples), read with SimpleITK."""
    page = pages[0]
    samples = page.number(tags.SAMPLES, 1)
    if samples == 2:
        raise InputError(f"{path} is gray with transparency and packed; save it uncompressed or without transparency.")
    array = array_of(read_image(path, "TIFFImageIO"))
    shape = (len(pages), page.number(tags.HEIGHT), page.number(tags.WIDTH))
    array = array.reshape(*shape, array.size // math.prod(shape))
    if page.number(tags.PHOTOMETRIC, 1) == PALETTE:
        array = (array >> 8).astype(np.uint8) if array.dtype == np.uint16 else array
        return np.repeat(array, 3, axis=3) if array.shape[3] == 1 else array
    return array[..., : max(samples, 1)] if array.shape[3] > samples else array


def _interpreted(path: Path, page: Page, pixels: Array) -> tuple[Array, Array | None]:
    """Turn stored samples into frames; return them and the transparency of gray images."""
    photometric, samples = page.number(tags.PHOTOMETRIC, 1), pixels.shape[3]
    if photometric == PALETTE and samples == 1:
        table = np.array(page.numbers(tags.COLOR_MAP), np.uint16).reshape(3, -1)
        shift = 8 if table.max(initial=0) > 255 else 0
        return (table.T >> shift).astype(np.uint8)[pixels[..., 0]], None
    if samples not in (1, 2, 3, 4):
        raise InputError(f"{path} has {samples} components per pixel; gray (1), RGB (3) and RGBA (4) are accepted.")
    if samples > 2:
        return pixels, None
    gray = pixels[..., 0]
    if photometric == MIN_IS_WHITE and gray.dtype.kind == "u":
        gray = np.iinfo(gray.dtype).max - gray
    return gray, pixels[..., 1] if samples == 2 else None


def _spacing(page: Page) -> tuple[float, float] | None:
    """Return (row, column) in mm where the description states a unit; resolution tags alone are a printer's."""
    text = page.text(tags.DESCRIPTION)
    try:
        stated = json.loads(text)[MILLIMETERS]
        return float(stated[0]), float(stated[1])
    except (ValueError, KeyError, TypeError, IndexError):
        pass
    unit = re.search(r"^unit=(\S+)", text, re.MULTILINE) if text.startswith("ImageJ=") else None
    resolutions: list[Any] = [page.numbers(tags.Y_RESOLUTION), page.numbers(tags.X_RESOLUTION)]
    if unit is None or unit[1] not in UNITS or not all(len(r) == 2 and min(r) > 0 for r in resolutions):
        return None
    row, column = (UNITS[unit[1]] * below / above for above, below in resolutions)
    return row, column
