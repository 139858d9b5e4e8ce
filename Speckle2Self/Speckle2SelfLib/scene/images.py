"""vtkImageData as numpy arrays and back, without copies."""

from __future__ import annotations

from typing import Any

import numpy as np
from vtkmodules.util import numpy_support
from vtkmodules.vtkCommonCore import VTK_BIT
from vtkmodules.vtkCommonDataModel import vtkImageData

Array = np.ndarray[Any, Any]


def has_pixels(image: Any) -> bool:
    """Say whether a vtkImageData (or None) holds any pixel."""
    return image is not None and image.GetPointData().GetScalars() is not None and image.GetNumberOfPoints() > 0


def is_supported_type(image: Any) -> bool:
    """Say whether the pixels have a type that numpy knows, too."""
    return bool(image.GetScalarType() != VTK_BIT)


def view(image: Any) -> Array:
    """Return the pixels of an image as (K, J, I), or (K, J, I, C) for several components; not a copy."""
    scalars = image.GetPointData().GetScalars()
    shape = tuple(reversed(image.GetDimensions()))
    components = scalars.GetNumberOfComponents()
    array: Array = numpy_support.vtk_to_numpy(scalars)
    return array.reshape(shape if components == 1 else (*shape, components))


def new_image(extent: tuple[int, ...], dtype: np.dtype[Any], components: int, like: Any) -> Any:
    """Return an image with undefined pixels.

    Parameters
    ----------
    extent : tuple of 6 int
        First and last index along I, J, K.
    dtype : numpy dtype
        Type of a pixel.
    components : int
        Values in a pixel.
    like : vtkImageData
        Its VTK type is taken where it means the same numpy type (``long`` and ``long long`` may), so that a result
        has exactly the scalar type of its input.
    """
    image = vtkImageData()
    image.SetExtent(*extent)
    same = numpy_support.vtk_to_numpy(like.GetPointData().GetScalars()).dtype == dtype
    scalar_type = like.GetScalarType() if same else numpy_support.get_vtk_array_type(dtype)
    image.AllocateScalars(scalar_type, components)
    return image
