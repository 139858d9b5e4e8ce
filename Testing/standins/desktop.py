"""Puts the stand-ins in place: after `install()` this process looks like a Slicer desktop to a scripted module.

The scene, its nodes and the Sequences and Volumes logics are the real ones of `slicer-core`. `slicer.app` imitates
Base/QTCore/qSlicerCoreApplication.h (testingEnabled, moduleManager), `slicer.modules` what
Base/Python/slicer/__init__.py fills, and `PythonSlicer` on PATH the launcher that releases bring.
"""

# ruff: noqa: N802, N815 - Slicer's and Qt's own names

from __future__ import annotations

import os
import stat
import sys
import types
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from . import (
    ctk_classes,
    mrml_widgets,
    parameter_node_wrapper,
    pythonqt,
    qt_classes,
    sample_data,
    scripted_module,
    ui_loader,
)

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = ("Speckle2Self", "Speckle2SelfTraining")

_MISSING = object()
_before: list[tuple[Any, str, Any]] = []  # object, attribute and what it was


class Application:
    """`slicer.app`, of a desktop started with `--testing`: message boxes are logged, not shown."""

    applicationName = "Slicer"

    def __init__(self, qt_application: Any) -> None:
        self._qt_application = qt_application
        self.testing = True
        self._modules = SimpleNamespace(connect=lambda *_: True, disconnect=lambda *_: True)
        self._at_startup: list[Any] = []

    def testingEnabled(self) -> bool:
        """Whether the application was started with `--testing`."""
        return self.testing

    def connect(self, signal: str, receiver: Any) -> bool:
        """Call something when the application has started up (Base/QTGUI/qSlicerApplication.h)."""
        assert signal == "startupCompleted()", signal
        self._at_startup.append(receiver)
        return True

    def standin_complete_startup(self) -> None:
        """Emit `startupCompleted()`."""
        for receiver in self._at_startup:
            receiver()

    def processEvents(self) -> None:
        """Let Qt's event loop work through what waits."""
        self._qt_application.processEvents()

    def moduleManager(self) -> Any:
        """Return what loads and unloads modules."""
        return self._modules

    def applicationLogic(self) -> Any:
        """Return the logic that the logics of the modules and of the slice views are found through."""
        import slicer

        return slicer.modules.standin_application_logic

    def layoutManager(self) -> None:
        """Return nothing, as `--no-main-window` does."""

    def topLevelWidgets(self) -> list[Any]:
        """Return no main window."""
        return []


def install(folder: Path) -> Application:
    """Make this process look like a Slicer desktop.

    Parameters
    ----------
    folder : Path
        Temporary folder for settings and for `PythonSlicer`.
    """
    import slicer

    uninstall()
    pythonqt.protect_singletons()
    qt_application = qt_classes.QApplication.instance() or qt_classes.QApplication([])
    qt_classes.QSettings._standin_file = str(folder / "Slicer.ini")
    _add_modules(slicer)
    _add_python_slicer(folder)
    _set(slicer, "app", Application(qt_application))
    _set(slicer, "qMRMLWidget", mrml_widgets.qMRMLWidget)
    _set(slicer, "qMRMLNodeComboBox", mrml_widgets.qMRMLNodeComboBox)
    _set(slicer, "qMRMLCheckableNodeComboBox", mrml_widgets.qMRMLCheckableNodeComboBox)
    _set(slicer.util, "loadUI", ui_loader.load_ui)
    _set(slicer.util, "childWidgetVariables", ui_loader.child_widget_variables)
    modules = {name.lower(): SimpleNamespace(path=str(REPOSITORY / name / f"{name}.py")) for name in MODULES}
    _set(slicer, "modules", SimpleNamespace(**modules))
    _set(slicer, "mrmlScene", None)
    cache = folder / "cache"
    cache.mkdir(exist_ok=True)
    slicer.modules.standin_cache = str(cache)
    new_scene()
    application: Application = slicer.app
    return application


def uninstall() -> None:
    """Undo :func:`install`, for tests that follow in the same process."""
    while _before:
        owner, name, value = _before.pop()
        if value is _MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, value)
    for name in (
        "qt",
        "ctk",
        "slicer.i18n",
        "slicer.ScriptedLoadableModule",
        "slicer.parameterNodeWrapper",
        "SampleData",
    ):
        sys.modules.pop(name, None)


def _set(owner: Any, name: str, value: Any) -> None:
    _before.append((owner, name, getattr(owner, name, _MISSING)))
    setattr(owner, name, value)


def new_scene() -> Any:
    """Give the application a fresh scene, with the logics that the desktop registers in it."""
    import slicer

    scene = slicer.vtkMRMLScene()
    slicer.mrmlScene = scene
    cache_manager = slicer.vtkCacheManager()
    cache_manager.SetRemoteCacheDirectory(slicer.modules.standin_cache)
    scene.SetCacheManager(cache_manager)
    application_logic = slicer.vtkSlicerApplicationLogic()
    application_logic.SetMRMLScene(scene)
    application_logic.GetColorLogic().SetMRMLScene(scene)
    application_logic.GetColorLogic().AddDefaultColorNodes()
    logics = {
        "sequences": slicer.vtkSlicerSequencesLogic(),
        "volumes": slicer.vtkSlicerVolumesLogic(),
        "segmentations": slicer.vtkSlicerSegmentationsModuleLogic(),
    }
    for name, logic in logics.items():
        logic.SetMRMLApplicationLogic(application_logic)
        logic.SetMRMLScene(scene)
        application_logic.SetModuleLogic(name.capitalize(), logic)
        setattr(slicer.modules, name, SimpleNamespace(logic=lambda logic=logic: logic))
    slicer.modules.standin_application_logic = application_logic  # keeps it alive
    return scene


def _add_modules(slicer: Any) -> None:
    i18n = types.ModuleType("slicer.i18n")
    i18n.tr = lambda text: text  # type: ignore[attr-defined]
    i18n.translate = lambda context, text: text  # type: ignore[attr-defined]
    names = {
        "qt": qt_classes,
        "ctk": ctk_classes,
        "slicer.i18n": i18n,
        "slicer.ScriptedLoadableModule": scripted_module,
        "slicer.parameterNodeWrapper": parameter_node_wrapper,
        "SampleData": sample_data,
    }
    sys.modules.update(names)
    for name, module in names.items():
        if name.startswith("slicer."):
            _set(slicer, name.split(".")[1], module)


def _add_python_slicer(folder: Path) -> None:
    if os.name == "nt":
        (folder / "PythonSlicer.bat").write_text(f'@"{sys.executable}" %*\n')
    else:
        launcher = folder / "PythonSlicer"
        launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        launcher.chmod(launcher.stat().st_mode | stat.S_IXUSR)
    if str(folder) not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
