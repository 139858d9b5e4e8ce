"""Images and masks in files that the tests of label files share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from Speckle2SelfLib.files import Sweep
from Speckle2SelfTrainingLib.segmentation.files import label_writer

COUNT, ROWS, COLUMNS = 5, 20, 24
SPACING = (0.07, 0.09, 0.5)  # columns, rows, frames
ORIGIN = (3.0, -4.0, 5.0)
OBLIQUE = (0.6, 0.0, 0.8, 0.0, 1.0, 0.0, -0.8, 0.0, 0.6)  # columns of the matrix: axes of the image
PROVENANCE = {"Model": "tiny"}


def disks() -> np.ndarray:
    """A disk on every frame but the fourth, of another place and size on each."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    masks = [(rows - 8 - k) ** 2 + (columns - 10 - k) ** 2 <= (3 + k % 3) ** 2 for k in range(COUNT)]
    masks[3] &= False
    return np.stack(masks).astype(np.uint8)


def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (COUNT, ROWS, COLUMNS), np.uint8)


def write_volume(
    path: Path, frames: np.ndarray, *, oblique: bool = False, spacing: tuple[float, float, float] = SPACING
) -> Path:
    image = sitk.GetImageFromArray(frames)
    image.SetSpacing(spacing)
    image.SetOrigin(ORIGIN)
    if oblique:
        image.SetDirection(OBLIQUE)
    sitk.WriteImage(image, str(path))
    return path


def write_masks(sweep: Sweep, path: Path, masks: np.ndarray, label: int = 1, frames: slice = slice(None)) -> Path:
    """Write masks of some frames of a sweep as ``speckle2self segment`` does."""
    indices = list(range(len(sweep)))[frames]
    with label_writer(sweep, path, indices, PROVENANCE, label) as writer:
        for position, index in enumerate(indices):
            writer.write(position, masks[index] * np.uint8(label))
        writer.describe({"Confidence": " ".join(f"0.{index}5" for index in indices)})
        writer.commit()
    return path
