"""Read JPEG images with SimpleITK."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from ..errors import InputError
from .itk import array_of, read_image
from .pixels import check_frames
from .sweep import Sweep

END_OF_IMAGE = b"\xff\xd9"
TRAILER = 1 << 16  # some writers add bytes after the image


def open_jpeg(path: Path) -> Sweep:
    """Open a gray or color JPEG image.

    Raises
    ------
    InputError
        If the file is truncated, damaged or a CMYK image.
    """
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - TRAILER), os.SEEK_SET)
        if END_OF_IMAGE not in file.read():  # libjpeg would fill the rest with gray
            raise InputError(f"{path} is truncated: the end of its image is missing; copy or export it again.")
    pixels = array_of(read_image(path, "JPEGImageIO"))
    if pixels.ndim == 3 and pixels.shape[-1] != 3:
        raise InputError(f"{path} has {pixels.shape[-1]} components per pixel; convert it to gray or RGB.")
    check_frames(str(path), 1, *pixels.shape[:2])
    return Sweep(
        path=path,
        frames=pixels[np.newaxis],
        color=pixels.ndim == 3,
        spacing=None,
        format_name="JPEG",
        frame_shape=pixels.shape,
        dtype=pixels.dtype,
        files=(path,),
    )
