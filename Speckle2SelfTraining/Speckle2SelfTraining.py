"""Slicer module that adapts models, segments, measures and compares: what Slicer itself sees of the training library.

Thin on purpose: the scene is handled in Speckle2SelfTrainingLib.scene, Qt in Speckle2SelfTrainingLib.desktop, and
nothing heavy is imported when Slicer loads the module.
"""

import itertools
from pathlib import Path
from typing import Annotated

import slicer
from slicer import vtkMRMLDisplayableNode, vtkMRMLScalarVolumeNode, vtkMRMLSegmentationNode
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleLogic
from Speckle2SelfLib.desktop.choices import FrameAxis, LearnFrames
from Speckle2SelfLib.desktop.job_panel import JobPanel
from Speckle2SelfTrainingLib.desktop.self_test import Speckle2SelfTrainingTest
from Speckle2SelfTrainingLib.segmentation.settings import SegmentSettings

__all__ = [
    "Speckle2SelfTraining",
    "Speckle2SelfTrainingLogic",
    "Speckle2SelfTrainingTest",  # found here by Reload & Test and by slicer.testing.runUnitTest
    "Speckle2SelfTrainingWidget",
]

HOMEPAGE = "https://github.com/Speckle2Self/SlicerSpeckle2Self"
DEFAULTS = SegmentSettings()


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
            "artery, learns from your corrections, and measures it. Compares despeckling with classical filters. For "
            "research, not for diagnosis. "
            'See the <a href="{url}">documentation</a>.'
        ).format(url=HOMEPAGE)
        self.parent.acknowledgementText = _(
            "Method: X. Li, N. Navab, Z. Jiang, Speckle2Self: Self-supervised ultrasound speckle reduction without "
            "clean data, Medical Image Analysis 2025, 103755, "
            '<a href="https://doi.org/10.1016/j.media.2025.103755">doi 10.1016/j.media.2025.103755</a>. '
            "Please cite it when you publish results."
        )
        slicer.app.connect("startupCompleted()", registerSampleData)
        slicer.app.connect("startupCompleted()", watchImportedLayouts)


def registerSampleData() -> None:
    """Offer simulated sweeps in the module Sample Data, once all modules are there."""
    from Speckle2SelfTrainingLib.desktop.sample_data import registerSimulatedSweeps

    registerSimulatedSweeps(Path(__file__).parent / "Resources" / "Icons")


def watchImportedLayouts() -> None:
    """Look after scenes that were saved while our layouts were shown, also before the panel is opened."""
    from Speckle2SelfTrainingLib.desktop.imported_layouts import ImportedLayouts

    ImportedLayouts(slicer.mrmlScene)


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
    compareInput - what despeckling and classical filters are compared on
    compareFrames, compareModel, compareStrengths, compareFilters - on how many frames, with which model (by name, or
        "file"), at which strengths (numbers with spaces between them), and with which filters (names with commas)
    compareTissue, compareLumen - markups ROI or segmentation that says where it is measured; none finds it
    compareFrameAxis - axis of a 3D volume along which its frames lie
    compareKeepImages - whether the compared frames stay in the scene, by every method
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
    compareInput: vtkMRMLScalarVolumeNode
    compareFrames: Annotated[int, WithinRange(1, 50)] = 3
    compareModel: str = "default"
    compareStrengths: str = "0.8"
    compareFilters: str = "nlm,srad,tv,curvature,median"
    compareTissue: vtkMRMLDisplayableNode
    compareLumen: vtkMRMLDisplayableNode
    compareFrameAxis: FrameAxis = FrameAxis.AUTO
    compareKeepImages: bool = False


