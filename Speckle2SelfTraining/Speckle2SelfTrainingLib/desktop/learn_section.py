"""The section of the panel that makes a new segmentation model from corrected frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _
from Speckle2SelfLib.desktop.dependencies import ensureDependencies
from Speckle2SelfLib.desktop.input_info import inputInfo
from Speckle2SelfLib.desktop.job_section import JobSection

from .job_settings import suggestedName
from .progress import progressLine, resultLine
from .segment_options import learnOptions, reasonNotToLearn

FIXED_WHILE_RUNNING = ("learnFramesComboBox", "learnMinutesSpinBox", "learnNameLineEdit")
NAME = "corrected"


class LearnSection(JobSection):
    """Learns from the chosen segmentation.

    Parameters
    ----------
    panel : Speckle2SelfTrainingWidget
    """

    def __init__(self, panel: Any) -> None:
        ui = panel.ui
        super().__init__(panel, ui.learnButton, ui.learnProgressBar, ui.learnStatusLabel, ui.learnHintLabel)
        self._lastJob: Any = None
        ui.learnShowCheckBox.enabled = slicer.app.layoutManager() is not None
        ui.learnShowCheckBox.connect("toggled(bool)", self.onShowToggled)

    def startJob(self) -> Any:
        """Learn from what is chosen."""
        panel, parameters = self.panel, self.panel.parameters
        if not ensureDependencies(Path(panel.resourcePath("requirements-training.txt")), "Speckle2Self Training"):
            self.showIdle(_("Nothing was installed. Training needs the packages that it offers to install."))
            return None
        self.forgetLastJob()
        options = learnOptions(parameters, panel.machine)
        options["output"] = options["output"] or panel.machine.modelsFolder / suggestedName(
            panel.machine.modelsFolder, NAME
        )
        self._lastJob = panel.logic.startLearning(
            parameters.segmentation,
            parameters.segmentInput,
            onProgress=panel.onJobProgress,
            onFinished=panel.onJobFinished,
            onError=panel.onJobError,
            **options,
        )
        if self.panel.ui.learnShowCheckBox.checked:
            self._lastJob.show()
        return self._lastJob

    def showFinished(self, job: Any, path: Path) -> str:
        """Choose the new model, and return what to say."""
        self.panel.takeSegmentModel(path)
        return resultLine(path, job.summary)

    def progress(self, job: Any) -> tuple[int, int]:
        """Return the last finished step, and how many there are."""
        return (job.progress.step if job.progress is not None else 0), job.steps

    def progressLine(self, job: Any) -> str:
        """Return step k of N, loss and time left."""
        return progressLine(job)

    def onShowToggled(self, checked: bool) -> None:
        """Show the training in the views, or give the views back."""
        if self._lastJob is None:
            return
        if checked:
            self._lastJob.show()
        else:
            self._lastJob.hide()

    def forgetLastJob(self) -> None:
        """Give the views back."""
        if self._lastJob is not None:
            self._lastJob.hide()
        self._lastJob = None

    def showState(self) -> None:
        """Show which controls apply, and why the button is disabled."""
        ui, parameters, panel = self.panel.ui, self.panel.parameters, self.panel
        for name in FIXED_WHILE_RUNNING:
            getattr(ui, name).enabled = not panel.isRunning
        ui.learnNameLineEdit.placeholderText = suggestedName(panel.machine.modelsFolder, NAME)
        info = inputInfo(parameters.segmentInput, parameters.segmentFrameAxis.value)
        reason = _("Another job is running.") if panel.isRunning else None
        self.showButton(
            _("Learn from corrections"),
            _("Continue the chosen model with the corrected frames, and save the result as a new model."),
            reason or reasonNotToLearn(parameters, panel.machine, info),
            (_("Cancel"), _("Stop; nothing is saved, and the scene is as it was before.")),
        )
