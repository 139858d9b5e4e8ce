"""Runs inside Slicer (started by run_in_slicer.py): brings the panel into each of its states and saves a picture."""

import sys
from pathlib import Path

import slicer

sys.path.insert(0, str(Path(__file__).parent))
from pictures import make_sweep, photograph, photograph_and_exit, wait_until


def photograph_states(folder):
    slicer.util.selectModule("Speckle2Self")
    representation = slicer.modules.speckle2self.widgetRepresentation()
    panel = representation.self()
    ui = panel.ui
    photograph(representation, folder, "1-empty")

    sweep = make_sweep()
    ui.inputSelector.setCurrentNode(sweep)
    slicer.util.setSliceViewerLayers(background=sweep, fit=True)
    photograph(representation, folder, "2-input-chosen")

    ui.advancedCollapsibleButton.collapsed = False
    ui.framesComboBox.currentIndex = 2
    ui.modelComboBox.currentIndex = ui.modelComboBox.findData("file")
    photograph(representation, folder, "3-advanced")

    ui.framesComboBox.currentIndex = 0
    ui.modelComboBox.currentIndex = 0
    ui.advancedCollapsibleButton.collapsed = True
    ui.applyButton.click()
    wait_until(lambda: ui.progressBar.value > 2 or not panel.isRunning)
    photograph(representation, folder, "4-running")

    wait_until(lambda: not panel.isRunning)
    photograph(representation, folder, "5-done")
    if slicer.util.mainWindow() is not None:
        photograph_window(panel, folder)


def photograph_window(panel, folder):
    """Save the whole window, with input and result side by side."""
    window = slicer.util.mainWindow()
    window.resize(1400, 900)
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutSideBySideView)
    parameters = panel.logic.getParameterNode()
    for view, volume in (("Red", parameters.inputVolume), ("Yellow", parameters.outputVolume)):
        slice_logic = slicer.app.layoutManager().sliceWidget(view).sliceLogic()
        slice_logic.GetSliceNode().SetOrientationToAxial()
        slice_logic.GetSliceCompositeNode().SetBackgroundVolumeID(volume.GetID())
        slice_logic.FitSliceToBackground()
    slicer.util.setDataProbeVisible(False)
    photograph(window, folder, "6-window")


photograph_and_exit(photograph_states)
