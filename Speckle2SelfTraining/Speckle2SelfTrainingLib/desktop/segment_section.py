"""The section of the panel that segments, and hands what it made to the Segment Editor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _
from Speckle2SelfLib.desktop.dependencies import ensureDependencies
from Speckle2SelfLib.desktop.input_info import inputInfo
from Speckle2SelfLib.desktop.job_section import JobSection
from Speckle2SelfLib.desktop.models import FROM_FILE
from Speckle2SelfLib.desktop.progress import ProgressText
from Speckle2SelfLib.worker.stages import Stage

from .segment_options import reasonNotToSegment, segmentOptions

FIXED_WHILE_RUNNING = (
    "segmentInputSelector",
    "segmentationSelector",
    "lumenSegmentComboBox",
    "segmentModelComboBox",
    "segmentModelPathLineEdit",
    "despeckleFirstCheckBox",
    "segmentAdvancedCollapsibleButton",
)


class SegmentSection(JobSection):
    """Segments the chosen sweep.

    Parameters
    ----------
    panel : Speckle2SelfTrainingWidget
    """

    def __init__(self, panel: Any) -> None:
        ui = panel.ui
        super().__init__(panel, ui.segmentButton, ui.segmentProgressBar, ui.segmentStatusLabel, ui.segmentHintLabel)
        self._text = ProgressText()
        self._input: Any = None
        ui.editButton.connect("clicked(bool)", self.onEditButton)

    def startJob(self) -> Any:
        """Segment what is chosen."""
        panel, parameters = self.panel, self.panel.parameters
        if not ensureDependencies(Path(panel.resourcePath("requirements-training.txt")), "Speckle2Self Training"):
            self.showIdle(_("Nothing was installed. Segmentation needs the packages that it offers to install."))
            return None
        self._text = ProgressText(waiting=waitingTexts())
        return panel.logic.startSegmenting(
            parameters.segmentInput,
            parameters.segmentation,
            onProgress=panel.onJobProgress,
            onFinished=panel.onJobFinished,
            onError=panel.onJobError,
            **segmentOptions(parameters, panel.machine),
        )

    def showFinished(self, job: Any, result: Any) -> str:
        """Choose the result, so that it is edited, learned from and measured, and return what to say."""
        if self.panel.parameters is not None:
            self.panel.parameters.segmentation = result
        return str(_("Done: {name}. For research use only.").format(name=result.GetName()))

    def progressLine(self, job: Any) -> str:
        """Return frame k of N and the time left."""
        return self._text.line(job.done, job.total, job.stage)

    def onEditButton(self, checked: bool = False) -> None:
        """Open the Segment Editor with the segmentation and its sweep."""
        parameters = self.panel.parameters
        slicer.util.selectModule("SegmentEditor")
        editor = slicer.util.getModuleWidget("SegmentEditor").editor
        editor.setSegmentationNode(parameters.segmentation)
        editor.setSourceVolumeNode(parameters.segmentInput)

    def showState(self) -> None:
        """Show which controls apply, what the sweep is, and why the button is disabled."""
        ui, parameters, panel = self.panel.ui, self.panel.parameters, self.panel
        self._forgetForeignSegmentation(parameters)
        info = inputInfo(parameters.segmentInput, parameters.segmentFrameAxis.value)
        for name in FIXED_WHILE_RUNNING:
            getattr(ui, name).enabled = not panel.isRunning
        ui.segmentInfoLabel.text = info.text() if info is not None else ""
        ui.segmentInfoLabel.visible = info is not None
        fromFile = parameters.segmentModel == FROM_FILE
        ui.segmentModelPathLineEdit.visible = fromFile
        ui.segmentModelPathLineEditLabel.visible = fromFile
        ui.closedSurfaceCheckBox.enabled = info is None or not info.isSequence
        self.showSegments(parameters)
        ui.editButton.enabled = parameters.segmentation is not None and not panel.isRunning
        reason = _("Another job is running.") if panel.isRunning else None
        self.showButton(
            _("Segment"),
            _("Find the lumen on every frame."),
            reason or reasonNotToSegment(parameters, panel.machine, info),
            (_("Cancel"), _("Stop; the scene stays as it was.")),
        )

    def showSegments(self, parameters: Any) -> None:
        """Offer the segments of the chosen segmentation, where there is a choice."""
        node = parameters.segmentation
        segments = node.GetSegmentation() if node is not None else None
        names = {one: segments.GetSegment(one).GetName() for one in segments.GetSegmentIDs()} if segments else {}
        self.panel.lumenSegment.offer(names)
        self.panel.ui.lumenSegmentComboBox.visible = len(names) > 1
        self.panel.ui.lumenSegmentComboBoxLabel.visible = len(names) > 1

    def _forgetForeignSegmentation(self, parameters: Any) -> None:
        """Let a new segmentation be made for another sweep, lest the one of the sweep before is overwritten."""
        sweep, segmentation = parameters.segmentInput, parameters.segmentation
        if sweep is self._input:
            return
        self._input = sweep
        if segmentation is None or sweep is None:
            return
        owner = segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole())
        if owner is not None and owner is not sweep:
            parameters.segmentation = None


def waitingTexts() -> dict[Stage, str]:
    """Return what to say before the first frame."""
    return {
        Stage.MEASURING: str(_("Looking over the sweep and segmenting the first frames...")),
        Stage.COMPUTING: str(_("Segmenting...")),
    }
