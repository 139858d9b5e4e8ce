"""Frames and masks that are read when asked for, so that no more than a few are in memory at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfLib.files.sweep import Sweep
from Speckle2SelfLib.frame_path.frames import Frames

from ...training.sources import Luminances
from ..files.label_pixels import open_label_map
from ..files.label_values import chosen_label, labels_of, mask_of
from ..labels import IGNORE


class ImageFiles:
    """The luminance of images, one file each; their sizes may differ.

    Parameters
    ----------
    paths : sequence of Path
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = list(paths)

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self._paths)

    def __getitem__(self, index: int, /) -> NDArray[Any]:
        """Return a frame, (H, W)."""
        sweep = open_sweep(self._paths[index])
        if len(sweep) != 1:
            raise InputError(
                f"{self._paths[index].name!r} holds {len(sweep)} frames; images of a folder hold one each: give a "
                "sweep with its labels on its own."
            )
        frames: Frames = Luminances(sweep.frames) if sweep.color else sweep.frames
        return np.asarray(frames[0])


class MaskFiles:
    """Masks, one file each; which value is the lumen is decided over all of them.

    Parameters
    ----------
    name : str
        For messages.
    paths : sequence of Path
    label : int or None
        Value of the lumen; None takes the only one there is.
    """

    def __init__(self, name: str, paths: Sequence[Path], label: int | None) -> None:
        self._name, self._paths, self._label = name, list(paths), label
        self._value: int | None = None

    def __len__(self) -> int:
        """Return the number of masks."""
        return len(self._paths)

    def __getitem__(self, index: int, /) -> NDArray[np.uint8]:
        """Return a mask, (H, W): 0, 1 or 255."""
        if self._value is None:
            found: set[int] = set()
            for path in self._paths:
                found.update(labels_of(repr(path.name), [_label_frame(path)]))
            self._value = chosen_label(f"The masks of {self._name!r}", sorted(found), self._label, IGNORE)
        return mask_of(_label_frame(self._paths[index]), self._value, IGNORE)


class LabelFile:
    """The masks of a label map or a segmentation.

    Parameters
    ----------
    path : Path
    like : Sweep
        The image.
    label : int or None
        Value of the lumen.
    segment : str or None
        Name of the lumen's segment.

    Raises
    ------
    InputError
        If the file cannot be read or does not fit the image.
    """

    def __init__(self, path: Path, like: Sweep, label: int | None, segment: str | None) -> None:
        from ..files.reading import read_labels

        self._frames = read_labels(path, label=label, segment=segment, like=like, ignore=IGNORE).frames

    def __len__(self) -> int:
        """Return the number of masks."""
        return len(self._frames)

    def __getitem__(self, index: int, /) -> NDArray[np.uint8]:
        """Return a mask, (H, W): 0, 1 or 255."""
        return np.asarray(self._frames[index], np.uint8)


class Empty:
    """Masks without a lumen for frames that show none.

    Parameters
    ----------
    frames : Frames
    """

    def __init__(self, frames: Frames) -> None:
        self._frames = frames

    def __len__(self) -> int:
        """Return the number of masks."""
        return len(self._frames)

    def __getitem__(self, index: int, /) -> NDArray[np.uint8]:
        """Return a mask of zeros, (H, W)."""
        return np.zeros(np.asarray(self._frames[index]).shape, np.uint8)


def _label_frame(path: Path) -> NDArray[Any]:
    return np.asarray(open_label_map(path, None).frames[0])
