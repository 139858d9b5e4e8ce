"""The section of the panel that measures, shows table and profile, and exports."""

from __future__ import annotations

from typing import Any

import slicer
from slicer.i18n import tr as _
from Speckle2SelfLib.desktop.input_info import inputInfo
from Speckle2SelfLib.desktop.job_section import JobSection

from .saving import askPath, save
from .segment_options import measureOptions, reasonNotToMeasure

SUFFIX = ".csv"


class MeasureSection(JobSection):
    """Measures the chosen segmentation.

    Parameters
    ----------
    panel : Speckle2SelfTrainingWidget
    """

    def __init__(self, panel: Any) -> None:
        ui = panel.ui
        super().__init__(panel, ui.measureButton, ui.measureProgressBar, ui.measureStatusLabel)
        self._lastJob: Any = None
        self._segmentation: Any = None
        ui.showMeasuresButton.connect("clicked(bool)", self.onShowButton)
        ui.exportButton.connect("clicked(bool)", self.onExportButton)

    def startJob(self) -> Any:
        """Measure what is chosen; the same segmentation again goes into the same table."""
        panel, parameters = self.panel, self.panel.parameters
        again = self._segmentation is parameters.segmentation and self._hasTable
        self._segmentation = parameters.segmentation
        return panel.logic.startMeasuring(
            parameters.segmentation,
            parameters.segmentInput,
            outputTable=self._lastJob.table if again else None,
            onProgress=panel.onJobProgress,
            onFinished=panel.onJobFinished,
            onError=panel.onJobError,
            **measureOptions(parameters),
        )

    def showFinished(self, job: Any, table: Any) -> str:
        """Keep what was measured for the buttons, and return it in words."""
        from ..commands.measure import in_words

        self._lastJob = job
        return " ".join([in_words(job.measures), _("For research use only.")])

    def clear(self) -> None:
        """Forget what was measured."""
        super().clear()
        self._lastJob = self._segmentation = None

    def progressLine(self, job: Any) -> str:
        """Return frame k of N."""
        return str(_("Frame {done} of {total}").format(done=job.done, total=job.total))

    def onShowButton(self, checked: bool = False) -> None:
        """Switch to a layout with the table and the profile."""
        layout = slicer.app.layoutManager()
        if layout is not None:
            layout.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpPlotTableView)
        logic = slicer.app.applicationLogic()
        selection, chart = logic.GetSelectionNode(), self._lastJob.chart
        selection.SetActiveTableID(self._lastJob.table.GetID())
        logic.PropagateTableSelection()
        if chart is not None:
            selection.SetActivePlotChartID(chart.GetID())
            logic.PropagatePlotChartSelection()

    def onExportButton(self, checked: bool = False) -> None:
        """Ask for a file and write the table into it."""
        name = f"{self._lastJob.table.GetName()}{SUFFIX}"
        path = askPath(_("Export measurements"), name, _("Tables (*.csv)"))
        said = save(path, SUFFIX, self._lastJob.measures.to_csv().encode()) if path is not None else None
        if said is not None:
            self.statusLabel.text = said

    @property
    def _hasTable(self) -> bool:
        return self._lastJob is not None and self._lastJob.table.GetScene() is not None

    def showState(self) -> None:
        """Show what would be measured, and why the buttons are disabled."""
        ui, parameters, panel = self.panel.ui, self.panel.parameters, self.panel
        info = inputInfo(parameters.segmentInput, parameters.segmentFrameAxis.value)
        reason = reasonNotToMeasure(parameters, info)
        ui.measureInfoLabel.text = reason or _("Measures {segmentation} on {sweep}.").format(
            segmentation=parameters.segmentation.GetName(), sweep=parameters.segmentInput.GetName()
        )
        for button in (ui.showMeasuresButton, ui.exportButton):
            button.enabled = self._hasTable and not panel.isRunning
        self.showButton(
            _("Measure"),
            _("Area, diameters and place of the lumen on every frame, as a table and a diameter profile."),
            (_("Another job is running.") if panel.isRunning else None) or reason,
            (_("Cancel"), _("Stop; the scene stays as it was.")),
        )
