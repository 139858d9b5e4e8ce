"""Runs inside Slicer: measures the live preview, from a move of the slice to the rendered result.

    Slicer --no-splash --additional-module-paths Speckle2Self --python-script Testing/desktop/measure_preview.py

Prints the median and the 95 % quantile of 40 moves through a volume of 512 x 512 pixels, and what part of it passed
before the result was in the scene. On Linux, Slicer lowers its own priority and so that of the worker: other programs
that compute at the same time count twice (SLICER_BACKGROUND_THREAD_PRIORITY=0 keeps it as it is).
"""

import statistics
import sys
import time
import traceback
from pathlib import Path

import numpy as np
import qt
import slicer

sys.path.insert(0, str(Path(__file__).parent))
from pictures import b_mode, settle, wait_until

MOVES, FRAMES, SIZE = 40, 48, 512


def measure():
    slicer.util.selectModule("Speckle2Self")
    ui = slicer.modules.speckle2self.widgetRepresentation().self().ui
    generator = np.random.default_rng(20250706)
    echo = np.full((SIZE, SIZE), 0.35)
    pixels = np.stack([b_mode(echo, generator) for _ in range(8)] * (FRAMES // 8))
    volume = slicer.util.addVolumeFromArray(pixels, name="Sweep")
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    ui.inputSelector.setCurrentNode(volume)
    widget = slicer.app.layoutManager().sliceWidget("Red")
    slice_node = widget.sliceLogic().GetSliceNode()
    ui.previewCheckBox.checked = True
    wait_until(lambda: shown_frame(ui) is not None)
    settle(1)

    rendered, in_scene = [], []
    for move in range(MOVES):
        frame = (17 * move) % FRAMES
        start = time.perf_counter()
        slice_node.SetSliceOffset(frame)
        while shown_frame(ui) != frame:
            slicer.app.processEvents()
            time.sleep(0.001)
        in_scene.append(1000 * (time.perf_counter() - start))
        widget.sliceView().forceRender()
        rendered.append(1000 * (time.perf_counter() - start))
        settle(0.1)
    for name, values in (("rendered", rendered), ("in the scene", in_scene)):
        quantile = statistics.quantiles(values, n=20)[-1]
        print(f"{name}: median {statistics.median(values):.0f} ms, 95 % {quantile:.0f} ms, best {min(values):.0f} ms")


def shown_frame(ui):
    """Return the number of the frame that the panel says it previews, counted from 0, or None."""
    words = ui.previewStatusLabel.text.replace(":", "").split()
    return int(words[2]) - 1 if words[:2] == ["Preview,", "frame"] else None


def main():
    try:
        measure()
        status = slicer.util.EXIT_SUCCESS
    except Exception:
        traceback.print_exc()
        status = slicer.util.EXIT_FAILURE
    sys.stdout.flush()
    slicer.util.exit(status)


qt.QTimer.singleShot(2000, main)
