"""Chooses a new model where it is used: in the despeckling module, or for segmentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
from Speckle2SelfLib.bundle.kinds import SEGMENTATION
from Speckle2SelfLib.bundle.trained import trained_models
from Speckle2SelfLib.desktop.models import FROM_FILE


def chooseSegmentModel(path: Path, panel: Any) -> None:
    """Choose a segmentation model in the training panel.

    Parameters
    ----------
    path : Path
        A bundle; one among the models that were trained on this computer is chosen by its name.
    panel : Speckle2SelfTrainingWidget
        Its line for a path shows another one.
    """
    names = [name for name, place in trained_models(SEGMENTATION).items() if place == path]
    if not names:
        panel.machine.segmentModelPath = str(path)  # the line may not find it worth telling
        panel.ui.segmentModelPathLineEdit.currentPath = str(path)
    panel.parameters.segmentModel = names[0] if names else FROM_FILE


def useModel(path: Path) -> None:
    """Choose a model in the panel of Speckle2Self and switch to it.

    Parameters
    ----------
    path : Path
        A bundle; one among the models that were trained on this computer is chosen by its name.
    """
    names = [name for name, place in trained_models().items() if place == path]
    if not names:
        slicer.util.getModuleWidget("Speckle2Self").ui.modelPathLineEdit.currentPath = str(path)
    parameters = slicer.util.getModuleLogic("Speckle2Self").getParameterNode()
    parameters.model = names[0] if names else FROM_FILE
    slicer.util.selectModule("Speckle2Self")
