"""Scenes that were saved while a training or a comparison was shown: opened again, they would show empty views."""

from __future__ import annotations

from typing import Any

OUR_LAYOUTS = range(50700, 50800)
"""Numbers of our layouts; a scene holds the number alone, and the layouts are described when they are first needed."""


class ImportedLayouts:
    """Keeps the layout that is shown when a scene comes that asks for one of ours, in which nothing is shown now.

    Parameters
    ----------
    scene : vtkMRMLScene
        Is observed for as long as it exists.
    """

    def __init__(self, scene: Any) -> None:
        self._scene = scene
        self._before: int | None = None
        scene.AddObserver(scene.StartImportEvent, self._onStart)
        scene.AddObserver(scene.EndImportEvent, self._onEnd)

    def _onStart(self, caller: Any, event: Any) -> None:
        layout = self._layout()
        self._before = layout.GetViewArrangement() if layout is not None else None

    def _onEnd(self, caller: Any, event: Any) -> None:
        layout = self._layout()
        if layout is None or self._before is None or self._before in OUR_LAYOUTS:
            return
        if layout.GetViewArrangement() in OUR_LAYOUTS:
            layout.SetViewArrangement(self._before)

    def _layout(self) -> Any:
        return self._scene.GetFirstNodeByClass("vtkMRMLLayoutNode")
