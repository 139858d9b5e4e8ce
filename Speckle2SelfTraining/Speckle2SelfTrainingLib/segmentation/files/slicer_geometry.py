"""Where Slicer places a volume, so that a segmentation lies on the image that it belongs to.

Images reach Slicer through ITK, in the coordinates that :class:`~Speckle2SelfLib.files.Geometry` holds. NRRD files of
color are the exception (``vtkSlicerVolumesLogic``, ``NRRDVectorVolumeNodeSetFactory``): where they name no space,
Slicer takes their axes for right, anterior and superior, and where they state no origin, it puts the middle of the
volume at zero (``Libs/vtkTeem/vtkTeemNRRDReader.cxx``).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from Speckle2SelfLib.files.nrrd_reading import TO_LPS, NrrdSource
from Speckle2SelfLib.files.sweep import Geometry, Sweep

LPS_TO_RAS = (-1.0, -1.0, 1.0)


def geometry_in_slicer(sweep: Sweep) -> Geometry:
    """Return where Slicer places the volume of a sweep, in LPS coordinates."""
    row, column = sweep.spacing or (1.0, 1.0)
    geometry = sweep.geometry or Geometry((column, row, 1.0))
    if not (sweep.color and isinstance(sweep.source, NrrdSource)):
        return geometry
    header = sweep.source.header
    if (header.field("space") or "").strip().lower() not in TO_LPS:
        geometry = _mirrored(geometry)
    return geometry if header.vectors("space origin") else _centered(geometry, sweep)


def ijk_to_ras(geometry: Geometry) -> list[list[float]]:
    """Return the 4 x 4 matrix that takes column, row and frame numbers to RAS coordinates in mm."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.transpose(geometry.direction) * geometry.spacing
    matrix[:3, 3] = geometry.origin
    signed: list[list[float]] = (np.array([*LPS_TO_RAS, 1.0])[:, np.newaxis] * matrix).tolist()
    return signed


def _mirrored(geometry: Geometry) -> Geometry:
    """Return the LPS form of a geometry whose numbers are RAS."""
    x, y, z = geometry.origin
    direction = tuple((-along[0], -along[1], along[2]) for along in geometry.direction)
    return replace(geometry, origin=(-x, -y, z), direction=direction)


def _centered(geometry: Geometry, sweep: Sweep) -> Geometry:
    half = (np.array([sweep.frame_shape[1], sweep.frame_shape[0], len(sweep)]) - 1) / 2
    x, y, z = (-(half * geometry.spacing) @ np.array(geometry.direction)).tolist()
    return replace(geometry, origin=(x, y, z))
