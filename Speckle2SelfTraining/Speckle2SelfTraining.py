"""Slicer module that adapts models, segments and measures: what Slicer itself sees of the training library.

Thin on purpose: the scene is handled in Speckle2SelfTrainingLib.scene, Qt in Speckle2SelfTrainingLib.desktop, and
nothing heavy is imported when Slicer loads the module.
"""

# ruff: noqa: PT009, PT027 - the self test runs inside Slicer, by unittest

import contextlib
import itertools
import shutil
import tempfile
import time
import unittest
from pathlib import Path
from typing import Annotated

import slicer
from slicer import vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
)
from Speckle2SelfLib.desktop.choices import FrameAxis, LearnFrames
from Speckle2SelfLib.desktop.job_panel import JobPanel
from Speckle2SelfTrainingLib.segmentation.settings import SegmentSettings

HOMEPAGE = "https://github.com/Speckle2Self/SlicerSpeckle2Self"
DEFAULTS = SegmentSettings()
QUICK = {"steps": 3, "crop": 32, "batch_size": 2, "validate_every": 2}  # for the self test


class Speckle2SelfTraining(ScriptedLoadableModule):
    """The module as Slicer lists it."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Speckle2Self Training")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Ultrasound")]
        self.parent.dependencies = ["Speckle2Self", "Sequences", "Plots", "Segmentations", "Tables"]
        self.parent.contributors = ["The SlicerSpeckle2Self developers"]
        self.parent.helpText = _(
            "Adapts the despeckling network of Speckle2Self to your ultrasound machine: choose sweeps of it, and in "
            "some minutes you get a model of your own. No clean images are needed. Segments the lumen of the carotid "
            "artery, learns from your corrections, and measures it. For research, not for diagnosis. "
            'See the <a href="{url}">documentation</a>.'
        ).format(url=HOMEPAGE)
        self.parent.acknowledgementText = _(
            "Method: X. Li, N. Navab, Z. Jiang, Speckle2Self: Self-supervised ultrasound speckle reduction without "
            "clean data, Medical Image Analysis 2025, 103755, "
            '<a href="https://doi.org/10.1016/j.media.2025.103755">doi 10.1016/j.media.2025.103755</a>. '
            "Please cite it when you publish results."
        )
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData() -> None:
    """Offer simulated sweeps in the module Sample Data, once all modules are there."""
    from Speckle2SelfTrainingLib.desktop.sample_data import registerSimulatedSweeps

    registerSimulatedSweeps(Path(__file__).parent / "Resources" / "Icons")


@parameterNodeWrapper
class Speckle2SelfTrainingParameterNode:
    """What the scene stores of the panel; settings of the computer (device, folders, files) are kept outside it.

    sweeps - volumes to train on, or the proxies through which sequences are browsed
    validationSweep - what the training is checked on; none holds out a part of the sweeps
    frameAxis - axis of a 3D volume along which its frames lie
    model - base model: a shipped or trained one by name, or "file" for the one chosen on this computer
    modelName, zipped - name of the new model (empty takes a free one), and whether it is one zip file
    minutes - time limit; 0 is none
    steps, crop, batchSize, seed - fields of TrainingSettings
    keepPreview - whether the images before and after stay in the scene
    segmentInput - what is segmented and measured: a volume, or the proxy through which a sequence is browsed
    segmentation - its segmentation, or the proxy of a sequence of them; none creates a new one
    lumenSegment - which of its segments is the lumen; empty chooses by itself
    segmentModel - segmentation model by name, or "file" for the one chosen on this computer
    despeckleFirst - whether the network looks at despeckled frames
    temporal, largest, smooth, minimumConfidence - fields of SegmentSettings
    closedSurface - whether a volume's lumen gets a surface
    segmentFrameAxis - axis of a 3D volume along which its frames lie
    learnFrames, learnMinutes, learnName - what to learn from, for how long (0 is no limit), name of the new model
    """

    sweeps: list[vtkMRMLScalarVolumeNode]
    validationSweep: vtkMRMLScalarVolumeNode
    frameAxis: FrameAxis = FrameAxis.AUTO
    model: str = "default"
    modelName: str = ""
    zipped: bool = False
    steps: Annotated[int, WithinRange(1, 100000)] = 200
    minutes: Annotated[int, WithinRange(0, 1440)] = 10
    crop: Annotated[int, WithinRange(32, 2048)] = 192
    batchSize: Annotated[int, WithinRange(1, 256)] = 4
    seed: Annotated[int, WithinRange(0, 2147483647)] = 777
    keepPreview: bool = False
    segmentInput: vtkMRMLScalarVolumeNode
    segmentation: vtkMRMLSegmentationNode
    lumenSegment: str = ""
    segmentModel: str = "carotid"
    despeckleFirst: bool = DEFAULTS.despeckle is not None
    temporal: bool = DEFAULTS.temporal
    largest: bool = DEFAULTS.largest
    smooth: bool = DEFAULTS.smooth
    minimumConfidence: Annotated[float, WithinRange(0.0, 1.0)] = DEFAULTS.minimum_confidence
    closedSurface: bool = False
    segmentFrameAxis: FrameAxis = FrameAxis.AUTO
    learnFrames: LearnFrames = LearnFrames.AUTO
    learnMinutes: Annotated[int, WithinRange(0, 1440)] = 3
    learnName: str = ""


class Speckle2SelfTrainingWidget(JobPanel):
    """The panel: binds the .ui file to the parameter node and starts or cancels jobs.

    Its own job adapts a despeckling model; segmenting, learning and measuring are sections of their own.
    """

    libraries = ("Speckle2SelfLib", "Speckle2SelfTrainingLib")

    def makeLogic(self):
        """Return the logic that the panel's trainings run in."""
        return Speckle2SelfTrainingLogic()

    def setupControls(self) -> None:
        """Fill and connect the controls that belong to this computer, and the buttons."""
        from Speckle2SelfLib.desktop.machine import fillDevices
        from Speckle2SelfTrainingLib.desktop.learn_section import LearnSection
        from Speckle2SelfTrainingLib.desktop.machine import TrainingMachineSettings, fillFolder
        from Speckle2SelfTrainingLib.desktop.measure_section import MeasureSection
        from Speckle2SelfTrainingLib.desktop.segment_section import SegmentSection

        self._machine = TrainingMachineSettings()
        self._watches = []
        self._lastJob = self._newModel = None
        fillDevices(self.ui.deviceComboBox, self._machine.device)
        fillFolder(self.ui.folderPathLineEdit, self._machine.modelsFolder)
        self.ui.modelPathLineEdit.currentPath = self._machine.modelPath
        self.ui.showCheckBox.enabled = slicer.app.layoutManager() is not None
        self.ui.useModelButton.visible = False
        self.ui.deviceComboBox.connect("currentIndexChanged(int)", self.onDeviceChanged)
        self.ui.modelPathLineEdit.connect("currentPathChanged(QString)", self.onModelPathChanged)
        self.ui.folderPathLineEdit.connect("currentPathChanged(QString)", self.onFolderChanged)
        self.ui.showCheckBox.connect("toggled(bool)", self.onShowToggled)
        self.ui.segmentModelPathLineEdit.currentPath = self._machine.segmentModelPath
        self.ui.segmentModelPathLineEdit.connect("currentPathChanged(QString)", self.onSegmentModelPathChanged)
        self._sections = [SegmentSection(self), LearnSection(self), MeasureSection(self)]
        self.ui.startButton.connect("clicked(bool)", self.onApplyButton)
        self.ui.useModelButton.connect("clicked(bool)", self.onUseModelButton)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.NodeRemovedEvent, self.updatePanel)

    def connectors(self):
        """Return the connectors of the choosers that Slicer knows none for; models are found anew each time."""
        from Speckle2SelfLib.bundle.kinds import SEGMENTATION
        from Speckle2SelfLib.desktop.models import ModelConnector
        from Speckle2SelfTrainingLib.desktop.checked_nodes import CheckedNodesConnector
        from Speckle2SelfTrainingLib.desktop.lumen_segment import LumenSegmentConnector

        self.lumenSegment = LumenSegmentConnector(self.ui.lumenSegmentComboBox)
        return {
            "sweeps": CheckedNodesConnector(self.ui.sweepsSelector),
            "model": ModelConnector(self.ui.modelComboBox),
            "segmentModel": ModelConnector(self.ui.segmentModelComboBox, SEGMENTATION),
            "lumenSegment": self.lumenSegment,
        }

    @property
    def machine(self):
        """Settings of this computer."""
        return self._machine

    def chooseInput(self) -> None:
        """Check the only volume of the scene, if none is checked; of several, the user has to choose."""
        if len(self._parameterNode.sweeps) == 0 and self.ui.sweepsSelector.nodeCount() == 1:
            self._parameterNode.sweeps = [self.ui.sweepsSelector.nodeFromIndex(0)]

    def watchInput(self, watched: bool) -> None:
        """Notice changes of the images of all chosen sweeps."""
        from Speckle2SelfLib.desktop.input_watch import InputWatch
        from Speckle2SelfTrainingLib.desktop.checked_nodes import presentNodes

        parameters = self._parameterNode if watched else None
        nodes = []
        if parameters is not None:
            nodes = presentNodes([*parameters.sweeps, parameters.validationSweep, parameters.segmentInput])
        self._watches += [InputWatch(self.updatePanel) for _new in range(len(nodes) - len(self._watches))]
        for watch, node in itertools.zip_longest(self._watches, nodes):
            watch.watch(node)

    def onDeviceChanged(self, index: int) -> None:
        """Remember the device on this computer."""
        self._machine.device = self.ui.deviceComboBox.itemData(index)
        self.updatePanel()

    def onModelPathChanged(self, path: str) -> None:
        """Remember the base model's file on this computer."""
        self._machine.modelPath = path
        self.updatePanel()

    def onSegmentModelPathChanged(self, path: str) -> None:
        """Remember the file of the segmentation model on this computer."""
        self._machine.segmentModelPath = path
        self.updatePanel()

    def takeSegmentModel(self, path) -> None:
        """Choose a new segmentation model, so that the next segmentation uses it."""
        from Speckle2SelfTrainingLib.desktop.use_model import chooseSegmentModel

        if self._parameterNode is not None:
            chooseSegmentModel(path, self)
            self._parameterNode.learnName = ""  # the next model gets a name of its own
        if self._guiTags:  # else another module is shown, and this is done when the user comes back
            self.initializeParameterNode()  # which lists the new model

    def onFolderChanged(self, path: str) -> None:
        """Remember the folder for new models on this computer."""
        self._machine.modelsFolder = path
        self.updatePanel()

    def onShowToggled(self, checked: bool) -> None:
        """Show the training in the views, or give the views back."""
        if self._lastJob is None:
            return
        if checked:
            self._lastJob.show()
        else:
            self._lastJob.hide()

    def onUseModelButton(self, checked: bool = False) -> None:
        """Open the other module with the new model chosen."""
        from Speckle2SelfTrainingLib.desktop.use_model import useModel

        useModel(self._newModel)

    def startJob(self):
        """Train on what is chosen."""
        from Speckle2SelfLib.desktop.dependencies import ensureDependencies
        from Speckle2SelfTrainingLib.desktop.checked_nodes import presentNodes
        from Speckle2SelfTrainingLib.desktop.job_settings import trainingOptions

        if not ensureDependencies(Path(self.resourcePath("requirements-training.txt")), "Speckle2Self Training"):
            self.showIdle(_("Nothing was installed. Training needs the packages that it offers to install."))
            return None
        self._forgetLastJob()
        self._lastJob = self.logic.start(
            presentNodes(self._parameterNode.sweeps),
            onProgress=self.onJobProgress,
            onFinished=self.onJobFinished,
            onError=self.onJobError,
            **trainingOptions(self._parameterNode, self._machine),
        )
        if self.ui.showCheckBox.checked:
            self._lastJob.show()
        return self._lastJob

    def showFinished(self, job, path) -> str:
        """Offer the new model, and return what to say."""
        from Speckle2SelfTrainingLib.desktop.progress import resultLine

        self._newModel = path
        if self._parameterNode is not None:
            self._parameterNode.modelName = ""  # the next model gets a name of its own
        if self._guiTags:  # else another module is shown, and this is done when the user comes back
            self.initializeParameterNode()  # which lists the new model
        return resultLine(path, job.summary)

    def showProgress(self) -> None:
        """Show step k of N, loss and time left."""
        from Speckle2SelfTrainingLib.desktop.progress import progressLine

        job = self._job
        if job is None:
            return
        self.ui.progressBar.maximum = job.steps if job.progress is not None else 0  # busy until the first step is done
        self.ui.progressBar.value = job.progress.step if job.progress is not None else 0
        self.ui.statusLabel.text = progressLine(job)

    def showIdle(self, message: str) -> None:
        """Show what came of the last training."""
        self.ui.statusLabel.text = message
        self.ui.useModelButton.visible = self._newModel is not None

    def showState(self) -> None:
        """Show which controls apply, what the sweeps are, and why Start is disabled."""
        from Speckle2SelfTrainingLib.desktop.panel_state import showState

        showState(self.ui, self._parameterNode, self._machine, self.runs(self), self.isRunning)
        for section in self._sections:
            section.showState()

    def onSceneStartClose(self, caller, event) -> None:
        """Stop what runs, and give the views back: what they show is about to go."""
        JobPanel.onSceneStartClose(self, caller, event)
        self._forgetLastJob()
        for section in self._sections:
            section.clear()

    def cleanup(self) -> None:
        """Cancel what runs, and give the views back."""
        JobPanel.cleanup(self)
        self._forgetLastJob()

    def _forgetLastJob(self) -> None:
        """Take the last training off the panel; what it kept in the scene stays there."""
        for section in self._sections:
            section.forgetLastJob()
        if self._lastJob is not None:
            self._lastJob.hide()
        self._lastJob = self._newModel = None
        self.ui.useModelButton.visible = False


