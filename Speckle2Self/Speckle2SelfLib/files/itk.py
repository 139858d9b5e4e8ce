"""SimpleITK without its warnings on standard error, and with errors in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DependencyError, InputError
from .pixels import Array, check_pixel_type

COLOR_COMPONENTS = (3, 4)


def simple_itk() -> Any:
    """Return the SimpleITK module.

    Raises
    ------
    DependencyError
        If it is not installed.
    """
    try:
        import SimpleITK as sitk  # noqa: N813 - the name that everyone uses
    except ImportError as error:
        raise DependencyError(
            "This file needs the package SimpleITK; install it with: pip install SimpleITK"
        ) from error
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    return sitk


def read_image(path: Path, image_io: str) -> Any:
    """Read a file as a SimpleITK image.

    Parameters
    ----------
    path : Path
        The file.
    image_io : str
        The ITK reader to use, e.g. "NiftiImageIO".

    Raises
    ------
    InputError
        If the file is damaged or of no readable kind.
    """
    sitk = simple_itk()
    reader = sitk.ImageFileReader()
    reader.SetImageIO(image_io)
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        pixel_type_of(path, reader.GetPixelID())
        return reader.Execute()
    except RuntimeError as error:
        raise InputError(f"{path} is damaged or of a kind that cannot be read; copy or export it again.") from error


def pixel_type_of(path: Path, pixel_id: int) -> np.dtype[Any]:
    """Return the numpy type of an ITK pixel, refusing complex and 64-bit ones."""
    text = simple_itk().GetPixelIDValueAsString(pixel_id)
    if "complex" in text:
        return check_pixel_type(str(path), "complex")
    words = text.replace("vector of ", "").replace("label of ", "").split()
    kind = {"float": "float"}.get(words[-1], "uint" if "unsigned" in words else "int")
    bits = next((word.split("-")[0] for word in words if "-bit" in word), "0")
    return check_pixel_type(str(path), f"{kind}{bits}")


def array_of(image: Any) -> Array:
    """Return the pixels of an image as an array that outlives it."""
    array: Array = simple_itk().GetArrayFromImage(image)
    return array
