"""Which value of a label map is the structure that is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError

from ..labels import IGNORE

MOST_LABELS = 32  # more different values than this are an image and no label map
MOST_SHOWN = 10


def labels_of(name: str, frames: list[NDArray[Any]], ignore: int | None = None) -> list[int]:
    """Return the values other than 0 of a label map, in rising order; only the one to ignore may be negative.

    Raises
    ------
    InputError
        If values are negative or no whole numbers, or so many that this is an image.
    """
    values: set[float] = set()
    for frame in frames:
        values.update(np.unique(frame).tolist())
        if len(values) > MOST_LABELS:
            raise InputError(
                f"{name} holds more than {MOST_LABELS} different values, as an image does; give a label map."
            )
    if any(value != int(value) for value in values if np.isfinite(value)) or not np.isfinite(list(values)).all():
        raise InputError(f"{name} holds values that are no whole numbers, as an image does; give a label map.")
    if (lowest := min(values - {ignore}, default=0)) < 0:
        raise InputError(
            f"{name} holds the value {int(lowest)}; a label map has 0 where nothing is and whole numbers above 0: "
            "change it, or say that this value stands for pixels that nobody has labelled."
        )
    return sorted(int(value) for value in values if value)


def chosen_label(name: str, labels: list[int], wanted: int | None, ignore: int | None) -> int:
    """Return the value of the structure.

    Parameters
    ----------
    name : str
        The file, for messages.
    labels : list of int
        What :func:`labels_of` found.
    wanted : int or None
        The value asked for; None takes the only one there is.
    ignore : int or None
        Value of pixels that nobody has labelled, which is no structure where there is another one.

    Raises
    ------
    InputError
        If the value is not there, or several are and none was asked for.
    """
    if wanted is not None:
        if labels and wanted not in labels:
            raise InputError(f"{name} has no label {wanted}; its labels are {_shown(labels)}: give one of them.")
        return wanted
    structures = [label for label in labels if label != ignore] or labels
    if len(structures) > 1:
        raise InputError(f"{name} holds the labels {_shown(structures)}; say which of them is meant.")
    return structures[0] if structures else 1


def mask_of(frame: NDArray[Any], label: int, ignore: int | None) -> NDArray[np.uint8]:
    """Return 1 where a frame has the label, 255 where it is to be ignored, 0 elsewhere."""
    mask: NDArray[np.uint8] = (frame == label).astype(np.uint8)
    if ignore is not None and ignore != label:
        mask[frame == ignore] = IGNORE
    return mask


def _shown(labels: list[int]) -> str:
    shown = ", ".join(str(label) for label in labels[:MOST_SHOWN])
    return shown + (f" and {len(labels) - MOST_SHOWN} more" if len(labels) > MOST_SHOWN else "")
