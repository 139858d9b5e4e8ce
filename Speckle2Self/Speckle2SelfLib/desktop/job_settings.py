"""From what the panel shows to what a job computes, or to the reason why it cannot start."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from ..errors import InputError, SettingsError
from ..settings import DespeckleSettings
from .choices import Frames
from .input_info import InputInfo
from .machine import MachineSettings
from .models import FROM_FILE, modelProblem


def settingsFields(parameterNode: Any, machine: MachineSettings) -> dict[str, Any]:
    """Return the fields of ``DespeckleSettings`` that the panel decides.

    Parameters
    ----------
    parameterNode : Speckle2SelfParameterNode
        What the scene stores.
    machine : MachineSettings
        What this computer stores.
    """
    fromFile = parameterNode.model == FROM_FILE
    return {
        "model": machine.modelPath if fromFile else parameterNode.model,
        "preset": "published" if parameterNode.published else "default",
        "strength": parameterNode.strength,
        "tone": parameterNode.tone,
        "gamma": parameterNode.gamma,
        "normalize": parameterNode.normalize.value,
        "mask": parameterNode.mask,
        "scale": "auto" if parameterNode.autoScale else (parameterNode.rowScale, parameterNode.columnScale),
        "signal": parameterNode.signal.value,
        "dynamic_range": parameterNode.dynamicRange,
        "device": machine.device,
    }


def chosenFrames(parameterNode: Any) -> str | tuple[int, int] | None:
    """Return the frames as the logic takes them: None for all, "current", or (first, last) counted from 0."""
    if parameterNode.frames is Frames.RANGE:
        return parameterNode.firstFrame - 1, parameterNode.lastFrame - 1
    return "current" if parameterNode.frames is Frames.CURRENT else None


def reasonNotReady(parameterNode: Any, machine: MachineSettings, info: InputInfo | None) -> str | None:
    """Return why Apply cannot be pressed, as one sentence for its tooltip, or None if it can.

    Parameters
    ----------
    parameterNode : Speckle2SelfParameterNode
        What the scene stores.
    machine : MachineSettings
        What this computer stores.
    info : InputInfo or None
        What is known of the input's frames; None if it has no image.
    """
    reason = _inputProblem(parameterNode, info) or _outputProblem(parameterNode) or _frameProblem(parameterNode, info)
    return reason or _settingsProblem(parameterNode, machine) or _publishedProblem(parameterNode, info)


def reasonNoPreview(
    parameterNode: Any, machine: MachineSettings, info: InputInfo | None, *, needsImage: bool = True
) -> str | None:
    """Return why the input cannot be despeckled live, as one sentence, or None if it can.

    Parameters
    ----------
    parameterNode, machine, info
        As for :func:`reasonNotReady`; output and range of frames do not count.
    needsImage : bool
        Whether the input must have an image already.
    """
    reason = _inputProblem(parameterNode, info) if needsImage else None
    return reason or _settingsProblem(parameterNode, machine) or _publishedProblem(parameterNode, info)


def _inputProblem(parameterNode: Any, info: InputInfo | None) -> str | None:
    if parameterNode.inputVolume is None:
        return str(_("Choose an input volume first."))
    if info is None:
        return str(_("The input volume has no image; load or choose one that has."))
    return info.problem


def _outputProblem(parameterNode: Any) -> str | None:
    source, target = parameterNode.inputVolume, parameterNode.outputVolume
    if target is None:
        return None
    if target is source:
        return str(_("The output must not be the input, which is never changed."))
    isColor = bool(source.IsA("vtkMRMLVectorVolumeNode"))
    if isColor != bool(target.IsA("vtkMRMLVectorVolumeNode")):
        return str(_("The output must be of the same kind as the input, gray or color; or let a new one be created."))
    return None


def _frameProblem(parameterNode: Any, info: InputInfo | None) -> str | None:
    if parameterNode.frames is not Frames.RANGE or info is None:
        return None
    first, last = parameterNode.firstFrame, parameterNode.lastFrame
    if 1 <= first <= last <= info.frames:
        return None
    text = _("Frames {first} to {last} are not in the input, which has frames 1 to {count}.")
    return str(text.format(first=first, last=last, count=info.frames))


def _settingsProblem(parameterNode: Any, machine: MachineSettings) -> str | None:
    if (problem := modelProblem(parameterNode.model, machine.modelPath)) is not None:
        return problem
    try:
        DespeckleSettings(**settingsFields(parameterNode, machine))
    except SettingsError as error:
        return str(error)
    return None


def _publishedProblem(parameterNode: Any, info: InputInfo | None) -> str | None:
    if not parameterNode.published or info is None:
        return None
    from ..frame_path.published_input import check_published_input

    try:
        check_published_input(info.rows, info.columns, color=info.isColor, signal=parameterNode.signal.value)
    except InputError as error:
        return str(error)
    return None