class Speckle2SelfTrainingWidget(JobPanel):
    """The panel: binds the .ui file to the parameter node and starts or cancels jobs.

    Its own job adapts a despeckling model; segmenting, learning, measuring and comparing are sections of their own.
    """

    partNames = ("CompareFilters",)
    libraries = ("Speckle2SelfLib", "Speckle2SelfTrainingLib")

    @property
    def title(self) -> str:
        """Name of the module, for the titles of messages."""
        return _("Speckle2Self Training")

    def makeLogic(self):
        """Return the logic that the panel's trainings run in."""
        return Speckle2SelfTrainingLogic()

    def setupControls(self) -> None:
        """Fill and connect the controls that belong to this computer, and the buttons."""
        from Speckle2SelfLib.desktop.machine import fillDevices
        from Speckle2SelfLib.desktop.path_line import connectPath
        from Speckle2SelfTrainingLib.desktop.compare_filters_section import CompareFiltersSection
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
        connectPath(self.ui.modelPathLineEdit, self.onModelPathChanged)
        connectPath(self.ui.folderPathLineEdit, self.onFolderChanged)
        self.ui.showCheckBox.connect("toggled(bool)", self.onShowToggled)
        self.ui.segmentModelPathLineEdit.currentPath = self._machine.segmentModelPath
        connectPath(self.ui.segmentModelPathLineEdit, self.onSegmentModelPathChanged)
        self.ui.compareModelPathLineEdit.currentPath = self._machine.compareModelPath
        connectPath(self.ui.compareModelPathLineEdit, self.onCompareModelPathChanged)
        self._sections = [
            SegmentSection(self),
            LearnSection(self),
            MeasureSection(self),
            CompareFiltersSection(self),
        ]
        self.ui.startButton.connect("clicked(bool)", self.onApplyButton)
        self.ui.useModelButton.connect("clicked(bool)", self.onUseModelButton)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.NodeRemovedEvent, self.updatePanel)

    def connectors(self):
        """Return the connectors of the choosers that Slicer knows none for; models are found anew each time."""
        from Speckle2SelfLib.bundle.kinds import SEGMENTATION
        from Speckle2SelfLib.desktop.models import ModelConnector
        from Speckle2SelfTrainingLib.desktop.checked_nodes import CheckedNodesConnector
        from Speckle2SelfTrainingLib.desktop.compare_filters_section import filterCheckBoxes
        from Speckle2SelfTrainingLib.desktop.filter_choice import FilterChoiceConnector, RegionConnector
        from Speckle2SelfTrainingLib.desktop.lumen_segment import LumenSegmentConnector

        self.lumenSegment = LumenSegmentConnector(self.ui.lumenSegmentComboBox)
        return {
            "sweeps": CheckedNodesConnector(self.ui.sweepsSelector),
            "model": ModelConnector(self.ui.modelComboBox),
            "segmentModel": ModelConnector(self.ui.segmentModelComboBox, SEGMENTATION),
            "lumenSegment": self.lumenSegment,
            "compareModel": ModelConnector(self.ui.compareModelComboBox),
            "compareFilters": FilterChoiceConnector(filterCheckBoxes(self.ui)),
            "compareTissue": RegionConnector(self.ui.compareTissueSelector),
            "compareLumen": RegionConnector(self.ui.compareLumenSelector),
        }

    @property
    def machine(self):
        """Settings of this computer."""
        return self._machine

    def chooseInput(self) -> None:
        """Choose the only volume of the scene where none is chosen; of several, the user has to choose."""
        if self.ui.sweepsSelector.nodeCount() != 1:
            return
        parameters, only = self._parameterNode, self.ui.sweepsSelector.nodeFromIndex(0)
        if len(parameters.sweeps) == 0:
            parameters.sweeps = [only]
        parameters.segmentInput = parameters.segmentInput or only
        parameters.compareInput = parameters.compareInput or only

    def watchInput(self, watched: bool) -> None:
        """Notice changes of the images of all chosen sweeps."""
        from Speckle2SelfLib.desktop.input_watch import InputWatch
        from Speckle2SelfTrainingLib.desktop.checked_nodes import presentNodes

        parameters = self._parameterNode if watched else None
        nodes = []
        if parameters is not None:
            chosen = [parameters.validationSweep, parameters.segmentInput, parameters.compareInput]
            nodes = presentNodes([*parameters.sweeps, *chosen])
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

    def onCompareModelPathChanged(self, path: str) -> None:
        """Remember the file of the model that is compared on this computer."""
        self._machine.compareModelPath = path
        self.updatePanel()

    def takeSegmentModel(self, path) -> None:
        """Choose a new segmentation model, so that the next segmentation uses it."""
        from Speckle2SelfTrainingLib.desktop.use_model import chooseSegmentModel

        if self._parameterNode is not None:
            chooseSegmentModel(path, self)
            self._parameterNode.learnName = ""  # the next model gets a name of its own
        if self.isShown:  # else this is done when the user comes back
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
        if self.isShown:  # else this is done when the user comes back
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

    def evaluate(self, inputNode, *, progressCallback=None, **options):
        """Compare despeckling with classical filters on a few frames and return a table; waits until it is done.

        Parameters
        ----------
        inputNode : vtkMRMLNode
            A volume, a sequence of images, its browser, or the proxy that stands for a whole sequence.
        progressCallback : callable or None
            Called with the numbers of finished and of all images; returning False cancels.
        **options
            ``model``, ``strengths`` (numbers from 0 to 1), ``filters`` (names, such as "srad"), ``frames`` (how many,
            or a list of numbers counted from 0), ``tissue`` and ``lumen`` (a markups ROI or a segmentation that says
            where it is measured), ``outputTable``, ``keepImages``, ``device``, ``frameAxis``.

        Raises
        ------
        ValueError
            If something given is wrong; one sentence says what.
        Speckle2SelfLib.errors.Cancelled
            If the callback returned False; the scene is as before.
        """
        return self._door("SceneEvaluator").evaluate(inputNode, progressCallback=progressCallback, **options)

    def startEvaluating(self, inputNode, **options):
        """Start what :meth:`evaluate` does without waiting and return the job."""
        return self._door("SceneEvaluator").start(inputNode, **options)

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
