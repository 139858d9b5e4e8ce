"""Runs inside Slicer: how long the user interface stands still while a sweep and a volume are despeckled.

    Slicer --no-splash --ignore-slicerrc --additional-module-paths Speckle2Self Speckle2SelfTraining \
        --python-script Testing/desktop/measure_blocking.py [--frames 200] [--rows 512] [--repeats 3] [--strength 0]

A timer of 5 ms records the gaps between its ticks, from Apply to the placed result. Printed is one line for each stage
of each job, the median over the repeats of: the longest gap, and in the gap with most of our own work, how long the
thread of the user interface computed at all (the rest of a gap is other programs' time) and how much of that was ours;
what is neither is rendering. Our functions are listed with their milliseconds. The first job also starts the worker.
At strength 0 the worker copies the frames, so that results come faster than from any network: the worst case here.
"""

import argparse
import statistics
import sys
import time
import traceback

import qt
import slicer

TICK_MS = 5
SHOWN_SPANS = 3


class Gaps:
    """The longest gap between two ticks in each stage of a job, and what of our code ran in it."""

    def __init__(self, stage):
        self.longest = {}
        self._stage, self._spans, self._depth = stage, [], 0
        self._before, self._last, self._last_busy = stage(), time.monotonic(), time.thread_time()
        self._timer = qt.QTimer()
        self._timer.interval = TICK_MS
        self._timer.connect("timeout()", self._tick)
        self._timer.start()

    def stop(self):
        self._tick()
        self._timer.stop()

    def watch(self, owner, name):
        """Note when a function of ours runs."""
        function = getattr(owner, name)

        def noted(*arguments, **named):
            start = time.thread_time()
            self._depth += 1
            try:
                return function(*arguments, **named)
            finally:
                self._depth -= 1
                self._spans.append((f"{owner.__name__}.{name}", self._depth, time.thread_time() - start))

        setattr(owner, name, noted)

    def _tick(self):
        now, now_busy, stage = time.monotonic(), time.thread_time(), self._stage()
        gap, busy, spans = now - self._last, now_busy - self._last_busy, self._spans
        self._last, self._last_busy, self._spans = now, now_busy, []
        # a gap in which the stage changed belongs to what was under way when it began
        stage, self._before = (self._before if stage != "done" else "placing"), stage
        ours = sum(seconds for _, depth, seconds in spans if depth == 0)
        longest, most_busy, most, listed = self.longest.get(stage, (0, 0, -1, {}))
        if ours > most:
            most_busy, most, listed = busy, ours, {}
            for name, _, seconds in spans:
                listed[name] = listed.get(name, 0) + seconds
        self.longest[stage] = (max(gap, longest), most_busy, most, listed)


def watch_ours(gaps):
    """Note the time of what runs in the application during a job."""
    from Speckle2SelfLib.desktop.job_panel import JobPanel
    from Speckle2SelfLib.scene.results import Pixels
    from Speckle2SelfLib.scene.sequence_result import SequenceResult
    from Speckle2SelfLib.scene.stepped_job import SteppedJob
    from Speckle2SelfLib.scene.volume_result import VolumeResult
    from Speckle2SelfLib.worker.frame_files import FrameWriter
    from Speckle2SelfLib.worker.process import WorkerProcess
    from Speckle2SelfLib.worker.task import WorkerTask

    for owner, names in {
        JobPanel: ("toggleJob", "onJobFinished", "_refresh", "updatePanel"),
        SteppedJob: ("poll",),
        Pixels: ("write", "put_into"),
        SequenceResult: ("place", "_browse", "_show"),
        VolumeResult: ("place",),
        FrameWriter: ("write", "finish"),
        WorkerProcess: ("__init__", "receive"),
        WorkerTask: ("close",),
    }.items():
        for name in names:
            if hasattr(owner, name):
                gaps.watch(owner, name)


def make_volume(frames, rows):
    import numpy as np

    speckle = np.random.default_rng(20250706).rayleigh(40.0, (frames, rows, rows)).clip(1, 255).astype(np.uint8)
    return slicer.util.addVolumeFromArray(speckle, name="Volume")


def make_sequence(frames, rows):
    import numpy as np

    sequence = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", "Sweep")
    generator = np.random.default_rng(20250706)
    for number in range(frames):
        frame = generator.rayleigh(40.0, (1, rows, rows)).clip(1, 255).astype(np.uint8)
        volume = slicer.util.addVolumeFromArray(frame, name="Sweep")
        sequence.SetDataNodeAtValue(volume, f"{0.05 * number:.2f}")
        slicer.mrmlScene.RemoveNode(volume)
    browser = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
    return browser.GetProxyNode(sequence)


def settle(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        slicer.app.processEvents()
        time.sleep(0.005)


def measure(panel, gaps, make, options):
    """Despeckle what `make` adds to an empty scene; return what was found by stage."""
    slicer.mrmlScene.Clear()
    node = make(options.frames, options.rows)
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    panel.ui.inputSelector.setCurrentNode(node)
    panel.ui.strengthSliderWidget.value = options.strength
    settle(1.0)
    gaps.longest.clear()
    gaps._tick()
    gaps.longest.clear()
    panel.ui.applyButton.click()
    while panel.isRunning:
        slicer.app.processEvents()
        time.sleep(0.001)
    settle(1.0)
    found = dict(gaps.longest)
    if panel.logic.getParameterNode().outputVolume is None:
        raise RuntimeError(panel.ui.statusLabel.text)
    return found


def report(what, runs):
    for stage in sorted({stage for run in runs for stage in run}):
        found = [run[stage] for run in runs if stage in run]
        gap, busy, ours = (1000 * statistics.median(item[number] for item in found) for number in range(3))
        spans = sorted(found[-1][3].items(), key=lambda item: -item[1])[:SHOWN_SPANS]
        listed = ", ".join(f"{name} {1000 * seconds:.0f}" for name, seconds in spans)
        print(f"{what:22} {stage:10} {gap:6.0f} ms gap, {busy:5.0f} busy, {ours:5.0f} ours  ({listed})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--rows", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--strength", type=float, default=0.0)
    options = parser.parse_args(sys.argv[1:])
    # a dialog would wait for somebody who presses OK
    slicer.util.errorDisplay = lambda text, **_: print(text, flush=True)
    slicer.util.selectModule("Speckle2Self")
    panel = slicer.modules.speckle2self.widgetRepresentation().self()
    settle(1.0)
    gaps = Gaps(lambda: panel.job.stage.name.lower() if panel.isRunning else "done")
    watch_ours(gaps)
    report("first start, sequence", [measure(panel, gaps, make_sequence, options)])
    for what, make in (("sequence", make_sequence), ("volume", make_volume)):
        report(what, [measure(panel, gaps, make, options) for _ in range(options.repeats)])
    gaps.stop()


def run():
    try:
        main()
        status = slicer.util.EXIT_SUCCESS
    except Exception:
        traceback.print_exc()
        status = slicer.util.EXIT_FAILURE
    slicer.util.exit(status)


qt.QTimer.singleShot(1000, run)
