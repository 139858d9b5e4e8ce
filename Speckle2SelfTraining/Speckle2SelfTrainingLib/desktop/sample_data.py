"""Registers simulated sweeps with Slicer's module Sample Data; imports neither Qt nor the simulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

CATEGORY = "Speckle2Self"
SCHEME = "speckle2self:"  # of addresses that stand for a simulation
# name of each sample, its file (with a version, as Slicer keeps it in its cache) and Slicer's name of the reader
SAMPLES = {
    "SimulatedCarotidCine": ("SimulatedCarotidCine-1.seq.nrrd", "SequenceFile"),
    "SimulatedCarotidSweep": ("SimulatedCarotidSweep-1.nrrd", "VolumeFile"),
}


def registerSimulatedSweeps(iconsFolder: Path | str) -> None:
    """Offer the samples in Sample Data and to ``SampleData.downloadSample(name)``; does nothing without that module.

    A custom downloader would serve the module's buttons only. A rule that turns addresses into those of files serves
    the Python console as well (Slicer 5.10 and later).

    Parameters
    ----------
    iconsFolder : Path
        Holds the thumbnails.
    """
    try:
        from SampleData import SampleDataLogic
    except ImportError:  # switched off in Application Settings, Modules
        return
    if hasattr(SampleDataLogic, "registerCustomSampleDataCategory"):  # not in Slicer 5.10; the name serves as title
        SampleDataLogic.registerCustomSampleDataCategory(CATEGORY, title=_("Ultrasound (Speckle2Self)"))
    SampleDataLogic.registerUrlRewriteRule(CATEGORY, simulatedFile)
    for name, (fileName, fileType) in SAMPLES.items():
        SampleDataLogic.registerCustomSampleDataSource(
            category=CATEGORY,
            sampleName=name,
            uris=SCHEME + name,
            fileNames=fileName,
            nodeNames=name,
            loadFileTypes=fileType,
            thumbnailFileName=str(Path(iconsFolder) / f"{name}.png"),
        )


def simulatedFile(address: str) -> str:
    """Return the address of a sample's file, simulated unless it is there; other addresses come back unchanged.

    Sample Data copies the file from there into its cache and loads it.
    """
    name = address.removeprefix(SCHEME)
    if name == address or name not in SAMPLES:
        return address
    path = _folder() / SAMPLES[name][0]
    if not path.is_file():
        _simulate(name, path)
    return path.as_uri()


def _folder() -> Path:
    """Return a folder of our own in Slicer's cache: Sample Data must not copy a file onto itself."""
    return Path(slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory()) / CATEGORY


def _simulate(name: str, path: Any) -> None:
    from ..simulation.sample_sweeps import write_sample

    slicer.util.showStatusMessage(_("Simulating {name}...").format(name=name), 3000)
    with slicer.util.WaitCursor():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_sample(name, path)
