"""What the panel says about the chosen input: how many frames of what size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slicer.i18n import tr as _

from ..errors import InputError


@dataclass(frozen=True)
class InputInfo:
    """Frames of an input volume, or of the sequence that it browses.

    Parameters
    ----------
    frames : int
        How many.
    rows, columns : int
        Size of a frame in pixels.
    isColor : bool
        Whether pixels have more than one component.
    isSequence : bool
        Whether the frames are items of a sequence.
    problem : str or None
        Why these frames are refused, as one sentence: too small, too large, of a type that is not taken.
    """

    frames: int
    rows: int
    columns: int
    isColor: bool
    isSequence: bool
    problem: str | None = None

    def text(self) -> str:
        """Return one line for the panel."""
        kind = _("Sequence") if self.isSequence else _("Volume")
        line = _("{kind}: {frames} of {columns} x {rows} pixels")
        return str(line.format(kind=kind, frames=self._counted(), columns=self.columns, rows=self.rows))

    def _counted(self) -> str:
        if self.isColor:
            counted = _("1 color frame") if self.frames == 1 else _("{count} color frames")
        else:
            counted = _("1 frame") if self.frames == 1 else _("{count} frames")
        return str(counted.format(count=self.frames))


def inputInfo(volumeNode: Any, frameAxis: str | None = None) -> InputInfo | None:
    """Return what is known of an input volume, or None if it has no image.

    Parameters
    ----------
    volumeNode : vtkMRMLVolumeNode or None
        The chosen input.
    frameAxis : {"I", "J", "K"} or None
        Axis of a volume along which its frames lie; None as ``SceneDespeckler`` chooses.
    """
    image = volumeNode.GetImageData() if volumeNode is not None else None
    if image is None or image.GetNumberOfPoints() == 0:
        return None
    # these import numpy, which must not happen when the module is loaded
    from ..scene.environment import current_environment
    from ..scene.geometry import frame_axis
    from ..scene.sequences import find_sequence

    found = find_sequence(current_environment(), volumeNode)
    axis = frameAxis if found is None else None
    sizes = list(image.GetDimensions())
    frames = sizes.pop(frame_axis(image.GetDimensions(), axis))
    if found is not None:
        frames = found[0].GetNumberOfDataNodes()
    columns, rows = sizes
    isColor = image.GetNumberOfScalarComponents() > 1
    return InputInfo(frames, rows, columns, isColor, found is not None, _problem(volumeNode, axis))


def _problem(volumeNode: Any, axis: str | None) -> str | None:
    from ..scene.sweep import read_slab

    try:
        read_slab(volumeNode, axis, f"Volume {volumeNode.GetName()!r}")
    except InputError as error:
        return str(error)
    return None
