"""The module's self test: the same code runs in the desktop and, on stand-ins for the desktop, on slicer-core.

The module's script imports the class, so that Slicer finds it there.
"""

# ruff: noqa: PT009, PT027 - it runs inside Slicer, by unittest

from __future__ import annotations

import contextlib
import importlib
import shutil
import tempfile
import time
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleTest

QUICK = {"steps": 3, "crop": 32, "batch_size": 2, "validate_every": 2}


def _module() -> Any:
    return importlib.import_module("Speckle2SelfTraining")


class Speckle2SelfTrainingTest(ScriptedLoadableModuleTest):  # type: ignore[misc]
    """Self test: the same code runs in the desktop and, on stand-ins for the desktop, on slicer-core."""

    def setUp(self) -> None:
        """Start from an empty scene; skip where the packages that training needs are missing."""
        missing = self._missing("requirements-training.txt")
        if missing:
            self.skipTest(f"Missing Python packages: {', '.join(missing)}; Start in the panel installs them.")
        slicer.mrmlScene.Clear()
        self._folder = Path(tempfile.mkdtemp(prefix="Speckle2SelfTrainingTest-"))
        self.addCleanup(shutil.rmtree, self._folder, ignore_errors=True)

    def runTest(self) -> None:
        """Run all tests, as Reload & Test does."""
        for name in [name for name in dir(self) if name.startswith("test_")]:
            try:
                self.setUp()
                getattr(self, name)()
                self.delayDisplay(f"{name}: passed")
            except unittest.SkipTest as reason:
                self.delayDisplay(f"{name}: skipped. {reason}")

    def test_a_model_is_trained_on_a_sequence_and_despeckles(self) -> None:
        """A few steps on a sweep give a bundle that the other module takes, and a learning curve in the scene."""
        import Speckle2Self

        proxy = self._makeSequence(frames=6)
        path = self._logic().train(proxy, output=self._folder / "mine", settings=QUICK, device="cpu", keepPreview=True)
        self.assertEqual(path, self._folder / "mine")
        chart = slicer.util.getNode("mine training")
        loss = chart.GetNthPlotSeriesNode(0).GetTableNode()
        self.assertGreater(loss.GetNumberOfRows(), 0)
        before, after = slicer.util.getNode("mine before"), slicer.util.getNode("mine after")
        self.assertEqual(before.GetImageData().GetDimensions(), after.GetImageData().GetDimensions())
        logic: Any = Speckle2Self.Speckle2SelfLogic()
        result = logic.process(proxy, model=str(path), device="cpu", frames="current")
        self.assertIsNotNone(result)

    def test_the_samples_are_a_sequence_and_a_volume(self) -> None:
        """Sample Data makes both without a network: a cine with times, and a sweep with a geometry."""
        import SampleData

        _module().registerSampleData()
        cine = SampleData.downloadSample("SimulatedCarotidCine")
        self.assertEqual((cine.GetNumberOfDataNodes(), cine.GetIndexName(), cine.GetIndexUnit()), (24, "time", "s"))
        browser = slicer.modules.sequences.logic().GetFirstBrowserNodeForSequenceNode(cine)
        self.assertEqual(browser.GetProxyNode(cine).GetImageData().GetDimensions(), (320, 320, 1))
        sweep = SampleData.downloadSample("SimulatedCarotidSweep")
        self.assertEqual(sweep.GetImageData().GetDimensions(), (320, 320, 24))
        self.assertEqual(sweep.GetSpacing()[2], 0.5)

    def test_cancel_leaves_the_scene_as_it_was(self) -> None:
        """A callback that returns False ends the training; no node and no model is left behind."""
        from Speckle2SelfLib.errors import Cancelled

        sweep = self._makeVolume()
        nodes = slicer.mrmlScene.GetNumberOfNodes()
        with self.assertRaises(Cancelled):
            self._logic().train(
                sweep, output=self._folder / "mine", device="cpu", progressCallback=lambda progress: False
            )
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), nodes)
        self.assertEqual(list(self._folder.iterdir()), [])

    def test_wrong_input_is_refused_with_a_sentence(self) -> None:
        """What cannot be trained on raises ValueError and says why."""
        with self.assertRaisesRegex(ValueError, "choose at least one"):
            self._logic().train([])

    def test_the_panel_trains_on_what_is_chosen(self) -> None:
        """Pressing Start makes a model, and the panel is ready again."""
        self._makeVolume()
        with self._panel() as panel:
            parameters = panel.logic.getParameterNode()
            parameters.steps, parameters.crop, parameters.batchSize = 3, 32, 2
            panel.ui.modelNameLineEdit.text = "mine"
            self.assertTrue(panel.ui.startButton.enabled, panel.ui.startButton.toolTip)
            panel.ui.startButton.click()
            self.assertEqual(panel.ui.startButton.text, _("Cancel"))
            self._waitFor(panel)
            self.assertEqual(panel.ui.startButton.text, _("Start training"))
            self.assertTrue((self._folder / "mine" / "configs" / "metadata.json").is_file(), panel.ui.statusLabel.text)

    def test_a_sequence_is_segmented_and_measured(self) -> None:
        """Every frame gets a segmentation in the same browser, and a row of the table."""
        logic, proxy = self._segmenting(), self._makeSequence(frames=3)
        segmentation = logic.segment(proxy, device="cpu")
        self.assertTrue(segmentation.IsA("vtkMRMLSegmentationNode"))
        browser = slicer.modules.sequences.logic().GetFirstBrowserNodeForProxyNode(segmentation)
        self.assertEqual(browser.GetSequenceNode(segmentation).GetNumberOfDataNodes(), 3)
        self.assertIs(browser.GetSequenceNode(proxy), browser.GetMasterSequenceNode())
        segment = segmentation.GetSegmentation().GetNthSegment(0)
        self.assertEqual(segment.GetName(), "Common carotid artery lumen")
        table = logic.measure(segmentation)
        self.assertEqual(table.GetNumberOfRows(), 3)

    def test_a_volume_gets_a_segmentation_in_its_geometry(self) -> None:
        """The segmentation refers to its volume and lies under the same transform."""
        logic, volume = self._segmenting(), self._makeVolume(frames=2)
        transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        volume.SetAndObserveTransformNodeID(transform.GetID())
        segmentation = logic.segment(volume, device="cpu", closedSurface=True)
        self.assertIs(segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole()), volume)
        self.assertEqual(segmentation.GetTransformNodeID(), transform.GetID())
        with self.assertRaisesRegex(ValueError, "has no segment 'Nerve'"):
            logic.measure(segmentation, segment="Nerve")

    def test_cancelling_a_segmentation_leaves_the_scene_as_it_was(self) -> None:
        """A callback that returns False ends the job, and no node is left behind."""
        from Speckle2SelfLib.errors import Cancelled

        logic, volume = self._segmenting(), self._makeVolume()
        nodes = slicer.mrmlScene.GetNumberOfNodes()
        with self.assertRaises(Cancelled):
            logic.segment(volume, device="cpu", progressCallback=lambda done, total: False)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), nodes)

    def test_despeckling_is_compared_with_other_filters(self) -> None:
        """Every method gets a row of the table, and the compared frames lie where those of the sweep do."""
        missing = self._missing("requirements-compare.txt")
        if missing:
            self.skipTest(f"Missing Python packages: {', '.join(missing)}; Compare in the panel installs them.")
        volume = self._makeVolume()
        table = self._logic().evaluate(volume, filters=["median", "srad"], frames=1, keepImages=True, device="cpu")
        methods = [table.GetTable().GetValueByName(row, "method").ToString() for row in range(table.GetNumberOfRows())]
        self.assertEqual(methods, ["input", "Speckle2Self", "SRAD", "Median"])
        image = slicer.util.getNode("Sweep frame 4 Median")
        self.assertEqual(image.GetSpacing(), volume.GetSpacing())
        with self.assertRaisesRegex(ValueError, "got 'sharpen'"):
            self._logic().evaluate(volume, filters=["sharpen"])

    def _segmenting(self) -> Any:
        from Speckle2SelfLib.bundle.kinds import SEGMENTATION
        from Speckle2SelfLib.bundle.shipped import shipped_models

        if "carotid" not in shipped_models(SEGMENTATION):
            self.skipTest("This installation came without a model for the carotid.")
        return self._logic()

    def _missing(self, requirements: str) -> list[str]:
        from Speckle2SelfLib.desktop.dependencies import missingPackages

        return missingPackages(Path(slicer.modules.speckle2selftraining.path).parent / "Resources" / requirements)

    def _logic(self) -> Any:
        return _module().Speckle2SelfTrainingLogic()

    @contextlib.contextmanager
    def _panel(self) -> Iterator[Any]:
        """Lend a panel that computes on the CPU and saves into this test's folder; the user's choices come back."""
        from Speckle2SelfTrainingLib.desktop.machine import TrainingMachineSettings

        usersDevice, usersFolder = TrainingMachineSettings().device, TrainingMachineSettings().modelsFolder
        panel = _module().Speckle2SelfTrainingWidget()
        try:
            panel.ui.deviceComboBox.currentIndex = panel.ui.deviceComboBox.findData("cpu")
            panel.ui.folderPathLineEdit.currentPath = str(self._folder)
            yield panel
        finally:
            panel.cleanup()
            panel.parent.deleteLater()
            TrainingMachineSettings().device = usersDevice
            TrainingMachineSettings().modelsFolder = str(usersFolder)

    def _waitFor(self, panel: Any, seconds: float = 600.0) -> None:
        end = time.monotonic() + seconds
        while panel.isRunning and time.monotonic() < end:
            slicer.app.processEvents()
            time.sleep(0.01)
        self.assertFalse(panel.isRunning, f"not done after {seconds} s")

    def _makeVolume(self, frames: int = 6) -> Any:
        import numpy as np

        speckle = np.random.default_rng(frames).rayleigh(40.0, (frames, 48, 64)).clip(1, 255).astype(np.uint8)
        return slicer.util.addVolumeFromArray(speckle, ijkToRAS=np.diag([-0.2, -0.3, 1.5, 1.0]), name="Sweep")

    def _makeSequence(self, frames: int) -> Any:
        import numpy as np

        sequence = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", "Sweep")
        generator = np.random.default_rng(20250706)
        for frame in range(frames):
            speckle = generator.rayleigh(40.0, (1, 48, 64)).clip(1, 255).astype(np.uint8)
            volume = slicer.util.addVolumeFromArray(speckle, name="Frame")
            sequence.SetDataNodeAtValue(volume, f"{0.1 * frame:.3f}")
            slicer.mrmlScene.RemoveNode(volume)
        browser = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Browser")
        browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
        slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
        return browser.GetProxyNode(sequence)
