"""Slicer module that despeckles ultrasound volumes and sequences: what Slicer itself sees of Speckle2Self.

Thin on purpose: the scene is handled in Speckle2SelfLib.scene, Qt in Speckle2SelfLib.desktop, and nothing heavy is
imported when Slicer loads the module.
"""

# ruff: noqa: PT009, PT027 - the self test runs inside Slicer, by unittest

import time
import unittest
from pathlib import Path
from typing import Annotated

import slicer
import vtk
from slicer import vtkMRMLScalarVolumeNode
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import Minimum, WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
)
from Speckle2SelfLib.desktop.choices import FrameAxis, Frames, Normalization, Signal
from Speckle2SelfLib.desktop.job_panel import JobPanel
from Speckle2SelfLib.settings import DEFAULT_STRENGTH, MAXIMUM_SCALE, MINIMUM_SCALE

HOMEPAGE = "https://github.com/Speckle2Self/SlicerSpeckle2Self"


class Speckle2Self(ScriptedLoadableModule):
    """The module as Slicer lists it."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Speckle2Self")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Ultrasound")]
        self.parent.dependencies = ["Sequences", "SubjectHierarchy"]
        self.parent.contributors = ["The SlicerSpeckle2Self developers"]
        self.parent.helpText = _(
            "Removes speckle from ultrasound images, cine loops and tracked sweeps with a neural network, and keeps "
            "geometry, transforms and timing. For research, not for diagnosis. "
            'See the <a href="{url}">documentation</a>.'
        ).format(url=HOMEPAGE)
        self.parent.acknowledgementText = _(
            "Method: X. Li, N. Navab, Z. Jiang, Speckle2Self: Self-supervised ultrasound speckle reduction without "
            "clean data, Medical Image Analysis 2025, 103755, "
            '<a href="https://doi.org/10.1016/j.media.2025.103755">doi 10.1016/j.media.2025.103755</a>. '
            "Please cite it when you publish results."
        )

    def setup(self) -> None:
        """Offer "Despeckle..." in the context menus of volumes; called by Slicer when all modules are there."""
        from Speckle2SelfLib.desktop.context_menu import registerContextMenu
        from Speckle2SelfLib.desktop.imported_views import watchImportedViews

        registerContextMenu()
        watchImportedViews(slicer.mrmlScene)


@parameterNodeWrapper
class Speckle2SelfParameterNode:
    """What the scene stores of the panel; settings of the computer (device, model file) are kept outside it.

    inputVolume - volume to despeckle, or the proxy through which a sequence is browsed
    outputVolume - volume or proxy of the result; none creates a new one
    frames, firstFrame, lastFrame - which frames, counted from 1
    frameAxis - axis of a 3D volume along which its frames lie
    model - name of a shipped model or of one that was trained here, or "file" for the one chosen on this computer
    strength to dynamicRange - the fields of DespeckleSettings
    """

    inputVolume: vtkMRMLScalarVolumeNode  # its subclass for color included
    outputVolume: vtkMRMLScalarVolumeNode
    frames: Frames = Frames.ALL
    firstFrame: Annotated[int, Minimum(1)] = 1
    lastFrame: Annotated[int, Minimum(1)] = 1
    frameAxis: FrameAxis = FrameAxis.AUTO
    model: str = "default"
    strength: Annotated[float, WithinRange(0.0, 1.0)] = DEFAULT_STRENGTH
    published: bool = False
    tone: bool = True
    mask: bool = True
    normalize: Normalization = Normalization.SWEEP
    autoScale: bool = True
    rowScale: Annotated[float, WithinRange(MINIMUM_SCALE, MAXIMUM_SCALE)] = 1.0
    columnScale: Annotated[float, WithinRange(MINIMUM_SCALE, MAXIMUM_SCALE)] = 1.0
    gamma: Annotated[float, WithinRange(0.1, 5.0)] = 1.0
    signal: Signal = Signal.BMODE
    dynamicRange: Annotated[float, WithinRange(10.0, 200.0)] = 60.0


class Speckle2SelfWidget(JobPanel):
    """The panel: binds the .ui file to the parameter node and starts or cancels a job."""

    partNames = ("LivePreview", "Compare")

    @property
    def title(self) -> str:
        """Name of the module, for the titles of messages."""
        return _("Speckle2Self")

    def makeLogic(self):
        """Return the logic that the panel's jobs run in."""
        return Speckle2SelfLogic()

    def makeParts(self):
        """Return what looks after itself: live preview, comparison, device line, model card, presets."""
        from Speckle2SelfLib.desktop.compare_section import CompareSection
        from Speckle2SelfLib.desktop.device_line import DeviceLine
        from Speckle2SelfLib.desktop.live_section import LiveSection
        from Speckle2SelfLib.desktop.model_section import ModelSection
        from Speckle2SelfLib.desktop.strength_presets import StrengthPresets

        self._compare, self._deviceLine = CompareSection(self), DeviceLine(self)
        return [LiveSection(self), self._compare, self._deviceLine, ModelSection(self), StrengthPresets(self)]

    def setupControls(self) -> None:
        """Fill and connect the controls that belong to this computer, and the button."""
        from Speckle2SelfLib.desktop.input_watch import InputWatch
        from Speckle2SelfLib.desktop.machine import MachineSettings, fillDevices

        self._machine = MachineSettings()
        self._madeFrom = None
        self._inputWatch = InputWatch(self.updatePanel)
        fillDevices(self.ui.deviceComboBox, self._machine.device)
        self.ui.deviceComboBox.connect("currentIndexChanged(int)", self.onDeviceChanged)
        self.ui.applyButton.connect("clicked(bool)", self.onApplyButton)

    def connectors(self):
        """Return the connector of the model chooser, whose choices are found anew each time."""
        from Speckle2SelfLib.desktop.models import ModelConnector

        return {"model": ModelConnector(self.ui.modelComboBox)}

    def chooseInput(self) -> None:
        """Choose the first volume of the scene, if none is chosen."""
        if not self._parameterNode.inputVolume and self.ui.inputSelector.nodeCount():
            self._parameterNode.inputVolume = self.ui.inputSelector.nodeFromIndex(0)

    def watchInput(self, watched: bool) -> None:
        """Notice changes of the input's image."""
        self._inputWatch.watch(self._parameterNode.inputVolume if watched else None)

    def onDeviceChanged(self, index: int) -> None:
        """Remember the device on this computer."""
        self._machine.device = self.ui.deviceComboBox.itemData(index)
        self.updatePanel()

    def startJob(self):
        """Despeckle what is chosen."""
        from Speckle2SelfLib.desktop.dependencies import ensureDependencies
        from Speckle2SelfLib.desktop.job_settings import chosenFrames, settingsFields
        from Speckle2SelfLib.desktop.progress import ProgressText

        if not ensureDependencies(Path(self.resourcePath("requirements.txt")), "Speckle2Self"):
            self.showIdle(_("Nothing was installed. Despeckling needs the packages that Apply offers to install."))
            return None
        self._progressText, self._jobInput = ProgressText(), self._parameterNode.inputVolume
        return self.logic.start(
            self._parameterNode.inputVolume,
            self._parameterNode.outputVolume,
            frames=chosenFrames(self._parameterNode),
            frameAxis=self._parameterNode.frameAxis.value,
            onProgress=self.onJobProgress,
            onFinished=self.onJobFinished,
            onError=self.onJobError,
            **settingsFields(self._parameterNode, self._machine),
        )

    def showFinished(self, job, outputNode) -> str:
        """Choose the result as output, so that the next run reuses it, and return what to say."""
        from Speckle2SelfLib.desktop.panel_state import takeResultOver

        if self._parameterNode is not None and outputNode.IsA("vtkMRMLScalarVolumeNode"):
            # the context menu, or a scene that was added, may have chosen another input meanwhile
            if self._parameterNode.inputVolume is self._jobInput:
                takeResultOver(self._parameterNode, outputNode)
                self._madeFrom = (self._jobInput.GetID(), outputNode.GetID())
            self._compare.showResult(self._jobInput, outputNode)
        self._deviceLine.showResult(outputNode)
        return _("Done: {name}.").format(name=outputNode.GetName())

    def showProgress(self) -> None:
        """Show frame k of N and the time left."""
        job = self._job
        if job is None:
            return
        self.ui.progressBar.maximum = job.total if job.done else 0  # busy until the first frame is done
        self.ui.progressBar.value = job.done
        self.ui.statusLabel.text = self._progressText.line(job.done, job.total, job.stage)

    def showIdle(self, message: str) -> None:
        """Show what came of the last job."""
        self.ui.statusLabel.text = message

    def showState(self) -> None:
        """Show which controls apply, what the input is, and why Apply is disabled."""
        from Speckle2SelfLib.desktop.panel_state import forgetForeignResult, showState

        if not self.isRunning:
            self._madeFrom = forgetForeignResult(self._parameterNode, self._madeFrom)
        showState(self.ui, self._parameterNode, self._machine, self.isRunning)


