"""Runs inside Slicer (started by run_in_slicer.py): brings the panel into each of its states and saves a picture."""

import sys
from pathlib import Path

import numpy as np
import slicer

sys.path.insert(0, str(Path(__file__).parent))
from pictures import make_sweep, photograph, photograph_and_exit, wait_until

STYLES = ("Fade", "Swipe", "Difference")


def photograph_states(folder):
    slicer.util.selectModule("Speckle2Self")
    representation = slicer.modules.speckle2self.widgetRepresentation()
    panel = representation.self()
    panel.ui.compareAfterApplyCheckBox.checked = False
    photograph(representation, folder, "01-empty")

    sweep = make_sweep()
    panel.ui.inputSelector.setCurrentNode(sweep)
    slicer.util.setSliceViewerLayers(background=sweep, fit=True)
    photograph(representation, folder, "02-input-chosen")
    photograph_settings(panel, representation, folder)
    photograph_runs(panel, representation, folder)
    photograph_live(panel, folder)
    if slicer.util.mainWindow() is not None:
        photograph_comparisons(panel, folder)
    photograph_trouble(panel, representation, folder)


def photograph_settings(panel, representation, folder):
    """Save the panel with everything unfolded, and with the card of the model."""
    ui = panel.ui
    ui.advancedCollapsibleButton.collapsed = False
    ui.framesComboBox.currentIndex = 2
    ui.modelComboBox.currentIndex = ui.modelComboBox.findData("file")
    photograph(representation, folder, "03-advanced")
    ui.resetButton.click()
    ui.framesComboBox.currentIndex = 0
    ui.advancedCollapsibleButton.collapsed = True
    ui.modelCardButton.click()
    photograph(representation, folder, "04-model-card")
    ui.modelCardButton.click()


def photograph_live(panel, folder):
    """Save the live preview over the input, and a stream that is followed."""
    ui = panel.ui
    window, section = slicer.util.mainWindow(), ui.livePreviewCollapsibleButton
    ui.livePreviewCollapsibleButton.collapsed = False
    ui.previewCheckBox.checked = True
    wait_until(lambda: "ms" in ui.previewStatusLabel.text or not ui.previewCheckBox.checked)
    photograph(section, folder, "live-1-preview")
    if window is not None:
        photograph(window, folder, "live-1-window")
    ui.previewCheckBox.checked = False
    ui.followButton.click()
    wait_until(lambda: "shown" in ui.followStatusLabel.text)
    photograph(section, folder, "live-2-stream")
    ui.followButton.click()
    ui.livePreviewCollapsibleButton.collapsed = True


def photograph_runs(panel, representation, folder):
    """Save a run that is cancelled, and one that is not."""
    ui = panel.ui
    ui.applyButton.click()
    wait_until(lambda: ui.progressBar.value > 2 or not panel.isRunning)
    photograph(representation, folder, "05-running")
    if panel.isRunning:
        ui.applyButton.click()
    photograph(representation, folder, "06-cancelled")
    apply(panel)
    photograph(representation, folder, "07-done")


def photograph_comparisons(panel, folder):
    """Save the whole window with input and result side by side, faded, swiped and subtracted."""
    window = slicer.util.mainWindow()
    window.resize(1400, 900)
    slicer.util.setDataProbeVisible(False)
    panel.ui.compareCheckBox.click()
    photograph(window, folder, "08-window-side-by-side")
    for number, style in enumerate(STYLES, 9):
        getattr(panel.ui, f"compare{style}RadioButton").click()
        photograph(window, folder, f"{number:02d}-window-{style.lower()}")
    panel.ui.compareResultRadioButton.click()
    panel.ui.compareCheckBox.click()
    photograph(window, folder, "12-window-as-before")


def photograph_trouble(panel, representation, folder):
    """Save the warning about frames unlike the training's, and the message about a model that is none."""
    ui = panel.ui
    noise = np.random.default_rng(20250706).integers(0, 250, (3, 160, 200)).astype(np.uint8)
    ui.inputSelector.setCurrentNode(slicer.util.addVolumeFromArray(noise, name="Noise"))
    ui.outputSelector.setCurrentNode(None)
    apply(panel)
    photograph(representation, folder, "13-warning")

    users_path = ui.modelPathLineEdit.currentPath
    ui.modelComboBox.currentIndex = ui.modelComboBox.findData("file")
    ui.modelPathLineEdit.currentPath = str(Path(__file__))
    apply(panel)
    photograph(representation, folder, "14-error")
    ui.modelPathLineEdit.currentPath = users_path


def apply(panel):
    panel.ui.applyButton.click()
    wait_until(lambda: not panel.isRunning)


photograph_and_exit(photograph_states)
