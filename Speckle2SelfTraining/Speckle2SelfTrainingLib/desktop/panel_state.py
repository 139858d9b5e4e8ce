"""Shows in the panel what the choices mean: which controls apply, what the sweeps are, whether Start can be pressed."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _
from Speckle2SelfLib.desktop.models import FROM_FILE
from Speckle2SelfLib.desktop.plain_text import plain, showHint

from .job_settings import reasonNotReady, suggestedName
from .machine import TrainingMachineSettings
from .sweep_info import sweepsInfo

CONTROLS_FIXED_WHILE_RUNNING = (
    "sweepsSelector",
    "validationSelector",
    "modelComboBox",
    "modelPathLineEdit",
    "stepsSpinBox",
    "minutesSpinBox",
    "modelNameLineEdit",
    "folderPathLineEdit",
    "adaptAdvancedCollapsibleButton",
)


def showState(
    ui: Any, parameterNode: Any, machine: TrainingMachineSettings, isRunning: bool, isBusy: bool = False
) -> None:
    """Bring the panel's controls in line with the parameters.

    Parameters
    ----------
    ui : object
        The panel's widgets by name.
    parameterNode : Speckle2SelfTrainingParameterNode
        What the scene stores.
    machine : TrainingMachineSettings
        What this computer stores.
    isRunning : bool
        Whether a training is under way: Start then means Cancel, and the settings keep still.
    isBusy : bool
        Whether any job of the panel is under way.
    """
    info = sweepsInfo(parameterNode)
    for name in CONTROLS_FIXED_WHILE_RUNNING:
        getattr(ui, name).enabled = not isRunning
    ui.sweepsInfoLabel.text = info.text()
    ui.heldOutLabel.text = info.heldOutText()
    ui.heldOutLabel.visible = bool(info.heldOutText())
    fromFile = parameterNode.model == FROM_FILE
    ui.modelPathLineEdit.visible = fromFile
    ui.modelPathLineEditLabel.visible = fromFile
    ui.modelNameLineEdit.placeholderText = suggestedName(machine.modelsFolder)
    busy = str(_("Another job is running.")) if isBusy else None
    reason = None if isRunning else busy or reasonNotReady(parameterNode, machine, info)
    _showStartButton(ui, reason, isRunning)


def _showStartButton(ui: Any, reason: str | None, isRunning: bool) -> None:
    button = ui.startButton
    button.text = _("Cancel") if isRunning else _("Start training")
    button.enabled = reason is None
    button.toolTip = plain(
        reason
        or (
            _("Stop; nothing is saved, and the scene is as it was before.")
            if isRunning
            else _("Train on the chosen sweeps and save the result as a new model.")
        )
    )
    showHint(ui.startHintLabel, reason)