class Speckle2SelfTrainingLogic(ScriptedLoadableModuleLogic):
    """Trains models, segments and measures, from the Python console or from the panel.

    Example: ``Speckle2SelfTrainingLogic().train(slicer.util.getNode("Sweep"), output="C:/models/my probe")``

    Example: ``logic.measure(logic.segment(slicer.util.getNode("Sweep")))``
    """

    def __init__(self) -> None:
        ScriptedLoadableModuleLogic.__init__(self)
        self._doors = {}

    def getParameterNode(self) -> Speckle2SelfTrainingParameterNode:
        """Return the scene's parameters, typed."""
        return Speckle2SelfTrainingParameterNode(super().getParameterNode())

    def train(self, inputNodes, model="default", output=None, *, progressCallback=None, **options):
        """Train on volumes and sequences, and return the path of the new model; waits until it is done.

        Parameters
        ----------
        inputNodes : vtkMRMLNode or list of them
            What to train on: volumes, sequences, their browsers, or proxies that stand for a whole sequence.
        model : str, path or None
            Model to start from: "default" or another known name, a bundle (folder or zip), or an authors' ``.pth``;
            None trains from scratch, as published.
        output : path or None
            Folder or ``.zip`` file of the new model; one that is there is replaced. None makes a new one among the
            models that were trained on this computer, which the model choosers list.
        progressCallback : callable or None
            Called with the last finished step (``step``, ``steps``, ``loss``, ``validation_loss``, ``seconds_left``;
            None before the first); returning False cancels.
        **options
            ``validationNodes``, ``settings`` (fields of ``TrainingSettings``: steps, minutes, crop, ...), ``name``,
            ``device``, ``frameAxis``, ``keepPreview``.

        Raises
        ------
        ValueError
            If something given is wrong; one sentence says what.
        Speckle2SelfLib.errors.Cancelled
            If the callback returned False; the scene is as before, and no model is written.
        """
        return self._door("SceneTrainer").train(inputNodes, model, output, progressCallback=progressCallback, **options)

    def start(
        self, inputNodes, model="default", output=None, *, onProgress=None, onFinished=None, onError=None, **options
    ):
        """Start what :meth:`train` does without waiting and return the job: poll it, or cancel it."""
        return self._door("SceneTrainer").start(
            inputNodes, model, output, onProgress=onProgress, onFinished=onFinished, onError=onError, **options
        )

    def segment(self, inputNode, outputSegmentation=None, progressCallback=None, model="carotid", **options):
        """Find the lumen of the carotid artery on every frame and return the segmentation; waits until it is done.

        Parameters
        ----------
        inputNode : vtkMRMLNode
            A volume, a sequence of images, its browser, or the proxy that stands for a whole sequence. A volume (or
            proxy) gets a segmentation, a sequence gets a sequence of segmentations in the same browser.
        outputSegmentation : vtkMRMLNode or None
            Where to put the result; None creates a new node, named after the input.
        progressCallback : callable or None
            Called with the numbers of finished and of all frames; returning False cancels.
        model : str or path
            "carotid", another known model by name, or a bundle (folder or zip).
        **options
            ``settings`` (fields of ``SegmentSettings``: despeckle, temporal, largest, smooth, ...), ``frames`` (None,
            "current" or (first, last), counted from 0), ``frameAxis``, ``device``, ``closedSurface``.

        Raises
        ------
        ValueError
            If something given is wrong; one sentence says what.
        Speckle2SelfLib.errors.Cancelled
            If the callback returned False; the scene is as before.
        """
        door = self._door("SceneSegmenter")
        return door.segment(inputNode, outputSegmentation, model, progressCallback=progressCallback, **options)

    def startSegmenting(self, inputNode, outputSegmentation=None, model="carotid", **options):
        """Start what :meth:`segment` does without waiting and return the job.

        ``onProgress``, ``onFinished`` and ``onError`` are called by the job when it is polled.
        """
        return self._door("SceneSegmenter").start(inputNode, outputSegmentation, model, **options)

    def measure(self, segmentationNode, volumeNode=None, *, progressCallback=None, **options):
        """Measure the lumen on every frame and return a table, with a chart of the diameter profile.

        Parameters
        ----------
        segmentationNode : vtkMRMLNode
            A segmentation, a sequence of segmentations, or the proxy of one.
        volumeNode : vtkMRMLNode or None
            What was segmented; None takes what the segmentation refers to.
        progressCallback : callable or None
            Called with the numbers of finished and of all frames; returning False cancels.
        **options
            ``segment`` (name of the lumen's segment), ``outputTable``, ``frameAxis``, ``along`` ("auto", "position",
            "time" or "frame"), ``plot``.

        Raises
        ------
        ValueError
            If something given is wrong; one sentence says what.
        """
        door = self._door("SceneMeasurer")
        return door.measure(segmentationNode, volumeNode, progressCallback=progressCallback, **options)

    def startMeasuring(self, segmentationNode, volumeNode=None, **options):
        """Start what :meth:`measure` does without waiting and return the job."""
        return self._door("SceneMeasurer").start(segmentationNode, volumeNode, **options)

    def learn(
        self, segmentationNodes, volumeNodes=None, model="carotid", output=None, *, progressCallback=None, **options
    ):
        """Learn from corrected segmentations and return the path of the new segmentation model.

        Parameters
        ----------
        segmentationNodes, volumeNodes : vtkMRMLNode or list of them
            Segmentations (or sequences of them) and what was segmented; None takes what the segmentations refer to.
        model : str, path or None
            Model to continue from; None trains from scratch.
        output : path or None
            Folder or ``.zip`` file of the new model; None makes a new one among those trained on this computer.
        progressCallback : callable or None
            Called with the last finished step, None before the first; returning False cancels.
        **options
            ``frames`` ("auto", "corrected", "all", or numbers counted from 0), ``segment``, ``subjects``,
            ``settings`` (fields of ``SegmentationTrainingSettings``), ``name``, ``device``, ``frameAxis``.

        Raises
        ------
        ValueError
            If something given is wrong; one sentence says what.
        Speckle2SelfLib.errors.Cancelled
            If the callback returned False; the scene is as before, and no model is written.
        """
        door = self._door("SceneLabelTrainer")
        return door.learn(segmentationNodes, volumeNodes, model, output, progressCallback=progressCallback, **options)

    def startLearning(self, segmentationNodes, volumeNodes=None, model="carotid", output=None, **options):
        """Start what :meth:`learn` does without waiting and return the job."""
        return self._door("SceneLabelTrainer").start(segmentationNodes, volumeNodes, model, output, **options)

    def close(self) -> None:
        """End the worker process; the next job starts a fresh one."""
        from Speckle2SelfLib.worker import shared_worker

        shared_worker().close()

    def _door(self, name):
        """Return one of the classes of Speckle2SelfTrainingLib.scene, made when it is first needed."""
        if name not in self._doors:
            from Speckle2SelfTrainingLib import scene

            self._doors[name] = getattr(scene, name)()
        return self._doors[name]