class Speckle2SelfLogic(ScriptedLoadableModuleLogic):
    """Despeckles from the Python console or from the panel; keyword arguments are the fields of DespeckleSettings.

    Example: ``Speckle2SelfLogic().process(slicer.util.getNode("Sweep"), strength=0.7)``
    """

    def __init__(self) -> None:
        ScriptedLoadableModuleLogic.__init__(self)
        self._sceneDespeckler = None

    def getParameterNode(self) -> Speckle2SelfParameterNode:
        """Return the scene's parameters, typed."""
        return Speckle2SelfParameterNode(super().getParameterNode())

    def process(self, inputNode, outputNode=None, *, frames=None, frameAxis=None, progressCallback=None, **settings):
        """Despeckle a volume or a sequence and return the output node; waits until it is done.

        Parameters
        ----------
        inputNode : vtkMRMLScalarVolumeNode, vtkMRMLVectorVolumeNode, vtkMRMLSequenceNode or its browser
            What to despeckle; the proxy volume of a sequence stands for the whole sequence.
        outputNode : vtkMRMLNode or None
            Where to put the result; None creates a new node, named after the input.
        frames : None, "current" or (int, int)
            All frames, the one shown, or first to last, included and counted from 0.
        frameAxis : {"I", "J", "K"} or None
            Axis of a volume along which its frames lie.
        progressCallback : callable or None
            Called with the numbers of finished and of all frames; returning False cancels.
        **settings
            Fields of ``DespeckleSettings``: model, strength, device, preset, ...

        Raises
        ------
        ValueError
            If something given is wrong; one sentence says what.
        Speckle2SelfLib.errors.Cancelled
            If the callback returned False; the scene is as before.
        """
        return self._scene().process(
            inputNode,
            outputNode,
            settings=self._settings(settings),
            frames=frames,
            frameAxis=frameAxis,
            progressCallback=progressCallback,
        )

    def start(
        self,
        inputNode,
        outputNode=None,
        *,
        frames=None,
        frameAxis=None,
        onProgress=None,
        onFinished=None,
        onError=None,
        **settings,
    ):
        """Start what :meth:`process` does without waiting and return the job: poll it, or cancel it."""
        return self._scene().start(
            inputNode,
            outputNode,
            settings=self._settings(settings),
            frames=frames,
            frameAxis=frameAxis,
            onProgress=onProgress,
            onFinished=onFinished,
            onError=onError,
        )

    def preview(self, inputNode, *, frameAxis=None, opacity=1.0, onResult=None, onStopped=None, **settings):
        """Despeckle the frame that the slice views show, whenever another one is shown, and return at once.

        The result has ``stop()``, and ``settings`` that may be changed; without an application call its ``poll()``.
        Example: ``preview = Speckle2SelfLogic().preview(slicer.util.getNode("Sweep"), strength=0.7)``
        """
        job = self._scene().preview(
            inputNode,
            settings=self._settings(settings),
            frameAxis=frameAxis,
            opacity=opacity,
            onResult=onResult,
            onStopped=onStopped,
        )
        return self._drive(job)

    def follow(self, inputNode, outputNode=None, *, onResult=None, onStopped=None, **settings):
        """Despeckle a volume whenever its image changes, newest frame first, and return at once.

        The result has ``output``, ``rates`` and ``stop()``; without an application call its ``poll()``.
        Example: ``stream = Speckle2SelfLogic().follow(slicer.util.getNode("Image_Reference"))``
        """
        job = self._scene().follow(
            inputNode, outputNode, settings=self._settings(settings), onResult=onResult, onStopped=onStopped
        )
        return self._drive(job)

    @staticmethod
    def _drive(job):
        if hasattr(slicer, "app"):
            from Speckle2SelfLib.desktop.live_timer import LiveTimer

            LiveTimer(job)
        return job

    def close(self) -> None:
        """End the worker process; the next job starts a fresh one."""
        from Speckle2SelfLib.worker import shared_worker

        shared_worker().close()

    def _scene(self):
        if self._sceneDespeckler is None:
            from Speckle2SelfLib.scene import SceneDespeckler

            self._sceneDespeckler = SceneDespeckler()
        return self._sceneDespeckler

    @staticmethod
    def _settings(fields):
        from Speckle2SelfLib.settings import DespeckleSettings

        return DespeckleSettings.from_dict(fields)


