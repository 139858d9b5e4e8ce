"""How even neighboring pixels are."""

from __future__ import annotations

from .frames import Gray8


def homogeneity(frame: Gray8) -> float:
    """Return the GLCM homogeneity of an 8-bit frame (256 levels, distance 1, angle 0, symmetric, normed).

    It rises when a frame is merely darkened, so it is never quoted alone.
    """
    from skimage.feature import graycomatrix, graycoprops

    matrix = graycomatrix(frame, [1], [0], levels=256, symmetric=True, normed=True)
    return float(graycoprops(matrix, "homogeneity")[0, 0])
