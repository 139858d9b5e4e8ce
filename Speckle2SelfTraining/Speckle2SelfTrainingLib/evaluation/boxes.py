"""Boxes of tissue and lumen: read from JSON, or found.

The JSON file holds an object with ``"tissue"`` and ``"lumen"``, each mapping a key to ``[x, y, width, height]``: column
and row of the top left pixel, then columns and rows. A key is ``FILE.FRAME``: the number of the input on the command
line from 1 (or its file name without suffix), and the number of the frame in it from 0. ``FILE`` alone gives one box
for all frames of an input. Other entries, such as a comment, are ignored; frames without a box are left out of the
measures that need one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from Speckle2SelfLib.errors import InputError

from .frames import Gray, Mask

Box = tuple[int, int, int, int]  # row, column, height, width

TISSUE_SIDE, LUMEN_SIDE = 24, 14
LARGEST_SHARE = 1 / 5  # of the shorter side of the frame
LUMEN_DARKNESS = 0.6  # of what lies around it


@dataclass(frozen=True)
class Boxes:
    """The boxes of one frame, each (row, column, height, width) or None."""

    tissue: Box | None = None
    lumen: Box | None = None


@dataclass(frozen=True)
class BoxFile:
    """Boxes by kind and key, as read from a file."""

    boxes: Mapping[str, Mapping[str, Box]]

    @classmethod
    def read(cls, path: Path) -> BoxFile:
        """Read boxes from JSON.

        Raises
        ------
        InputError
            If the file is missing or holds something else.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(f"The boxes {str(path)!r} cannot be read ({error.strerror}).") from error
        except ValueError as error:
            raise InputError(f"The boxes {str(path)!r} are no valid JSON ({error}).") from error
        kinds = content if isinstance(content, dict) else {}
        given = [kinds[kind] for kind in ("tissue", "lumen") if kind in kinds]
        if not given or not all(isinstance(boxes, dict) for boxes in given):
            raise InputError(
                f'The boxes {str(path)!r} must hold "tissue" and "lumen", each with FILE.FRAME: [x, y, width, height].'
            )
        return cls(
            {
                kind: {key: _box(path, key, value) for key, value in kinds.get(kind, {}).items()}
                for kind in ("tissue", "lumen")
            }
        )

    def of(self, number: int, name: str, frame: int, shape: tuple[int, int]) -> Boxes:
        """Return the boxes of a frame.

        Parameters
        ----------
        number : int
            Of the input, from 1.
        name : str
            Of the input, without suffix.
        frame : int
            From 0.
        shape : (int, int)
            Rows and columns of the frame.

        Raises
        ------
        InputError
            If a box does not lie inside the frame.
        """
        keys = (f"{number}.{frame}", f"{name}.{frame}", f"{number}", name)
        found = {kind: next((boxes[key] for key in keys if key in boxes), None) for kind, boxes in self.boxes.items()}
        for box in found.values():
            if box is not None and not fits(box, shape):
                row, column, height, width = box
                raise InputError(
                    f"The box {[column, row, width, height]} of input {number}, frame {frame}, does not lie inside "
                    f"the frame of {shape[1]} x {shape[0]} pixels: give x, y, width and height."
                )
        return Boxes(found["tissue"], found["lumen"])


def fits(box: Box, shape: tuple[int, int]) -> bool:
    """Return whether a box (row, column, height, width) lies inside a frame of that shape."""
    row, column, height, width = box
    return (
        row >= 0
        and column >= 0
        and height > 1
        and width > 1
        and row + height <= shape[0]
        and column + width <= shape[1]
    )


def find_boxes(frame: Gray, valid: Mask | None = None, lumen: Mask | None = None) -> Boxes:
    """Find the flattest tissue box and the darkest lumen-like box of a frame.

    Parameters
    ----------
    frame : array (H, W)
        The input, or its truth where there is one.
    valid : bool array (H, W), optional
        Where boxes may lie.
    lumen : bool array (H, W), optional
        The lumen, where it is known: the box is then laid into its widest part.
    """
    side = int(min(frame.shape) * LARGEST_SHARE)
    tissue = flattest_box(frame, valid, min(TISSUE_SIDE, side))
    size = min(LUMEN_SIDE, side)
    known = box_inside(lumen, size) if lumen is not None and lumen.any() else None
    return Boxes(tissue, known or darkest_box(frame, valid, size))


