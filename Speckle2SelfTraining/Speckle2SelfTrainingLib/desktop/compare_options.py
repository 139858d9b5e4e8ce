"""From what the panel shows to what a comparison with other filters is told, or why it cannot start."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _
from Speckle2SelfLib.desktop.input_info import InputInfo
from Speckle2SelfLib.desktop.models import FROM_FILE, modelProblem

from .filter_choice import SEPARATOR
from .machine import TrainingMachineSettings

FILTERS = ("nlm", "srad", "tv", "wavelet", "curvature", "gradient", "median", "bilateral", "patch")
"""Filters that the panel offers, by the names of the library and of the check boxes."""

MOST_STRENGTHS = 4


def compareOptions(parameterNode: Any, machine: TrainingMachineSettings) -> dict[str, Any]:
    """Return what the logic's ``startEvaluating`` takes beside the input.

    Parameters
    ----------
    parameterNode : Speckle2SelfTrainingParameterNode
        What the scene stores.
    machine : TrainingMachineSettings
        What this computer stores.
    """
    fromFile = parameterNode.compareModel == FROM_FILE
    return {
        "model": machine.compareModelPath if fromFile else parameterNode.compareModel,
        "strengths": strengthsOf(parameterNode.compareStrengths),
        "filters": chosenFilters(parameterNode),
        "frames": parameterNode.compareFrames,
        "tissue": parameterNode.compareTissue,
        "lumen": parameterNode.compareLumen,
        "keepImages": parameterNode.compareKeepImages,
        "device": machine.device,
        "frameAxis": parameterNode.compareFrameAxis.value,
    }


def chosenFilters(parameterNode: Any) -> list[str]:
    """Return the names of the chosen filters; those that a scene names but this version lacks are left out."""
    return [name for name in parameterNode.compareFilters.split(SEPARATOR) if name in FILTERS]


def strengthsOf(text: str) -> list[float] | None:
    """Return the strengths in a text like ``"0.5 0.8"``, or None where it is something else."""
    try:
        # a comma between digits is a decimal one in many countries, any other separates
        numbers = [float(part.replace(",", ".")) for part in text.replace(";", " ").replace(", ", " ").split()]
    except ValueError:
        return None
    fits = all(0 <= number <= 1 for number in numbers) and 1 <= len(set(numbers)) <= MOST_STRENGTHS
    return sorted(set(numbers)) if fits else None


def reasonNotToCompare(parameterNode: Any, machine: TrainingMachineSettings, info: InputInfo | None) -> str | None:
    """Return why nothing can be compared, as one sentence for a tooltip, or None if it can."""
    if parameterNode.compareInput is None:
        return str(_("Choose a sweep first."))
    if info is None:
        return str(_("The sweep has no image; load or choose one that has."))
    problem = info.problem or modelProblem(parameterNode.compareModel, machine.compareModelPath)
    if problem is not None:
        return problem
    if strengthsOf(parameterNode.compareStrengths) is None:
        return str(_("Give one to four different strengths from 0 to 1, for example 0.5 0.8."))
    if not chosenFilters(parameterNode):
        return str(_("Check at least one filter."))
    return None
