"""The section of the panel that compares despeckling with classical filters on the loaded sweep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _
from Speckle2SelfLib.desktop.dependencies import ensureDependencies
from Speckle2SelfLib.desktop.input_info import inputInfo
from Speckle2SelfLib.desktop.job_section import JobSection
from Speckle2SelfLib.desktop.models import FROM_FILE
from Speckle2SelfLib.worker.stages import Stage

from .compare_options import FILTERS, compareOptions, reasonNotToCompare
from .saving import askPath, save

FIXED_WHILE_RUNNING = (
    "compareInputSelector",
    "compareFramesSpinBox",
    "compareModelComboBox",
    "compareModelPathLineEdit",
    "compareStrengthsLineEdit",
    "compareFiltersGroupBox",
    "compareAdvancedCollapsibleButton",
    "compareKeepCheckBox",
)
CSV, PNG = ".csv", ".png"
OURS = "Speckle2Self"


class CompareFiltersSection(JobSection):
    """Compares methods on a few frames of the chosen sweep.

    Parameters
    ----------
    panel : Speckle2SelfTrainingWidget
    """

    def __init__(self, panel: Any) -> None:
        ui = panel.ui
        super().__init__(panel, ui.compareButton, ui.compareProgressBar, ui.compareStatusLabel, ui.compareHintLabel)
        self._lastJob: Any = None
        self._input: Any = None
        ui.showComparisonButton.connect("toggled(bool)", self.onShowToggled)
        ui.comparedFrameComboBox.connect("currentIndexChanged(int)", self.onFrameChanged)
        ui.exportFigureButton.connect("clicked(bool)", self.onExportFigureButton)
        ui.exportComparisonButton.connect("clicked(bool)", self.onExportTableButton)

    def startJob(self) -> Any:
        """Compare what is chosen; the same sweep again goes into the same table."""
        panel, parameters = self.panel, self.panel.parameters
        if not ensureDependencies(Path(panel.resourcePath("requirements-compare.txt")), "Speckle2Self Training"):
            self.showIdle(_("Nothing was installed. Comparing needs the packages that it offers to install."))
            return None
        again = self._input is parameters.compareInput and self._hasTable
        table = self._lastJob.table if again else None
        self.panel.ui.showComparisonButton.checked = False
        self._input = parameters.compareInput
        return panel.logic.startEvaluating(
            parameters.compareInput,
            outputTable=table,
            onProgress=panel.onJobProgress,
            onFinished=panel.onJobFinished,
            onError=panel.onJobError,
            **compareOptions(parameters, panel.machine),
        )

    def showFinished(self, job: Any, table: Any) -> str:
        """Keep what was compared for the buttons, and return it in words."""
        self._lastJob = job
        combo = self.panel.ui.comparedFrameComboBox
        wasBlocked = combo.blockSignals(True)
        combo.clear()
        for frame in job.frames:
            combo.addItem(str(frame + 1), frame)
        combo.blockSignals(wasBlocked)
        done = _("Done: {table}. {numbers} {where} For research use only.")
        return str(done.format(table=table.GetName(), numbers=inWords(job.rows), where=job.where))

    def clear(self) -> None:
        """Forget what was compared."""
        super().clear()
        self._lastJob = self._input = None

    def forgetLastJob(self) -> None:
        """Give the views back."""
        self.panel.ui.showComparisonButton.checked = False

    def progressLine(self, job: Any) -> str:
        """Return which method runs, and at which of its frames."""
        if job.stage is not Stage.COMPUTING:
            return waitingText(job.stage)
        line = _("{method} (method {number} of {methods}): frame {done} of {total}")
        return str(
            line.format(
                method=job.methods[job.method],
                number=max(job.method, 1),  # 0 is the input itself
                methods=len(job.methods) - 1,
                done=min(job.frame + 1, job.frames_of_method),
                total=job.frames_of_method,
            )
        )

    def onShowToggled(self, checked: bool) -> None:
        """Show the images side by side with the table, or give the views back."""
        if self._lastJob is None:
            return
        if checked and self._hasTable:
            self._lastJob.show(self._chosenFrame())
            hideSliders(self._lastJob.view_names)
        else:
            self._lastJob.hide()

    def onFrameChanged(self, index: int) -> None:
        """Show another frame, if the images are shown."""
        if self.panel.ui.showComparisonButton.checked and self._hasTable:
            self._lastJob.show(self._chosenFrame())

    def onExportFigureButton(self, checked: bool = False) -> None:
        """Ask for a file and write the figure into it."""
        self._export(_("Export figure"), PNG, _("Pictures (*.png)"), self._lastJob.figure)

    def onExportTableButton(self, checked: bool = False) -> None:
        """Ask for a file and write the table into it."""
        self._export(_("Export comparison"), CSV, _("Tables (*.csv)"), self._lastJob.csv.encode())

    def _export(self, caption: str, suffix: str, kinds: str, content: bytes) -> None:
        path = askPath(caption, f"{self._lastJob.table.GetName()}{suffix}", kinds)
        said = save(path, suffix, content) if path is not None else None
        if said is not None:
            self.statusLabel.text = said

    def _chosenFrame(self) -> int:
        combo = self.panel.ui.comparedFrameComboBox
        return int(combo.itemData(combo.currentIndex))

    @property
    def _hasTable(self) -> bool:
        return self._lastJob is not None and self._lastJob.table.GetScene() is not None

    def showState(self) -> None:
        """Show which controls apply, what the sweep is, and why the button is disabled."""
        ui, parameters, panel = self.panel.ui, self.panel.parameters, self.panel
        info = inputInfo(parameters.compareInput, parameters.compareFrameAxis.value)
        for name in FIXED_WHILE_RUNNING:
            getattr(ui, name).enabled = not panel.isRunning
        ui.compareInfoLabel.text = info.text() if info is not None else ""
        ui.compareInfoLabel.visible = info is not None
        fromFile = parameters.compareModel == FROM_FILE
        ui.compareModelPathLineEdit.visible = fromFile
        ui.compareModelPathLineEditLabel.visible = fromFile
        ready = self._hasTable and not panel.isRunning
        ui.showComparisonButton.enabled = ready and slicer.app.layoutManager() is not None
        for name in ("comparedFrameComboBox", "comparedFrameComboBoxLabel", "exportComparisonButton"):
            getattr(ui, name).enabled = ready
        ui.exportFigureButton.enabled = ready and self._lastJob.figure is not None
        reason = _("Another job is running.") if panel.isRunning else None
        self.showButton(
            _("Compare"),
            _("Run the model and the filters on a few frames of the sweep, and measure them."),
            reason or reasonNotToCompare(parameters, panel.machine, info),
            (_("Cancel"), _("Stop; the scene stays as it was.")),
        )


def filterCheckBoxes(ui: Any) -> dict[str, Any]:
    """Return the check boxes of the filters, by the filters' names."""
    return {name: getattr(ui, f"{name}FilterCheckBox") for name in FILTERS}


