"""Scenes that were saved while a comparison or a live preview was shown: opened again, the views are as before it."""

from __future__ import annotations

from typing import Any


def watchImportedViews(scene: Any) -> None:
    """Look after the views of all scenes that come, whether the panel is open or not.

    Parameters
    ----------
    scene : vtkMRMLScene
        Is observed for as long as it exists.
    """

    def onEnd(caller: Any, event: Any) -> None:
        from ..scene.environment import current_environment
        from ..scene.view_notes import put_back_as_noted

        put_back_as_noted(current_environment())

    scene.AddObserver(scene.EndImportEvent, onEnd)