class Speckle2SelfTest(ScriptedLoadableModuleTest):
    """Self test: the same code runs in the desktop and, on stand-ins for the desktop, on slicer-core."""

    def setUp(self) -> None:
        """Start from an empty scene; skip where the packages that despeckling needs are missing."""
        from Speckle2SelfLib.desktop.dependencies import missingPackages

        missing = missingPackages(Path(__file__).parent / "Resources" / "requirements.txt")
        if missing:
            self.skipTest(f"Missing Python packages: {', '.join(missing)}; press Apply in the panel to install them.")
        slicer.mrmlScene.Clear()

    def runTest(self) -> None:
        """Run all tests, as Reload & Test does."""
        for name in [name for name in dir(self) if name.startswith("test_")]:
            try:
                self.setUp()
                getattr(self, name)()
                self.delayDisplay(f"{name}: passed")
            except unittest.SkipTest as reason:
                self.delayDisplay(f"{name}: skipped. {reason}")

    def test_a_volume_keeps_geometry_and_type(self) -> None:
        """The result lies where the input lies, and holds the same kind of numbers."""
        source = self._makeVolume()
        result = Speckle2SelfLogic().process(source, device="cpu")
        before, after = slicer.util.arrayFromVolume(source), slicer.util.arrayFromVolume(result)
        self.assertEqual((before.shape, before.dtype), (after.shape, after.dtype))
        self.assertEqual(self._ijkToRas(source), self._ijkToRas(result))
        self.assertEqual(source.GetTransformNodeID(), result.GetTransformNodeID())
        self.assertGreater(abs(before.astype(float) - after).max(), 0)

    def test_strength_0_gives_the_input_back(self) -> None:
        """Without smoothing, every pixel is what it was."""
        source = self._makeVolume()
        result = Speckle2SelfLogic().process(source, strength=0.0, device="cpu")
        self.assertTrue((slicer.util.arrayFromVolume(source) == slicer.util.arrayFromVolume(result)).all())

    def test_a_sequence_keeps_its_index_values(self) -> None:
        """All frames of the browsed sequence are despeckled, and the browser does not move."""
        sequence, browser, proxy = self._makeSequence(frames=3)
        browser.SetSelectedItemNumber(1)
        result = Speckle2SelfLogic().process(proxy, device="cpu")
        resultSequence = browser.GetSequenceNode(result)
        self.assertEqual(browser.GetSelectedItemNumber(), 1)
        self.assertEqual(resultSequence.GetNumberOfDataNodes(), 3)
        for item in range(3):
            self.assertEqual(resultSequence.GetNthIndexValue(item), sequence.GetNthIndexValue(item))

    def test_cancel_leaves_the_scene_as_it_was(self) -> None:
        """A callback that returns False ends the job, and no node is left behind."""
        from Speckle2SelfLib.errors import Cancelled

        source = self._makeVolume()
        nodes = slicer.mrmlScene.GetNumberOfNodes()
        with self.assertRaises(Cancelled):
            Speckle2SelfLogic().process(source, device="cpu", progressCallback=lambda done, total: False)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), nodes)

    def test_wrong_input_is_refused_with_a_sentence(self) -> None:
        """What cannot be despeckled raises ValueError and says why."""
        with self.assertRaisesRegex(ValueError, "input"):
            Speckle2SelfLogic().process(None)

    def test_the_panel_despeckles_what_is_chosen(self) -> None:
        """Pressing Apply makes a result, and the panel is ready again."""
        from Speckle2SelfLib.desktop.machine import MachineSettings

        usersDevice = MachineSettings().device
        self._makeVolume()
        panel = Speckle2SelfWidget()
        try:
            panel.ui.deviceComboBox.currentIndex = panel.ui.deviceComboBox.findData("cpu")
            panel.ui.strengthSliderWidget.value = 0.5
            self.assertEqual(panel.logic.getParameterNode().strength, 0.5)
            panel.ui.applyButton.click()
            self.assertEqual(panel.ui.applyButton.text, _("Cancel"))
            self._waitFor(panel)
            self.assertEqual(panel.ui.applyButton.text, _("Apply"))
            self.assertIsNotNone(panel.logic.getParameterNode().outputVolume, panel.ui.statusLabel.text)
        finally:
            MachineSettings().device = usersDevice
            panel.cleanup()
            panel.parent.deleteLater()

    def _waitFor(self, panel: Speckle2SelfWidget, seconds: float = 300.0) -> None:
        end = time.monotonic() + seconds
        while panel.isRunning and time.monotonic() < end:
            slicer.app.processEvents()
            time.sleep(0.01)
        self.assertFalse(panel.isRunning, f"not done after {seconds} s")

    def _makeVolume(self, frames: int = 2):
        import numpy as np

        speckle = np.random.default_rng(20250706).rayleigh(40.0, (frames, 48, 64)).clip(1, 255).astype(np.uint8)
        volume = slicer.util.addVolumeFromArray(speckle, ijkToRAS=np.diag([-0.2, -0.3, 1.5, 1.0]), name="Sweep")
        transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        volume.SetAndObserveTransformNodeID(transform.GetID())
        return volume

    def _makeSequence(self, frames: int):
        sequence = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", "Sweep")
        sequence.SetIndexName("time")
        for frame in range(frames):
            volume = self._makeVolume(frames=1)
            sequence.SetDataNodeAtValue(volume, f"{0.1 * frame:.3f}")
            slicer.mrmlScene.RemoveNode(volume)
        browser = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", "Browser")
        browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
        slicer.modules.sequences.logic().UpdateProxyNodesFromSequences(browser)
        return sequence, browser, browser.GetProxyNode(sequence)

    @staticmethod
    def _ijkToRas(volume) -> list[float]:
        matrix = vtk.vtkMatrix4x4()
        volume.GetIJKToRASMatrix(matrix)
        return [matrix.GetElement(row, column) for row in range(4) for column in range(4)]
