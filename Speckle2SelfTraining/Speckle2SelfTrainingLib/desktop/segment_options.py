"""From what the panel shows to what a segmentation, a measurement or a training is told, or why it cannot start."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _
from Speckle2SelfLib.bundle.kinds import SEGMENTATION
from Speckle2SelfLib.desktop.input_info import InputInfo
from Speckle2SelfLib.desktop.models import FROM_FILE, modelProblem
from Speckle2SelfLib.settings import DEFAULT_STRENGTH

from ..segmentation.settings import SegmentSettings
from .job_settings import nameProblem
from .machine import TrainingMachineSettings


def segmentOptions(parameterNode: Any, machine: TrainingMachineSettings) -> dict[str, Any]:
    """Return what the logic's ``startSegmenting`` takes beside input and output."""
    return {
        "model": chosenModel(parameterNode, machine),
        "settings": {
            "despeckle": (SegmentSettings().despeckle or DEFAULT_STRENGTH) if parameterNode.despeckleFirst else None,
            "temporal": parameterNode.temporal,
            "largest": parameterNode.largest,
            "smooth": parameterNode.smooth,
            "minimum_confidence": parameterNode.minimumConfidence,
        },
        "device": machine.device,
        "frameAxis": parameterNode.segmentFrameAxis.value,
        "closedSurface": parameterNode.closedSurface,
    }


def learnOptions(parameterNode: Any, machine: TrainingMachineSettings) -> dict[str, Any]:
    """Return what the logic's ``startLearning`` takes beside the nodes."""
    name = parameterNode.learnName.strip()
    return {
        "model": chosenModel(parameterNode, machine),
        "output": machine.modelsFolder / name if name else None,
        "frames": parameterNode.learnFrames.value,
        "segment": parameterNode.lumenSegment or None,
        "settings": {"minutes": parameterNode.learnMinutes or None},  # 0 is no limit
        "device": machine.device,
        "frameAxis": parameterNode.segmentFrameAxis.value,
    }


def measureOptions(parameterNode: Any) -> dict[str, Any]:
    """Return what the logic's ``startMeasuring`` takes beside the nodes."""
    return {"segment": parameterNode.lumenSegment or None, "frameAxis": parameterNode.segmentFrameAxis.value}


def chosenModel(parameterNode: Any, machine: TrainingMachineSettings) -> str:
    """Return the name or the path of the segmentation model."""
    return machine.segmentModelPath if parameterNode.segmentModel == FROM_FILE else str(parameterNode.segmentModel)


def reasonNotToSegment(parameterNode: Any, machine: TrainingMachineSettings, info: InputInfo | None) -> str | None:
    """Return why nothing can be segmented, as one sentence for a tooltip, or None if it can."""
    if parameterNode.segmentInput is None:
        return str(_("Choose a sweep first."))
    if info is None:
        return str(_("The sweep has no image; load or choose one that has."))
    return info.problem or modelProblem(parameterNode.segmentModel, machine.segmentModelPath, SEGMENTATION)


def reasonNotToMeasure(parameterNode: Any, info: InputInfo | None) -> str | None:
    """Return why nothing can be measured, or None."""
    if parameterNode.segmentInput is None or info is None:
        return str(_("Choose a sweep first, under Segment."))
    if parameterNode.segmentation is None:
        return str(_("Choose a segmentation under Segment, or make one."))
    return None


def reasonNotToLearn(parameterNode: Any, machine: TrainingMachineSettings, info: InputInfo | None) -> str | None:
    """Return why nothing can be learned, or None."""
    return (
        reasonNotToSegment(parameterNode, machine, info)
        or reasonNotToMeasure(parameterNode, info)
        or nameProblem(parameterNode.learnName, machine)
    )
