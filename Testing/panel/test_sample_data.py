"""The samples of the module Sample Data: simulated where they are asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def samples(training_module: Any, scene: Any, application: Any) -> Iterator[list[Any]]:
    """The samples that the module registers once the application has started up."""
    import slicer

    training_module.Speckle2SelfTraining(SimpleNamespace(path=training_module.__file__))
    assert not hasattr(slicer.modules, "sampleDataSources"), "registered before Sample Data is sure to be there"
    application.standin_complete_startup()
    yield slicer.modules.sampleDataSources["Speckle2Self"]
    for name in ("sampleDataSources", "sampleDataSourceCategories", "sampleDataUrlRewriteRules"):
        delattr(slicer.modules, name)
    application._at_startup.clear()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Small samples, and an empty cache; returns the cache."""
    import slicer
    from Speckle2SelfTrainingLib.simulation import sample_sweeps

    small = {
        "SimulatedCarotidCine": sample_sweeps.SampleSweep(seed=3, frames=3, size=64, motion=0.04, seconds=0.05),
        "SimulatedCarotidSweep": sample_sweeps.SampleSweep(seed=8, frames=2, size=64, motion=0.02),
    }
    monkeypatch.setattr(sample_sweeps, "SAMPLE_SWEEPS", small)
    cache = tmp_path / "Zwischenspeicher ö"
    cache.mkdir()
    slicer.mrmlScene.GetCacheManager().SetRemoteCacheDirectory(str(cache))
    return cache


def files_in(cache: Path) -> list[Path]:
    """What was put into the cache; its mark is Slicer's."""
    return [path for path in cache.rglob("*") if path.is_file() and path.name != ".slicer-cache"]


def test_both_samples_have_a_thumbnail(samples: list[Any]) -> None:
    assert [sample.sampleName for sample in samples] == ["SimulatedCarotidCine", "SimulatedCarotidSweep"]
    for sample in samples:
        assert Path(sample.thumbnailFileName).read_bytes().startswith(b"\x89PNG")


def test_what_is_registered_can_be_simulated(samples: list[Any]) -> None:
    from Speckle2SelfTrainingLib.simulation.sample_sweeps import SAMPLE_SWEEPS

    assert [sample.sampleName for sample in samples] == list(SAMPLE_SWEEPS)


def test_the_cine_comes_as_a_sequence_with_a_browser(samples: list[Any], quick: Path) -> None:
    import SampleData
    import slicer

    cine = SampleData.downloadSample("SimulatedCarotidCine")
    assert cine.GetName() == "SimulatedCarotidCine"
    assert [cine.GetNthIndexValue(item) for item in range(3)] == ["0", "0.05", "0.1"]
    assert (cine.GetIndexName(), cine.GetIndexUnit()) == ("time", "s")
    browser = slicer.modules.sequences.logic().GetFirstBrowserNodeForSequenceNode(cine)
    assert slicer.util.arrayFromVolume(browser.GetProxyNode(cine)).std() > 10


def test_the_sweep_lies_as_a_probe_across_the_neck(samples: list[Any], quick: Path) -> None:
    import SampleData
    import slicer
    import vtk

    sweep = SampleData.downloadSample("SimulatedCarotidSweep")
    matrix = vtk.vtkMatrix4x4()
    sweep.GetIJKToRASDirectionMatrix(matrix)
    axes = [[matrix.GetElement(row, column) for row in range(3)] for column in range(3)]
    assert axes == [[-1, 0, 0], [0, -1, 0], [0, 0, 1]], "to the left, to the back, upward, in RAS"
    assert slicer.util.arrayFromVolume(sweep).shape == (2, 64, 64)


def test_asked_for_again_and_by_force_the_same_pixels_come(samples: list[Any], quick: Path) -> None:
    import SampleData
    import slicer

    logic = SampleData.SampleDataLogic()
    source = logic.sourceForSampleName("SimulatedCarotidSweep")
    pixels = [slicer.util.arrayFromVolume(logic.downloadFromSource(source, force)[0]) for force in (False, False, True)]
    assert np.array_equal(pixels[0], pixels[1])
    assert np.array_equal(pixels[0], pixels[2])


def test_a_simulation_that_fails_leaves_no_file(
    samples: list[Any], quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import SampleData
    from Speckle2SelfTrainingLib.simulation.sample_sweeps import SampleSweep

    simulated = SampleSweep.simulated

    class Interrupted(np.ndarray):
        def __getitem__(self, index: Any) -> Any:
            if index == 1:
                raise MemoryError("at the second frame")
            return np.asarray(self)[index]

    def interrupted(self: Any) -> Any:
        sweep = simulated(self)
        sweep.frames = np.asarray(sweep.frames).view(Interrupted)
        return sweep

    monkeypatch.setattr(SampleSweep, "simulated", interrupted)
    with pytest.raises(MemoryError, match="second frame"):
        SampleData.downloadSample("SimulatedCarotidSweep")
    assert files_in(quick) == []


def test_other_addresses_are_left_alone(samples: list[Any], quick: Path) -> None:
    from Speckle2SelfTrainingLib.desktop.sample_data import simulatedFile

    for address in ("https://example.org/MRHead.nrrd", "speckle2self:Unknown", "", "SimulatedCarotidCine"):
        assert simulatedFile(address) == address
    assert files_in(quick) == []


def test_registering_twice_offers_each_sample_once(samples: list[Any], training_module: Any) -> None:
    training_module.registerSampleData()
    assert len(samples) == 2


def test_without_the_module_sample_data_nothing_happens(
    training_module: Any, scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer

    monkeypatch.setitem(sys.modules, "SampleData", None)
    training_module.registerSampleData()
    assert not hasattr(slicer.modules, "sampleDataSources")


def test_slicer_5_10_has_no_titles_of_categories(
    training_module: Any, scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import SampleData
    import slicer

    monkeypatch.delattr(SampleData.SampleDataLogic, "registerCustomSampleDataCategory")
    training_module.registerSampleData()
    assert list(slicer.modules.sampleDataSources) == ["Speckle2Self"]
    del slicer.modules.sampleDataSources
