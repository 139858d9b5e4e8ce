"""Where the center of a lumen lies in the patient, for frames whose place is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..segmentation.files.tracked_transforms import tracked_transforms

if TYPE_CHECKING:
    from Speckle2SelfLib.files import Geometry, Sweep

    from .lumen import LumenMeasures

Matrices = NDArray[np.float64]
Point = tuple[float, float, float]


@dataclass(frozen=True)
class FrameMatrices:
    """From pixels of each frame to a coordinate system.

    Attributes
    ----------
    matrices : float array (N, 4, 4)
        Times (column, row, 0, 1) gives mm; nan for a frame whose place is not known.
    coordinates : str
        Name of the coordinate system: "LPS" for a volume, else the one that the transforms of tracked frames lead to.
    """

    matrices: Matrices
    coordinates: str

    def center(self, frame: int, lumen: LumenMeasures) -> Point | None:
        """Return the center of a lumen in mm; None where there is none or its place is not known."""
        if not lumen.found:
            return None
        point = self.matrices[frame] @ np.array([lumen.center_column, lumen.center_row, 0.0, 1.0])
        x, y, z = (float(value) for value in point[:3])
        return (x, y, z) if np.isfinite(point).all() else None


def matrices_of(sweep: Sweep | None, geometry: Geometry | None, count: int) -> FrameMatrices | None:
    """Return where the frames of a file lie in the patient; None where it does not say.

    Parameters
    ----------
    sweep : Sweep or None
        A file whose frames may be tracked; only a calibrated image (ImageTo...) places pixels.
    geometry : Geometry or None
        Of a volume: None for frames that follow each other in time.
    count : int
        Number of frames.
    """
    tracked: tuple[Matrices, str] | None = None if sweep is None else tracked_transforms(sweep.metadata, count)
    if tracked is not None and tracked[1].startswith("ImageTo"):
        return FrameMatrices(tracked[0], tracked[1].removeprefix("ImageTo"))
    return None if geometry is None or count < 2 else FrameMatrices(_of_volume(geometry, count), "LPS")


def _of_volume(geometry: Geometry, count: int) -> Matrices:
    matrices: Any = np.tile(np.eye(4), (count, 1, 1))
    axes = np.array(geometry.direction) * np.array(geometry.spacing)[:, None]
    matrices[:, :3, 0], matrices[:, :3, 1] = axes[0], axes[1]
    matrices[:, :3, 3] = np.array(geometry.origin) + np.arange(count)[:, None] * axes[2]
    return np.asarray(matrices, np.float64)
