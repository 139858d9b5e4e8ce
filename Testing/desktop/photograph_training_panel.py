"""Runs inside Slicer (started by run_in_slicer.py): brings the training panel into its states and saves pictures.

It trains, segments, measures and compares; the numbers mean nothing, as the sweeps are drawn.
"""

import sys
import tempfile
from pathlib import Path

import qt
import slicer

sys.path.insert(0, str(Path(__file__).parent))
from pictures import make_sweep, photograph, photograph_and_exit, settle, wait_until

STEPS, CROP, FRAMES = 6, 64, 5  # quick; the pictures are about the panel


def photograph_states(folder):
    with tempfile.TemporaryDirectory() as models:
        train(folder, models)


def train(folder, models):
    window = slicer.util.mainWindow()
    window.resize(1400, 900)
    slicer.util.setDataProbeVisible(False)
    slicer.util.selectModule("Speckle2SelfTraining")
    representation = slicer.modules.speckle2selftraining.widgetRepresentation()
    panel = representation.self()
    ui = panel.ui
    ui.folderPathLineEdit.currentPath = models
    photograph(representation, folder, "training-1-empty")

    for seed, name in enumerate(("Carotid 1", "Carotid 2", "Carotid 3")):
        sweep = make_sweep(name, seed, FRAMES)
        if seed < 2:
            ui.sweepsSelector.setCheckState(sweep, qt.Qt.Checked)
    photograph(representation, folder, "training-2-sweeps-chosen")

    ui.adaptAdvancedCollapsibleButton.collapsed = False
    ui.modelComboBox.currentIndex = ui.modelComboBox.findData("file")
    ui.cropSpinBox.value = CROP
    ui.stepsSpinBox.value = STEPS
    photograph(representation, folder, "training-3-advanced")

    ui.modelComboBox.currentIndex = 0
    ui.adaptAdvancedCollapsibleButton.collapsed = True
    ui.showCheckBox.checked = True
    ui.startButton.click()
    photograph(representation, folder, "training-4-starting")

    job = panel._job
    wait_until(lambda: not panel.isRunning or (len(job.previewVolumes) == 2 and job.progress.step >= 3))
    settle(1)
    photograph(window, folder, "training-5-running")

    wait_until(lambda: not panel.isRunning)
    photograph(window, folder, "training-6-done")

    ui.showCheckBox.checked = False
    photograph(window, folder, "training-7-views-given-back")

    ui.startButton.click()
    wait_until(lambda: not panel.isRunning or panel._job.progress is not None)
    ui.startButton.click()
    photograph(representation, folder, "training-8-cancelled")
    ui.folderPathLineEdit.currentPath = ""
    segment(folder, window, representation, panel, sweep)


def segment(folder, window, representation, panel, sweep):
    ui = panel.ui
    ui.adaptCollapsibleButton.collapsed = True
    ui.segmentCollapsibleButton.collapsed = False
    photograph(representation, folder, "segment-1-empty")

    ui.segmentInputSelector.setCurrentNode(sweep)
    slicer.util.setSliceViewerLayers(background=sweep, fit=True)
    ui.segmentAdvancedCollapsibleButton.collapsed = False
    ui.learnCollapsibleButton.collapsed = False
    photograph(representation, folder, "segment-2-all-choices")

    ui.segmentAdvancedCollapsibleButton.collapsed = True
    ui.learnCollapsibleButton.collapsed = True
    ui.segmentButton.click()
    wait_until(lambda: not panel.isRunning)
    photograph(window, folder, "segment-3-done")

    ui.measureCollapsibleButton.collapsed = False
    ui.measureButton.click()
    wait_until(lambda: not panel.isRunning)
    ui.showMeasuresButton.click()
    settle(1)
    photograph(window, folder, "segment-4-measured")

    ui.editButton.click()
    photograph(window, folder, "segment-5-in-the-segment-editor")
    slicer.util.selectModule("Speckle2SelfTraining")
    ui.segmentCollapsibleButton.collapsed = True
    ui.measureCollapsibleButton.collapsed = True
    compare(folder, window, representation, panel, sweep)


def compare(folder, window, representation, panel, sweep):
    ui = panel.ui
    ui.adaptCollapsibleButton.collapsed = True
    ui.compareCollapsibleButton.collapsed = False
    ui.compareInputSelector.setCurrentNode(None)
    photograph(representation, folder, "compare-1-empty")

    ui.compareInputSelector.setCurrentNode(sweep)
    ui.compareFramesSpinBox.value = 2
    ui.compareAdvancedCollapsibleButton.collapsed = False
    photograph(representation, folder, "compare-2-all-choices")

    ui.compareAdvancedCollapsibleButton.collapsed = True
    ui.compareButton.click()
    wait_until(lambda: not panel.isRunning or panel.job.method > 0)
    photograph(representation, folder, "compare-3-running")

    wait_until(lambda: not panel.isRunning)
    photograph(representation, folder, "compare-4-done")

    ui.showComparisonButton.click()
    settle(1)
    photograph(window, folder, "compare-5-side-by-side")

    ui.comparedFrameComboBox.currentIndex = 1
    settle(1)
    photograph(window, folder, "compare-6-other-frame")
    ui.showComparisonButton.click()
    photograph(window, folder, "compare-7-views-given-back")


photograph_and_exit(photograph_states)
