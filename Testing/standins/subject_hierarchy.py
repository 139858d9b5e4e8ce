"""Stand-in for the plugins of Slicer's subject hierarchy: a scripted plugin is loaded, registered and asked.

Imitates Modules/Loadable/SubjectHierarchy/Widgets of Slicer's sources: qSlicerSubjectHierarchyScriptedPlugin
(setPythonSource loads the file as a module of its own and makes the class of the file's name),
qSlicerSubjectHierarchyPluginHandler (singleton; a name is registered once; the current item) and
AbstractScriptedSubjectHierarchyPlugin.py. Items are those of the real subject hierarchy node.
"""

# ruff: noqa: N801, N802, N803 - Slicer's own names

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

import slicer

from . import qt_classes


class qSlicerSubjectHierarchyPluginHandler:
    """Knows the plugins and the item that the user clicked."""

    _instance: qSlicerSubjectHierarchyPluginHandler | None = None

    def __init__(self) -> None:
        self.standin_opened: list[str] = []  # modules that were switched to
        self._plugins: dict[str, Any] = {"Default": types.SimpleNamespace(switchToModule=self.standin_opened.append)}
        self._item = 0

    @staticmethod
    def instance() -> qSlicerSubjectHierarchyPluginHandler:
        """Return the only handler."""
        handler = qSlicerSubjectHierarchyPluginHandler
        handler._instance = handler._instance or handler()
        return handler._instance

    def registerPlugin(self, plugin: Any) -> bool:
        """Add a plugin, unless one of its name is there."""
        assert plugin.name, "SubjectHierarchy plugin cannot be registered with empty name"
        if plugin.name in self._plugins:
            return False
        self._plugins[plugin.name] = plugin
        return True

    def pluginByName(self, name: str) -> Any:
        """Return a plugin, None where there is none."""
        return self._plugins.get(name)

    def currentItem(self) -> int:
        """Return the item that the user clicked."""
        return self._item

    def setCurrentItem(self, itemID: int) -> None:
        """Click an item."""
        self._item = itemID


class qSlicerSubjectHierarchyScriptedPlugin(qt_classes.QWidget):
    """Adapter of a plugin that is written in Python; a widget here, so that it can own actions."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._self: Any = None

    def setPythonSource(self, filePath: str) -> bool:
        """Load the file and make the class that is named as the file is."""
        name = Path(filePath).stem
        spec = importlib.util.spec_from_file_location(name, filePath)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        self._self = getattr(module, name)(self)
        return True

    def self(self) -> Any:
        """Return the object of the class in Python."""
        return self._self


class AbstractScriptedSubjectHierarchyPlugin:
    """Base class of plugins in Python: registers itself."""

    def __init__(self, scriptedPlugin: Any) -> None:
        self.scriptedPlugin = scriptedPlugin
        slicer.qSlicerSubjectHierarchyPluginHandler.instance().registerPlugin(scriptedPlugin)


def modules() -> dict[str, types.ModuleType]:
    """Return what Python finds on the path of the desktop."""
    base = types.ModuleType("AbstractScriptedSubjectHierarchyPlugin")
    base.AbstractScriptedSubjectHierarchyPlugin = AbstractScriptedSubjectHierarchyPlugin  # type: ignore[attr-defined]
    return {base.__name__: base, "SubjectHierarchyPlugins": types.ModuleType("SubjectHierarchyPlugins")}