def flattest_box(frame: Gray, valid: Mask | None = None, size: int = TISSUE_SIDE) -> Box:
    """Return the box of tissue (row, column, height, width) whose local mean varies least.

    Parameters
    ----------
    frame : array (H, W)
    valid : bool array (H, W), optional
        Where a box may lie.
    size : int
        Rows and columns of the box.
    """
    from scipy import ndimage

    gray = np.asarray(frame, np.float64)
    allowed = np.ones(gray.shape, bool) if valid is None else valid
    smooth = ndimage.gaussian_filter(gray, size / 6)
    mean = ndimage.uniform_filter(smooth, size)
    spread = np.sqrt(np.maximum(ndimage.uniform_filter(smooth**2, size) - mean**2, 0))
    inside = ndimage.binary_erosion(allowed, np.ones((size, size), bool))
    bright = mean > 0.6 * gray[allowed].mean()
    score = np.where(inside & bright, spread / np.maximum(mean, 1e-9), np.inf)
    return _box_at(score, size)


def darkest_box(frame: Gray, valid: Mask | None = None, size: int = LUMEN_SIDE) -> Box | None:
    """Return the darkest box that has brighter tissue above and below it; None where there is none.

    Asking for tissue on both sides leaves out shadows and the fading end of the picture.

    Parameters
    ----------
    frame : array (H, W)
    valid : bool array (H, W), optional
    size : int
        Rows and columns of the box.
    """
    from scipy import ndimage

    gray = np.asarray(frame, np.float64)
    allowed = np.ones(gray.shape, bool) if valid is None else valid
    mean = ndimage.uniform_filter(gray, size)
    around = np.minimum(_brightest_along(mean, 1, size), _brightest_along(mean, -1, size))
    inside = ndimage.binary_erosion(allowed, np.ones((size, size), bool))
    enclosed = inside & (mean < LUMEN_DARKNESS * around)
    if not enclosed.any():
        return None
    # Of several dark places the best enclosed one: contrast to the weaker of its two sides.
    return _box_at(np.where(enclosed, mean - around, np.inf), size)


def box_inside(mask: Mask, size: int) -> Box | None:
    """Return a square box in the widest part of a mask, at most `size` wide; None where only a sliver fits."""
    from scipy import ndimage

    padded = np.pad(mask, 1)
    reach = ndimage.distance_transform_cdt(padded, "chessboard")[1:-1, 1:-1]
    row, column = (int(index) for index in np.unravel_index(int(np.argmax(reach)), reach.shape))
    half = min(size // 2, int(reach[row, column]) - 1)
    return (row - half, column - half, 2 * half, 2 * half) if half >= 2 else None


def _brightest_along(mean: Gray, direction: int, size: int) -> Gray:
    """Brightest local mean 1.5 to 4 box sides above (1) or below (-1); nothing (0) beyond the border."""
    from scipy import ndimage

    best = np.zeros(mean.shape)
    for sides in (1.5, 2.0, 2.5, 3.0, 3.5, 4.0):
        shift = (round(direction * sides * size), 0)
        best = np.maximum(best, ndimage.shift(mean, shift, order=0, mode="constant", cval=0.0))
    return best


def _box_at(score: Gray, size: int) -> Box:
    row, column = np.unravel_index(int(np.argmin(score)), score.shape)
    top = min(max(int(row) - size // 2, 0), score.shape[0] - size)
    left = min(max(int(column) - size // 2, 0), score.shape[1] - size)
    return (top, left, size, size)


def _box(path: Path, key: str, value: Any) -> Box:
    numbers = value if isinstance(value, list) else []
    if len(numbers) != 4 or not all(isinstance(part, int) and not isinstance(part, bool) for part in numbers):
        raise InputError(f"Box {key!r} of {str(path)!r} must be four whole numbers x, y, width, height, got {value!r}.")
    column, row, width, height = numbers
    return (row, column, height, width)
