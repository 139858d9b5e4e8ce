"""Runs inside Slicer (started by run_in_slicer.py): goes through the README's tutorial by its buttons.

Every step is checked and photographed. The samples are simulated anew, so that no cache helps.
"""

import sys
from pathlib import Path

import slicer

sys.path.insert(0, str(Path(__file__).parent))
from pictures import photograph, photograph_and_exit, settle, wait_until

CINE = "SimulatedCarotidCine"


def follow(folder):
    window = slicer.util.mainWindow()
    window.resize(1400, 900)
    slicer.util.setDataProbeVisible(False)
    for number, step in enumerate(STEPS, 1):
        step()
        photograph(window, folder, f"tutorial-{number}-{step.__name__}")


def sample_data():
    forget_samples()
    slicer.util.selectModule("SampleData")
    settle()
    press(slicer.util.findChild(slicer.modules.SampleDataWidget.parent, f"{CINE}PushButton"))
    sequence = slicer.util.getFirstNodeByClassByName("vtkMRMLSequenceNode", CINE)
    check(sequence.GetNumberOfDataNodes() == 24, "the sample has 24 frames")
    check(proxy().GetImageData().GetDimensions() == (320, 320, 1), "and is shown")


def context_menu():
    handler = slicer.qSlicerSubjectHierarchyPluginHandler.instance()
    item = slicer.mrmlScene.GetSubjectHierarchyNode().GetItemByDataNode(proxy())
    plugin = handler.pluginByName("Speckle2Self").self()
    plugin.showContextMenuActionsForItem(item)
    check(plugin.despeckleAction.visible, "the cine is offered Despeckle...")
    handler.setCurrentItem(item)
    plugin.despeckleAction.trigger()
    settle()
    check(slicer.util.selectedModule() == "Speckle2Self", "the module is opened")
    check(panel("speckle2self").ui.inputSelector.currentNode() is proxy(), "with the cine as input")


def apply():
    opened = panel("speckle2self")
    opened.ui.deviceComboBox.currentIndex = opened.ui.deviceComboBox.findData("cpu")
    press(opened.ui.applyButton)
    check(opened.isRunning, f"a job runs: {opened.ui.statusLabel.text}")
    wait_until(lambda: not opened.isRunning)
    check(opened.ui.statusLabel.text.startswith("Done"), opened.ui.statusLabel.text)
    check("research use" in opened.ui.outputSelector.currentNode().GetName(), "the result's name says what it is for")


def compare():
    ui = panel("speckle2self").ui
    ui.compareCollapsibleButton.collapsed = False
    ui.compareCheckBox.checked = True
    press(ui.compareSwipeRadioButton)


def stop_comparing():
    panel("speckle2self").ui.compareCheckBox.checked = False
    settle()


def segment():
    slicer.util.selectModule("Speckle2SelfTraining")
    settle()
    opened = panel("speckle2selftraining")
    opened.ui.deviceComboBox.currentIndex = opened.ui.deviceComboBox.findData("cpu")
    opened.ui.computerCollapsibleButton.collapsed = True
    opened.ui.adaptCollapsibleButton.collapsed = True
    opened.ui.segmentCollapsibleButton.collapsed = False
    opened.ui.segmentInputSelector.setCurrentNode(proxy())
    press(opened.ui.segmentButton)
    check(opened.isRunning, opened.ui.segmentStatusLabel.text)
    wait_until(lambda: not opened.isRunning)
    check(opened.ui.segmentStatusLabel.text.startswith("Done"), opened.ui.segmentStatusLabel.text)


def measure():
    opened = panel("speckle2selftraining")
    opened.ui.measureCollapsibleButton.collapsed = False
    press(opened.ui.measureButton)
    wait_until(lambda: not opened.isRunning)
    said = opened.ui.measureStatusLabel.text
    check(said.startswith("Lumen on 24 of 24 frames") and " mm " in said, said)
    press(opened.ui.showMeasuresButton)


STEPS = (sample_data, context_menu, apply, compare, stop_comparing, segment, measure)


def proxy():
    sequence = slicer.util.getFirstNodeByClassByName("vtkMRMLSequenceNode", CINE)
    return slicer.modules.sequences.logic().GetFirstBrowserNodeForSequenceNode(sequence).GetProxyNode(sequence)


def panel(module):
    return getattr(slicer.modules, module).widgetRepresentation().self()


def press(button):
    check(button is not None and button.enabled, f"{button} can be pressed")
    button.click()
    settle()


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def forget_samples():
    cache = Path(slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory())
    for path in cache.rglob(f"{CINE}*.nrrd"):
        path.unlink()


photograph_and_exit(follow)
