"""From what the panel shows to what a training is told, or to the reason why it cannot start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from slicer.i18n import tr as _
from Speckle2SelfLib.bundle.kinds import DESPECKLING, SEGMENTATION
from Speckle2SelfLib.bundle.placing import file_on_the_way
from Speckle2SelfLib.bundle.shipped import shipped_models
from Speckle2SelfLib.desktop.models import FROM_FILE, modelProblem
from Speckle2SelfLib.errors import SettingsError

from ..training import adaptation_settings
from .checked_nodes import presentNodes
from .machine import TrainingMachineSettings
from .sweep_info import SweepsInfo

VALIDATIONS = 8
FORBIDDEN_CHARACTERS = '/\\:*?"<>|'


def trainingOptions(parameterNode: Any, machine: TrainingMachineSettings) -> dict[str, Any]:
    """Return what the logic's ``start`` takes beside the sweeps.

    Parameters
    ----------
    parameterNode : Speckle2SelfTrainingParameterNode
        What the scene stores.
    machine : TrainingMachineSettings
        What this computer stores.
    """
    return {
        "model": machine.modelPath if parameterNode.model == FROM_FILE else parameterNode.model,
        "output": outputPath(parameterNode, machine),
        "validationNodes": parameterNode.validationSweep,
        "settings": recipeChanges(parameterNode),
        "device": machine.device,
        "frameAxis": parameterNode.frameAxis.value,
        "keepPreview": parameterNode.keepPreview,
    }


def recipeChanges(parameterNode: Any) -> dict[str, Any]:
    """Return the fields of ``TrainingSettings`` that the panel decides."""
    return {
        "steps": parameterNode.steps,
        "minutes": parameterNode.minutes or None,  # 0 is no limit
        "crop": parameterNode.crop,
        "batch_size": parameterNode.batchSize,
        "seed": parameterNode.seed,
        "validate_every": max(1, parameterNode.steps // VALIDATIONS),
    }


def outputPath(parameterNode: Any, machine: TrainingMachineSettings) -> Path:
    """Return where the new model goes."""
    folder = machine.modelsFolder
    name = parameterNode.modelName.strip() or suggestedName(folder)
    return folder / (f"{name}.zip" if parameterNode.zipped else name)


def suggestedName(folder: Path, kind: str = "adapted") -> str:
    """Return a name that no model of a folder has; never one of the sweep, which is often a patient's."""
    number = 1
    while _isTaken(folder, f"{kind}-{number}"):
        number += 1
    return f"{kind}-{number}"


def reasonNotReady(parameterNode: Any, machine: TrainingMachineSettings, info: SweepsInfo) -> str | None:
    """Return why Start cannot be pressed, as one sentence for its tooltip, or None if it can.

    Parameters
    ----------
    parameterNode : Speckle2SelfTrainingParameterNode
        What the scene stores.
    machine : TrainingMachineSettings
        What this computer stores.
    info : SweepsInfo
        What is known of the sweeps.
    """
    return (
        _sweepProblem(parameterNode, info)
        or nameProblem(parameterNode.modelName, machine)
        or _settingsProblem(parameterNode, machine)
    )


def _sweepProblem(parameterNode: Any, info: SweepsInfo) -> str | None:
    if not info.sweeps:
        return str(_("Choose at least one sweep to train on."))
    if None in info.sweeps:
        return str(_("One of the chosen sweeps has no image; load it or choose another one."))
    problems = [sweep.problem for sweep in info.sweeps if sweep is not None and sweep.problem is not None]
    if problems:
        return problems[0]
    validation = parameterNode.validationSweep
    if validation is None:
        few = info.frames < 2
        return str(_("One frame is too few to train on and to check; choose a sweep with more.")) if few else None
    if info.validation is None:
        return str(_("The validation sweep has no image; load it or choose another one."))
    if info.validation.problem is not None:
        return info.validation.problem
    if validation in presentNodes(parameterNode.sweeps):
        return str(_("The validation sweep is also chosen for training; choose it only once."))
    return None


def nameProblem(name: str, machine: TrainingMachineSettings) -> str | None:
    """Return why a new model cannot be saved under a name, or None; an empty one takes what is free."""
    if (blocked := file_on_the_way(machine.modelsFolder)) is not None:
        return str(_("{path} is a file; choose a folder for new models.").format(path=blocked))
    name = name.strip()
    if not name:
        return None
    if name.startswith(".") or any(character in FORBIDDEN_CHARACTERS for character in name) or not name.isprintable():
        return str(_('The name of a model must not begin with a dot nor contain any of / \\ : * ? " < > |.'))
    if name in shipped_models(DESPECKLING, SEGMENTATION) or name == FROM_FILE:
        return str(_("{name} is the name of a model that came with the extension; choose another name.")).format(
            name=name
        )
    if _isTaken(machine.modelsFolder, name):
        return str(_("There is a model {name} already; choose another name.")).format(name=name)
    return None


def _isTaken(folder: Path, name: str) -> bool:
    return (folder / name).exists() or (folder / f"{name}.zip").exists()


def _settingsProblem(parameterNode: Any, machine: TrainingMachineSettings) -> str | None:
    if (problem := modelProblem(parameterNode.model, machine.modelPath)) is not None:
        return problem
    try:
        adaptation_settings(**recipeChanges(parameterNode))
    except SettingsError as error:
        return str(error)
    return None
