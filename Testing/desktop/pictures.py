"""What the scripts share that photograph panels inside Slicer: a sweep, patience, pictures, an exit status."""

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


def b_mode(echo, generator):
    """Return a frame with fully developed speckle: log-compressed envelope of a band-limited complex random field."""
    rows, columns = np.meshgrid(*(np.fft.fftfreq(size) for size in echo.shape), indexing="ij")
    band = np.exp(-((rows / 0.16) ** 2) - (columns / 0.09) ** 2)  # grain of about 3 x 5 pixels
    scatterers = echo * (generator.standard_normal(echo.shape) + 1j * generator.standard_normal(echo.shape))
    envelope = np.abs(np.fft.ifft2(np.fft.fft2(scatterers) * band))
    decibel = 20 * np.log10(envelope / np.percentile(envelope, 99.5) + 1e-9)
    return (255 * (1 + decibel / 50)).clip(0, 255).astype(np.uint8)


def make_sweep(name="Sweep", seed=20250706, frames=12):
    """Add a sequence of speckle frames with a pulsating vessel, as a user would load one."""
    rows, columns = np.mgrid[0:320, 0:320]
    generator = np.random.default_rng(seed)
    sequence = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", name)
    for number in range(frames):
        radius = 62 + 4 * np.sin(2 * np.pi * number / 12)
        distance = np.hypot(rows - 175, columns - 160)
        echo = np.where(distance < radius, 0.02, 0.35) + 0.9 * np.exp(-(((distance - radius - 3) / 4) ** 2))
        frame = b_mode(echo, generator)
        volume = slicer.util.addVolumeFromArray(frame[np.newaxis], name=name)
        sequence.SetDataNodeAtValue(volume, f"{0.05 * number:.2f}")
        slicer.mrmlScene.RemoveNode(volume)
    browser = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", f"{name} browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
    return browser.GetProxyNode(sequence)


def wait_until(condition, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"not done after {seconds} s")
        slicer.app.processEvents()
        time.sleep(0.01)


def photograph_and_exit(states):
    """Photograph into the folder that the script was given, and end Slicer with a status that says how it went."""
    try:
        states(Path(sys.argv[-1]))
        status = slicer.util.EXIT_SUCCESS
    except Exception:
        traceback.print_exc()
        status = slicer.util.EXIT_FAILURE
    slicer.util.exit(status)
