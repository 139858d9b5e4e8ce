"""The panel under test: the real widget class and the real .ui file, on stand-ins for the desktop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Slicer desktop, as far as the panels can tell."""
    pytest.importorskip("PySide6")
    pytest.importorskip("slicer")
    from standins import desktop

    yield desktop.install(tmp_path_factory.mktemp("application"))
    desktop.uninstall()


@pytest.fixture
def scene(application: Any) -> Any:
    """An empty scene."""
    from standins import desktop

    return desktop.new_scene()


@pytest.fixture
def module(application: Any, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module's script."""
    monkeypatch.syspath_prepend(str(repository / "Speckle2Self"))
    import Speckle2Self

    return Speckle2Self


@pytest.fixture
def training_module(module: Any, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script of the training module, whose models go into a folder of this test."""
    monkeypatch.syspath_prepend(str(repository / "Speckle2SelfTraining"))
    monkeypatch.setenv("SPECKLE2SELF_MODELS", str(tmp_path / "models"))
    import Speckle2SelfTraining

    return Speckle2SelfTraining


@pytest.fixture
def training_panel(training_module: Any, scene: Any, settings_file: Path) -> Iterator[Any]:
    """The training panel, in an empty scene, with the CPU and a quick recipe chosen."""
    widget = training_module.Speckle2SelfTrainingWidget()
    widget.ui.deviceComboBox.currentIndex = widget.ui.deviceComboBox.findData("cpu")
    parameters = widget.logic.getParameterNode()
    parameters.steps, parameters.crop, parameters.batchSize = 3, 32, 2
    yield widget
    widget.cleanup()
    widget.parent.deleteLater()


@pytest.fixture
def settings_file(application: Any) -> Path:
    """The application's settings, emptied."""
    import qt

    qt.QSettings().clear()
    return Path(qt.QSettings().fileName())


@pytest.fixture
def a_volume(scene: Any) -> Any:
    """A volume of five gray frames."""
    return make_volume("Sweep", frames=5)


@pytest.fixture
def panel(module: Any, scene: Any, settings_file: Path) -> Iterator[Any]:
    """The panel, in an empty scene, with the CPU chosen."""
    widget = module.Speckle2SelfWidget()
    widget.ui.deviceComboBox.currentIndex = widget.ui.deviceComboBox.findData("cpu")
    yield widget
    widget.cleanup()
    widget.parent.deleteLater()


@pytest.fixture
def wait_until(application: Any) -> Callable[..., None]:
    """Run the event loop until something is true."""

    def wait(condition: Callable[[], bool], seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"not true after {seconds} s"
            application.processEvents()
            time.sleep(0.005)

    return wait


def choose_input(panel: Any, node: Any) -> None:
    """Choose an input and give the panel the moment in which it notices the node's image."""
    import slicer

    panel.ui.inputSelector.setCurrentNode(node)
    # Counted, not timed: on a busy machine 0.2 s may pass between two looks at the events.
    for _ in range(20):
        slicer.app.processEvents()
        time.sleep(0.01)


def make_volume(name: str, frames: int = 5, rows: int = 48, columns: int = 64, components: int = 1) -> Any:
    """Add a volume of speckle to the scene, gray or color."""
    import numpy as np
    import slicer

    shape = (frames, rows, columns) if components == 1 else (frames, rows, columns, components)
    speckle = np.random.default_rng(20250706).rayleigh(40.0, shape).clip(1, 255).astype(np.uint8)
    kind = "vtkMRMLScalarVolumeNode" if components == 1 else "vtkMRMLVectorVolumeNode"
    return slicer.util.addVolumeFromArray(speckle, name=name, nodeClassName=kind)


def make_sequence(frames: int = 4) -> tuple[Any, Any, Any]:
    """Add a sequence to the scene, and return it with its browser and its proxy volume."""
    import slicer

    sequence = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", "Cine")
    for frame in range(frames):
        volume = make_volume("frame", frames=1)
        sequence.SetDataNodeAtValue(volume, f"{0.1 * frame:.3f}")
        slicer.mrmlScene.RemoveNode(volume)
    browser = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Browser")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
    return sequence, browser, browser.GetProxyNode(sequence)
