"""Runs inside Slicer (started by run_in_slicer.py): brings the panel into each of its states and saves a picture."""

import sys
import time
import traceback
from pathlib import Path

import ctk
import numpy as np
import slicer


def settle(seconds=0.3):
    """Let Slicer lay out and draw what changed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        slicer.app.processEvents()


def photograph(widget, folder, name):
    settle()
    path = folder / f"{name}.png"
    if not ctk.ctkWidgetsUtils.grabWidget(widget).save(str(path)):
        raise RuntimeError(f"{path} could not be saved")
    print(f"saved {path.name}")


def make_sweep():
    """Add a sequence of speckle frames with a dark vessel, as a user would load one."""
    rows, columns = np.mgrid[0:256, 0:256]
    echo = np.where(np.hypot(rows - 140, columns - 128) < 40, 8.0, 60.0)
    generator = np.random.default_rng(20250706)
    sequence = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", "Sweep")
    for number in range(12):
        frame = (echo * generator.rayleigh(0.8, echo.shape)).clip(0, 255).astype(np.uint8)
        volume = slicer.util.addVolumeFromArray(frame[np.newaxis], name="Sweep")
        sequence.SetDataNodeAtValue(volume, f"{0.05 * number:.2f}")
        slicer.mrmlScene.RemoveNode(volume)
    browser = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Sweep browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
    return browser.GetProxyNode(sequence)


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
    ui.deviceComboBox.currentIndex = ui.deviceComboBox.findData("cpu")
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


def wait_until(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not done after {seconds} s")
        slicer.app.processEvents()
        time.sleep(0.01)


try:
    photograph_states(Path(sys.argv[-1]))
    status = slicer.util.EXIT_SUCCESS
except Exception:
    traceback.print_exc()
    status = slicer.util.EXIT_FAILURE
slicer.util.exit(status)
