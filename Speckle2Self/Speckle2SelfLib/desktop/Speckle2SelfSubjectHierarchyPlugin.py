"""Plugin for Slicer's subject hierarchy: "Despeckle..." in the context menu of volumes.

Slicer loads this file itself, as a module of this name and of its own, and finds the class by the file's name.
"""

from __future__ import annotations

from typing import Any

import qt
import slicer
from AbstractScriptedSubjectHierarchyPlugin import AbstractScriptedSubjectHierarchyPlugin
from slicer.i18n import tr as _

# subclasses of scalar volumes whose values are no gray levels
NOT_IMAGES = ("vtkMRMLLabelMapVolumeNode", "vtkMRMLDiffusionImageVolumeNode", "vtkMRMLDiffusionWeightedVolumeNode")


class Speckle2SelfSubjectHierarchyPlugin(AbstractScriptedSubjectHierarchyPlugin):  # type: ignore[misc]
    """Opens the module with a volume, or with the proxy of a sequence, as its input; owns no items."""

    filePath = __file__

    def __init__(self, scriptedPlugin: Any) -> None:
        scriptedPlugin.name = "Speckle2Self"
        AbstractScriptedSubjectHierarchyPlugin.__init__(self, scriptedPlugin)
        self.despeckleAction = qt.QAction(_("Despeckle..."), scriptedPlugin)
        self.despeckleAction.objectName = "DespeckleAction"
        self.despeckleAction.toolTip = _("Open the module Speckle2Self with this image as input.")
        self.despeckleAction.connect("triggered()", self.onDespeckle)

    def itemContextMenuActions(self) -> list[Any]:
        """Return the actions of the menu; Slicer hides them before it asks which apply."""
        return [self.despeckleAction]

    def showContextMenuActionsForItem(self, itemID: int) -> None:
        """Show the action if the item is an image."""
        self.despeckleAction.visible = _isImage(_nodeOf(itemID))

    def onDespeckle(self) -> None:
        """Open the module; what is chosen there as output belongs to another input, so a new one is created."""
        handler = slicer.qSlicerSubjectHierarchyPluginHandler.instance()
        node = _nodeOf(handler.currentItem())
        if not _isImage(node):
            return
        handler.pluginByName("Default").switchToModule("Speckle2Self")
        parameters = slicer.modules.speckle2self.widgetRepresentation().self().parameters
        if parameters.inputVolume is not node:
            parameters.outputVolume = None
            parameters.inputVolume = node


def _nodeOf(itemID: int) -> Any:
    return slicer.mrmlScene.GetSubjectHierarchyNode().GetItemDataNode(itemID) if itemID else None


def _isImage(node: Any) -> bool:
    return node is not None and node.IsA("vtkMRMLScalarVolumeNode") and not any(map(node.IsA, NOT_IMAGES))
