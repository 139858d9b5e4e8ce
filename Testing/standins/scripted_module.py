"""Stand-in for `slicer.ScriptedLoadableModule`: the base classes of scripted modules.

Imitates Base/Python/slicer/ScriptedLoadableModule.py of Slicer's sources: names found by cutting the class suffix, a
singleton parameter node, tests run one after the other by `runTest`.
"""

# ruff: noqa: N802, N803 - Slicer's and Qt's own names

from __future__ import annotations

import os
import unittest
from typing import Any

import slicer

from . import mrml_widgets, qt_classes


class ScriptedLoadableModule:
    """Describes a module to the application."""

    def __init__(self, parent: Any) -> None:
        super().__init__()
        self.parent = parent
        self.moduleName = type(self).__name__
        icon = os.path.join(os.path.dirname(parent.path), "Resources/Icons", f"{self.moduleName}.png")
        if os.path.isfile(icon):
            parent.icon = qt_classes.QIcon(icon)


class ScriptedLoadableModuleWidget:
    """The panel of a module."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Widget")
        self.developerMode = False
        self.parent = parent or _panel_parent()
        self.layout = self.parent.layout()
        if not parent:
            self.setup()
            self.parent.show()

    def resourcePath(self, filename: str) -> str:
        """Return the path of a file in the module's Resources folder."""
        return os.path.join(os.path.dirname(slicer.util.modulePath(self.moduleName)), "Resources", filename)

    def setup(self) -> None:
        """Build the panel; overridden."""

    def cleanup(self) -> None:
        """Free what the panel holds; overridden."""

    def onReload(self) -> None:
        """Load the module's code again."""
        slicer.util.reloadScriptedModule(self.moduleName)


class ScriptedLoadableModuleLogic:
    """What a module computes, without its panel."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Logic")

    def getParameterNode(self) -> Any:
        """Return the module's one parameter node of the scene, made if needed."""
        node = slicer.mrmlScene.GetSingletonNode(self.moduleName, "vtkMRMLScriptedModuleNode")
        if node is None:
            node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
            node.UnRegister(None)
            node.SetSingletonTag(self.moduleName)
            node.SetName(slicer.mrmlScene.GenerateUniqueName(self.moduleName))
            node = slicer.mrmlScene.AddNode(node)
        node.SetAttribute("ModuleName", self.moduleName)
        return node


class ScriptedLoadableModuleTest(unittest.TestCase):
    """A module's self test."""

    def delayDisplay(self, message: str, requestedDelay: Any = None, msec: Any = None) -> None:
        """Tell the tester what is going on."""
        slicer.app.processEvents()


def _panel_parent() -> Any:
    parent = mrml_widgets.qMRMLWidget()
    qt_classes.QVBoxLayout(parent)
    parent.setMRMLScene(slicer.mrmlScene)
    return parent


__all__ = [
    "ScriptedLoadableModule",
    "ScriptedLoadableModuleLogic",
    "ScriptedLoadableModuleTest",
    "ScriptedLoadableModuleWidget",
]
