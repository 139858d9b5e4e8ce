"""Stand-in for the module Sample Data: samples are registered, copied into a cache and loaded.

Imitates Modules/Scripted/SampleData/SampleData.py of Slicer's sources (registerCustomSampleDataCategory,
registerCustomSampleDataSource, registerUrlRewriteRule, sourceForSampleName, downloadFromSource, downloadFile), and what
Slicer's readers of sequences and volumes leave in the scene (Modules/Loadable/Sequences/qSlicerSequencesReader.cxx,
Modules/Loadable/Volumes/qSlicerVolumesReader.cxx).
"""

# ruff: noqa: N802, N803 - Slicer's own names

from __future__ import annotations

import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import slicer
import vtk


class SampleDataLogic:
    """Keeps the samples in `slicer.modules`, as Slicer does."""

    @staticmethod
    def registerCustomSampleDataCategory(category: str, title: str) -> None:
        """Give a category a title."""
        _registry("sampleDataSourceCategories").setdefault(category, {})["title"] = title

    @staticmethod
    def registerCustomSampleDataSource(category: str = "Custom", **fields: Any) -> None:
        """Add a sample, unless an equal one is there."""
        sources = _registry("sampleDataSources").setdefault(category, [])
        source = SimpleNamespace(**fields)
        if source not in sources:
            sources.append(source)

    @staticmethod
    def registerUrlRewriteRule(name: str, rewriteFunction: Any) -> None:
        """Add a function that addresses go through before they are opened."""
        _registry("sampleDataUrlRewriteRules")[name] = rewriteFunction

    def sourceForSampleName(self, sampleName: str) -> Any:
        """Return the sample with this name, None where there is none."""
        categories = _registry("sampleDataSources").values()
        return next((source for sources in categories for source in sources if source.sampleName == sampleName), None)

    def downloadSamples(self, sampleName: str) -> list[Any]:
        """Load a sample and return its nodes."""
        source = self.sourceForSampleName(sampleName)
        return [] if source is None else self.downloadFromSource(source)

    def downloadFromSource(self, source: Any, forceDownload: bool = False) -> list[Any]:
        """Copy the file of a sample into the cache and load it."""
        path = self.downloadFile(source.uris, _cache_folder(), source.fileNames, forceDownload)
        return [_LOAD[source.loadFileTypes](path, source.nodeNames)]

    def downloadFile(self, uri: str, folder: str, name: str, forceDownload: bool = False) -> str:
        """Copy a file into the cache, unless it is there."""
        for rule in _registry("sampleDataUrlRewriteRules").values():
            uri = rule(uri)
        path = f"{folder}/{name}"
        if forceDownload or not Path(path).is_file() or Path(path).stat().st_size == 0:
            urllib.request.urlretrieve(uri, path)  # as Slicer does; the tests know files only
        return path


def downloadSample(sampleName: str) -> Any:
    """Load a sample and return its first node."""
    return SampleDataLogic().downloadSamples(sampleName)[0]


def _registry(name: str) -> dict[str, Any]:
    if not hasattr(slicer.modules, name):
        setattr(slicer.modules, name, {})
    registered: dict[str, Any] = getattr(slicer.modules, name)
    return registered


def _cache_folder() -> str:
    return str(slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory())


def _load_sequence(path: str, name: str) -> Any:
    logic = slicer.modules.sequences.logic()
    sequence = logic.AddSequence(path, slicer.vtkMRMLMessageCollection())
    sequence.SetName(slicer.mrmlScene.GetUniqueNameByString(name))
    browser = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", f"{sequence.GetName()} browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    logic.UpdateProxyNodesFromSequences(browser)
    return sequence


def _load_volume(path: str, name: str) -> Any:
    return slicer.modules.volumes.logic().AddArchetypeVolume(path, name, 0, vtk.vtkStringArray())


_LOAD = {"SequenceFile": _load_sequence, "VolumeFile": _load_volume}