def inWords(rows: Sequence[Any]) -> str:
    """Return what our model, at its last strength, made of speckle and edges, in a sentence.

    Parameters
    ----------
    rows : sequence of MeasuredMethod
        The input first.
    """
    before = rows[0].values.get("enl")
    ours = [row for row in rows if row.method.startswith(OURS) and {"enl", "edges_3"} <= row.values.keys()]
    if before is None or not ours:
        return ""
    line = _("{method}: ENL in tissue {value} (input {before}), {share} % of the edges kept.")
    values = ours[-1].values
    return str(
        line.format(
            method=ours[-1].method,
            value=f"{values['enl']:.1f}",
            before=f"{before:.1f}",
            share=f"{100 * values['edges_3']:.0f}",
        )
    )


def hideSliders(viewNames: Sequence[str]) -> None:
    """Hide the sliders of slice views that show a single frame, so that there is room for their names."""
    layoutManager = slicer.app.layoutManager()
    for name in viewNames if layoutManager is not None else ():
        widget = layoutManager.sliceWidget(name)
        if widget is not None:
            widget.sliceController().sliceOffsetSlider().visible = False


def waitingText(stage: Stage) -> str:
    """Return what to say before the first frame."""
    texts = {
        Stage.SENDING: _("Sending the frames to the worker..."),
        Stage.STARTING: _("Starting the worker..."),
        Stage.LOADING: _("Loading the model..."),
        Stage.MEASURING: _("Finding where to measure..."),
        Stage.COMPUTING: _("Comparing..."),
    }
    return str(texts[stage])
