"""Shows in the panel what the choices mean: which controls apply, what the input is, whether Apply can be pressed."""

from __future__ import annotations

from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from .choices import Frames, Signal
from .input_info import InputInfo, inputInfo
from .job_settings import reasonNotReady
from .machine import MachineSettings
from .models import FROM_FILE
from .plain_text import plain, showHint

CONTROLS_FIXED_WHILE_RUNNING = (
    "inputsCollapsibleButton",
    "outputsCollapsibleButton",
    "settingsCollapsibleButton",
    "advancedCollapsibleButton",
)
CONTROLS_THAT_PUBLISHED_OVERRIDES = (
    "strengthSliderWidget",
    "presetsWidget",
    "toneCheckBox",
    "maskCheckBox",
    "normalizeComboBox",
    "autoScaleCheckBox",
    "gammaSliderWidget",
)


def showState(ui: Any, parameterNode: Any, machine: MachineSettings, isRunning: bool) -> None:
    """Bring the panel's controls in line with the parameters.

    Parameters
    ----------
    ui : object
        The panel's widgets by name.
    parameterNode : Speckle2SelfParameterNode
        What the scene stores.
    machine : MachineSettings
        What this computer stores.
    isRunning : bool
        Whether a job is under way: Apply then means Cancel, and the settings keep still.
    """
    info = inputInfo(parameterNode.inputVolume, parameterNode.frameAxis.value)
    _spanInput(parameterNode, info)
    for name in CONTROLS_FIXED_WHILE_RUNNING:
        getattr(ui, name).enabled = not isRunning
    _showInput(ui, parameterNode, info)
    _showApplicable(ui, parameterNode)
    _showApplyButton(ui, None if isRunning else reasonNotReady(parameterNode, machine, info), isRunning)


def takeResultOver(parameterNode: Any, outputNode: Any) -> None:
    """Choose a result as output, so that the next run reuses it.

    A single frame is the exception: the next one, or all of them, shall not overwrite it, nor can they all the same
    go into one volume; the next run makes a new node.

    Parameters
    ----------
    parameterNode : Speckle2SelfParameterNode
        What the scene stores.
    outputNode : vtkMRMLScalarVolumeNode
        The result.
    """
    parameterNode.outputVolume = None if parameterNode.frames is Frames.CURRENT else outputNode


def forgetForeignResult(parameterNode: Any, madeFrom: tuple[str, str] | None) -> tuple[str, str] | None:
    """Let a new output be made for another input, lest the result of the input before is overwritten.

    Parameters
    ----------
    parameterNode : Speckle2SelfParameterNode
        What the scene stores.
    madeFrom : (str, str) or None
        Node IDs of the input and the result that the panel took over last.

    Returns
    -------
    (str, str) or None
        The same while that input is chosen; then none, so that whoever wants to overwrite can choose the result again.
    """
    source, target = parameterNode.inputVolume, parameterNode.outputVolume
    if madeFrom is None or source is None or source.GetID() == madeFrom[0]:
        return madeFrom
    if target is not None and target.GetID() == madeFrom[1]:
        parameterNode.outputVolume = None
    return None


def _spanInput(parameterNode: Any, info: InputInfo | None) -> None:
    """Let the frame range span the input until the user asks for a range."""
    if parameterNode.frames is Frames.RANGE or info is None:
        return
    if (parameterNode.firstFrame, parameterNode.lastFrame) != (1, info.frames):
        with slicer.util.NodeModify(parameterNode):
            parameterNode.firstFrame = 1
            parameterNode.lastFrame = info.frames


def _showInput(ui: Any, parameterNode: Any, info: InputInfo | None) -> None:
    ui.inputInfoLabel.text = info.text() if info is not None else ""
    isRange = parameterNode.frames is Frames.RANGE
    ui.frameRangeWidget.visible = isRange
    ui.frameRangeWidgetLabel.visible = isRange
    # a new node made by the selector is gray; for color, the result's node is created on Apply
    source = parameterNode.inputVolume
    ui.outputSelector.addEnabled = source is None or not source.IsA("vtkMRMLVectorVolumeNode")


def _showApplicable(ui: Any, parameterNode: Any) -> None:
    fromFile = parameterNode.model == FROM_FILE
    ui.modelPathLineEdit.visible = fromFile
    ui.modelPathLineEditLabel.visible = fromFile
    for name in CONTROLS_THAT_PUBLISHED_OVERRIDES:
        getattr(ui, name).enabled = not parameterNode.published
    ui.scaleWidget.enabled = not parameterNode.published and not parameterNode.autoScale
    ui.dynamicRangeSliderWidget.enabled = not parameterNode.published and parameterNode.signal is not Signal.BMODE


def _showApplyButton(ui: Any, reason: str | None, isRunning: bool) -> None:
    button = ui.applyButton
    button.text = _("Cancel") if isRunning else _("Apply")
    button.enabled = reason is None
    # setting the text takes the shortcut away (QAbstractButton::setText)
    button.shortcut = qt.QKeySequence("Ctrl+Return")
    button.toolTip = plain(
        reason
        or (
            _("Stop; the scene stays as it was (Ctrl+Return).")
            if isRunning
            else _("Despeckle the input (Ctrl+Return).")
        )
    )
    showHint(ui.applyHintLabel, reason)
