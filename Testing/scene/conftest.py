"""The real MRML scene of slicer-core, and nodes in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")


@pytest.fixture
def a_scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A scene with the logics that the desktop has: they move proxies when a browser changes."""
    import slicer.util

    monkeypatch.delattr(slicer, "app", raising=False)
    scene = slicer.vtkMRMLScene()
    monkeypatch.setattr(slicer, "mrmlScene", scene, raising=False)
    application = slicer.vtkSlicerApplicationLogic()
    application.SetMRMLScene(scene)
    application.GetColorLogic().SetMRMLScene(scene)
    application.GetColorLogic().AddDefaultColorNodes()
    logics = {"Sequences": slicer.vtkSlicerSequencesLogic(), "Volumes": slicer.vtkSlicerVolumesLogic()}
    for name, logic in logics.items():
        logic.SetMRMLApplicationLogic(application)
        logic.SetMRMLScene(scene)
        application.SetModuleLogic(name, logic)
    yield scene
    for logic in logics.values():
        logic.SetMRMLScene(None)
    scene.Clear(True)


@pytest.fixture(scope="module")
def a_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A worker process, warm for all tests of a file."""
    from Speckle2SelfLib.worker import WorkerClient

    client = WorkerClient(folder=tmp_path_factory.mktemp("worker"))
    yield client
    client.close()


OBLIQUE = [[0.1, 0.02, 0.0, -30.0], [0.0, 0.12, 0.05, 12.5], [0.03, 0.0, 0.7, 7.25], [0, 0, 0, 1]]


def set_pixels(volume: Any, pixels: np.ndarray) -> None:
    import slicer.util

    slicer.util.updateVolumeFromArray(volume, pixels)


@pytest.fixture
def add_volume(a_scene: Any) -> Callable[..., Any]:
    """Make volume nodes: shown in gray with a fixed window, oblique, in the subject hierarchy under a study."""

    def make(pixels: np.ndarray, name: str = "Sweep", node_class: str = "vtkMRMLScalarVolumeNode") -> Any:
        import slicer.util

        volume = a_scene.AddNewNodeByClass(node_class, name)
        set_pixels(volume, pixels)
        volume.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(np.array(OBLIQUE)))
        volume.CreateDefaultDisplayNodes()
        return volume

    return make


@pytest.fixture
def a_study(a_scene: Any) -> int:
    """A study in the subject hierarchy."""
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    subject = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "Subject")
    return hierarchy.CreateStudyItem(subject, "Study")


@pytest.fixture
def add_sequence(a_scene: Any) -> Callable[..., Any]:
    """Make image sequences in a browser, every frame with its own place; returns (sequence, browser, proxy)."""

    def make(
        frames: list[np.ndarray] | np.ndarray,
        name: str = "Cine",
        node_class: str = "vtkMRMLScalarVolumeNode",
        times: list[str] | None = None,
        browser: Any = True,
        drift: float = 1.0,
    ) -> tuple[Any, Any, Any]:
        import slicer.util

        sequence = slicer.vtkMRMLSequenceNode()
        sequence.SetName(name)
        for number, pixels in enumerate(frames):
            frame = getattr(slicer, node_class)()
            frame.SetName(name)
            set_pixels(frame, pixels[np.newaxis])
            matrix = np.array(OBLIQUE)
            matrix[:3, 3] += number * drift
            frame.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(matrix))
            frame.SetAttribute("ImageStatus", "OK" if number % 2 else "INVALID")
            frame.SetAttribute("DICOM.instanceUIDs", "1.2.3")
            sequence.SetDataNodeAtValue(frame, times[number] if times else f"{number * 0.04:.3f}")
        a_scene.AddNode(sequence)
        if browser is None:
            return sequence, None, None
        if browser is True:
            browser = a_scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", name + " browser")
        browser.AddSynchronizedSequenceNode(sequence)
        return sequence, browser, browser.GetProxyNode(sequence)

    return make
