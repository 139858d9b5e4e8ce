"""What the panels of the modules have in common: parameters of the scene, and one job that is started or cancelled."""

from __future__ import annotations

import sys
from typing import Any

import slicer
import vtk
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleWidget
from slicer.util import VTKObservationMixin

# here, not where it is needed: a reload of the other module must not bring a second class of this name
from ..errors import Cancelled, WorkerBusyError
from .panel_part import PanelPart


class JobPanel(ScriptedLoadableModuleWidget, VTKObservationMixin):  # type: ignore[misc]
    """Binds a .ui file to a parameter node and runs one job at a time.

    Subclasses make the logic and say what their controls mean, in the methods that raise NotImplementedError. A panel
    for several kinds of jobs has a :class:`~.job_section.JobSection` for each further one.
    """

    libraries: tuple[str, ...] = ("Speckle2SelfLib",)
    """Packages that "Reload" loads again together with the module."""

    partNames: tuple[str, ...] = ()
    """Parts with .ui files of their own: LivePreview.ui is loaded into the widget livePreviewPart."""

    def __init__(self, parent: Any = None) -> None:
        self.logic: Any = None
        self._parameterNode: Any = None
        self._guiTags: list[int] = []
        self._job: Any = None
        self._section: Any = self  # whose job runs, or ran last
        self._parts: list[PanelPart] = []
        # last, as it calls setup() where there is no parent; it also initializes VTKObservationMixin, the next in line
        ScriptedLoadableModuleWidget.__init__(self, parent)

    @property
    def title(self) -> str:
        """Name of the module as the user knows it, for the titles of messages."""
        raise NotImplementedError

    def makeLogic(self) -> Any:
        """Return the module's logic."""
        raise NotImplementedError

    def setupControls(self) -> None:
        """Fill and connect the controls that no parameter is bound to; runs once, before any parameter is bound."""
        raise NotImplementedError

    def connectors(self) -> dict[str, Any]:
        """Return connectors for the parameters that the .ui file does not bind."""
        raise NotImplementedError

    def makeParts(self) -> list[PanelPart]:
        """Return the parts of :attr:`partNames`, whose widgets are in ``ui`` by now."""
        return []

    def chooseInput(self) -> None:
        """Make a first guess where the parameters name no input."""
        raise NotImplementedError

    def startJob(self) -> Any:
        """Start a job and return it, or None if the user declined."""
        raise NotImplementedError

    def showFinished(self, job: Any, result: Any) -> str:
        """Take a result over and return what to tell the user."""
        raise NotImplementedError

    def showProgress(self) -> None:
        """Show how far the job is; called often, also without a job."""
        raise NotImplementedError

    def showIdle(self, message: str) -> None:
        """Show that no job runs, and what came of the last one."""
        raise NotImplementedError

    def showState(self) -> None:
        """Show what the choices mean; called after every change."""
        raise NotImplementedError

    @property
    def progressBar(self) -> Any:
        """The bar that shows the progress of the panel's own job."""
        return self.ui.progressBar

    def watchInput(self, watched: bool) -> None:
        """Begin or end to notice changes of the chosen input's image, which no parameter tells."""

    def setup(self) -> None:
        """Build the panel, when the user opens the module for the first time."""
        from .job_timer import JobTimer
        from .plain_text import showLabelsPlain
        from .wheel_folder import connectWheelFolder

        ScriptedLoadableModuleWidget.setup(self)
        uiWidget = slicer.util.loadUI(self.resourcePath(f"UI/{self.moduleName}.ui"))
        self.layout.addWidget(uiWidget)
        self._loadParts(uiWidget)
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        uiWidget.setMRMLScene(slicer.mrmlScene)
        showLabelsPlain(uiWidget)

        self.logic = self.makeLogic()
        self._timer = JobTimer(self._refresh)
        self.ui.progressBar.visible = False
        connectWheelFolder(self.ui.wheelFolderPathLineEdit)
        self.setupControls()
        self._parts = self.makeParts()
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndImportEvent, self.onSceneEndImport)
        self.initializeParameterNode()

    def cleanup(self) -> None:
        """Cancel what runs, when the application closes or the module is reloaded.

        The worker process stays for other modules; it ends with the application, however that ends.
        """
        self.cancelJob()
        for part in self._parts:
            part.cleanup()
        self.setParameterNode(None)
        self.removeObservers()

    def onReload(self) -> None:
        """Reload the libraries together with the module.

        The worker ends, unless a job of the other module has it: the libraries that come bring a fresh one.
        """
        from .worker_check import endIdleWorker

        self.cancelJob()
        for part in self._parts:
            part.cleanup()
        endIdleWorker()
        for name in [name for name in sys.modules if name.partition(".")[0] in self.libraries]:
            del sys.modules[name]
        ScriptedLoadableModuleWidget.onReload(self)

    def enter(self) -> None:
        """Show the scene's parameters, each time the user opens the module."""
        self._showMachine()
        self.initializeParameterNode()
        for part in self._parts:
            part.enter()

    def exit(self) -> None:
        """Let go of the parameters, each time the user opens another module; a running job goes on."""
        for part in self._parts:
            part.exit()
        self._disconnectGui()

    @property
    def job(self) -> Any:
        """The job that is under way, or None."""
        return self._job

    @property
    def parameters(self) -> Any:
        """The parameters that the panel shows, None where it shows none."""
        return self._parameterNode

    @property
    def isShown(self) -> bool:
        """Whether the user sees the panel: not while another module is shown, where a job may end."""
        return bool(self._guiTags)

    @property
    def isRunning(self) -> bool:
        """Whether a job is under way."""
        return self._job is not None

    def onSceneStartClose(self, caller: Any, event: Any) -> None:
        """Stop what runs: its nodes are about to go. What was said of an earlier job goes with them."""
        if not self.runs(self):
            self.showIdle("")
        self.cancelJob()
        for part in self._parts:
            part.clear()
        self.setParameterNode(None)

    def onSceneEndClose(self, caller: Any, event: Any) -> None:
        """Start over in the empty scene, if the panel is shown."""
        # a panel that was made without a parent, as self tests make it, lies in a widget that is never entered
        if getattr(self.parent, "isEntered", False):
            self.initializeParameterNode()

    def onSceneEndImport(self, caller: Any, event: Any) -> None:
        """Show what a loaded scene brought: its nodes came after the parameters that name them."""
        if self.isShown:
            self.initializeParameterNode()

    def initializeParameterNode(self) -> None:
        """Bind the panel to the scene's parameter node, with a first guess of the input."""
        self.setParameterNode(self.logic.getParameterNode())
        self.chooseInput()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Bind the panel to a parameter node, or to none."""
        self._disconnectGui()
        self._parameterNode = parameterNode
        if parameterNode is None:
            return
        self._guiTags = [
            parameterNode.connectGui(self.ui),
            parameterNode.connectParametersToGui(self.connectors()),
        ]
        self.addObserver(parameterNode, vtk.vtkCommand.ModifiedEvent, self.updatePanel)
        self.updatePanel()

    def updatePanel(self, caller: Any = None, event: Any = None) -> None:
        """Show what the choices mean, if there are any."""
        if self._parameterNode is not None:
            self.watchInput(self.isShown)
            self.showState()
            for part in self._parts:
                part.showState()

    def onApplyButton(self, checked: bool = False) -> None:
        """Start the panel's own job, or cancel the one that runs."""
        self.toggleJob(self)

    def toggleJob(self, section: Any) -> None:
        """Start the job of a section (the panel itself is one), or cancel the one that runs."""
        if self.isRunning:
            self.cancelJob()
            return
        self._section = section
        try:
            self._job = section.startJob()
        except Exception as error:  # whatever it is, the user must hear of it and the button must work again
            self.onJobError(error)
            return
        if self._job is not None:
            section.progressBar.visible = True
            section.showProgress()
            self.updatePanel()
            self._timer.watch(self._job)

    def runs(self, section: Any) -> bool:
        """Say whether the job of a section is under way."""
        return self.isRunning and self._section is section

    def onJobProgress(self, *_progress: Any) -> None:
        """Show how far the job is."""
        self._refresh()

    def onJobFinished(self, result: Any) -> None:
        """Show the result, and what the user should know of it."""
        job, self._job = self._job, None
        self._showIdle(" ".join([self._section.showFinished(job, result), *job.notes]))

    def onJobError(self, error: Exception) -> None:
        """Tell the user what went wrong, that the job was cancelled, or that it has to wait for another panel's."""
        self._job = None
        self._showIdle(str(error))
        if not isinstance(error, (Cancelled, WorkerBusyError)):
            # the worker's or the installer's last lines, behind "Show Details"
            from .plain_text import plain

            details = {"detailedText": notes} if (notes := "\n".join(getattr(error, "__notes__", []))) else {}
            slicer.util.errorDisplay(plain(error), windowTitle=self.title, **details)

    def cancelJob(self) -> None:
        """Cancel the job that runs, if any; it calls :meth:`onJobError` with what happened."""
        if self._job is not None:
            self._timer.stop()
            self._job.cancel()

    def _loadParts(self, uiWidget: Any) -> None:
        for name in self.partNames:
            place = getattr(slicer.util.childWidgetVariables(uiWidget), f"{name[0].lower()}{name[1:]}Part")
            part = slicer.util.loadUI(self.resourcePath(f"UI/{name}.ui"))
            place.layout().addWidget(part)
            part.setMRMLScene(slicer.mrmlScene)

    def _showMachine(self) -> None:
        """Show the settings of this computer that both panels have: the other one may have changed them."""
        from .machine import MachineSettings, chooseDevice
        from .wheel_folder import showWheelFolder

        chooseDevice(self.ui.deviceComboBox, MachineSettings().device)
        showWheelFolder(self.ui.wheelFolderPathLineEdit)

    def _refresh(self) -> None:
        self._section.showProgress()

    def _showIdle(self, message: str) -> None:
        self._section.progressBar.visible = False
        self._section.showIdle(message)
        self.updatePanel()

    def _disconnectGui(self) -> None:
        self.watchInput(False)
        if self._parameterNode is None:
            return
        for tag in self._guiTags:
            self._parameterNode.disconnectGui(tag)
        self._guiTags = []
        if self.hasObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self.updatePanel):
            self.removeObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self.updatePanel)