class Speckle2SelfTrainingTest(ScriptedLoadableModuleTest):
    """Self test: the same code runs in the desktop and, on stand-ins for the desktop, on slicer-core."""

    def setUp(self) -> None:
        """Start from an empty scene; skip where the packages that training needs are missing."""
        from Speckle2SelfLib.desktop.dependencies import missingPackages

        missing = missingPackages(Path(__file__).parent / "Resources" / "requirements-training.txt")
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
        path = Speckle2SelfTrainingLogic().train(
            proxy, output=self._folder / "mine", settings=QUICK, device="cpu", keepPreview=True
        )
        self.assertEqual(path, self._folder / "mine")
        chart = slicer.util.getNode("mine training")
        loss = chart.GetNthPlotSeriesNode(0).GetTableNode()
        self.assertGreater(loss.GetNumberOfRows(), 0)
        before, after = slicer.util.getNode("mine before"), slicer.util.getNode("mine after")
        self.assertEqual(before.GetImageData().GetDimensions(), after.GetImageData().GetDimensions())
        result = Speckle2Self.Speckle2SelfLogic().process(proxy, model=str(path), device="cpu", frames="current")
        self.assertIsNotNone(result)

    def test_the_samples_are_a_sequence_and_a_volume(self) -> None:
        """Sample Data makes both without a network: a cine with times, and a sweep with a geometry."""
        import SampleData

        registerSampleData()
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
            Speckle2SelfTrainingLogic().train(
                sweep, output=self._folder / "mine", device="cpu", progressCallback=lambda progress: False
            )
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), nodes)
        self.assertEqual(list(self._folder.iterdir()), [])

    def test_wrong_input_is_refused_with_a_sentence(self) -> None:
        """What cannot be trained on raises ValueError and says why."""
        with self.assertRaisesRegex(ValueError, "choose at least one"):
            Speckle2SelfTrainingLogic().train([])

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

    def _segmenting(self) -> Speckle2SelfTrainingLogic:
        from Speckle2SelfLib.bundle.kinds import SEGMENTATION
        from Speckle2SelfLib.bundle.shipped import shipped_models

        if "carotid" not in shipped_models(SEGMENTATION):
            self.skipTest("This installation came without a model for the carotid.")
        return Speckle2SelfTrainingLogic()

    @contextlib.contextmanager
    def _panel(self):
        """Lend a panel that computes on the CPU and saves into this test's folder; the user's choices come back."""
        from Speckle2SelfTrainingLib.desktop.machine import TrainingMachineSettings

        usersDevice, usersFolder = TrainingMachineSettings().device, TrainingMachineSettings().modelsFolder
        panel = Speckle2SelfTrainingWidget()
        try:
            panel.ui.deviceComboBox.currentIndex = panel.ui.deviceComboBox.findData("cpu")
            panel.ui.folderPathLineEdit.currentPath = str(self._folder)
            yield panel
        finally:
            panel.cleanup()
            panel.parent.deleteLater()
            TrainingMachineSettings().device = usersDevice
            TrainingMachineSettings().modelsFolder = str(usersFolder)

    def _waitFor(self, panel: Speckle2SelfTrainingWidget, seconds: float = 600.0) -> None:
        end = time.monotonic() + seconds
        while panel.isRunning and time.monotonic() < end:
            slicer.app.processEvents()
            time.sleep(0.01)
        self.assertFalse(panel.isRunning, f"not done after {seconds} s")

    def _makeVolume(self, frames: int = 6):
        import numpy as np

        speckle = np.random.default_rng(frames).rayleigh(40.0, (frames, 48, 64)).clip(1, 255).astype(np.uint8)
        return slicer.util.addVolumeFromArray(speckle, ijkToRAS=np.diag([-0.2, -0.3, 1.5, 1.0]), name="Sweep")

    def _makeSequence(self, frames: int):
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
