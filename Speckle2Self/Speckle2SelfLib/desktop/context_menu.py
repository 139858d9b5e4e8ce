"""Adds "Despeckle..." to the context menus of Slicer's subject hierarchy."""

from __future__ import annotations

from pathlib import Path

import slicer

PLUGIN = Path(__file__).with_name("Speckle2SelfSubjectHierarchyPlugin.py")


def registerContextMenu() -> None:
    """Register the plugin, in the way of Slicer's Segment Editor; does nothing in an application without the API."""
    if not hasattr(slicer, "qSlicerSubjectHierarchyScriptedPlugin"):
        return
    import SubjectHierarchyPlugins  # noqa: F401 - makes the plugins' base class importable

    scriptedPlugin = slicer.qSlicerSubjectHierarchyScriptedPlugin(None)
    scriptedPlugin.setPythonSource(str(PLUGIN))
