"""How a result is shown: as its input is, so that both can be compared."""

from __future__ import annotations

from typing import Any

from ..settings import DespeckleSettings
from .environment import SceneEnvironment


def keeps_range(settings: DespeckleSettings) -> bool:
    """Say whether results have the intensity range of their input, so that its window and level fit them."""
    return settings.preset == "default" and settings.signal == "bmode" and settings.gamma == 1.0


def show_alike(environment: SceneEnvironment, result: Any, shown: Any, same_range: bool) -> Any:
    """Give a result a display node like that of its input; return it where it is new.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene, which must hold the result.
    result, shown : vtkMRMLVolumeNode
        Result, and volume that shows the input (None where nothing does).
    same_range : bool
        Whether the input's window and level fit the result.
    """
    source = shown.GetDisplayNode() if shown is not None else None
    display = result.GetDisplayNode()
    if display is not None and display.GetClassName() == _class_name(source, display):
        if source is not None:
            _copy(source, display, same_range)
        return None
    if source is None:
        result.CreateDefaultDisplayNodes()
        return result.GetDisplayNode()
    created = environment.scene.AddNewNodeByClass(source.GetClassName())
    # before the volume has it: an automatic window would be found from all its pixels, only to be overwritten
    _copy(source, created, same_range)
    result.SetAndObserveDisplayNodeID(created.GetID())
    return created


def _class_name(source: Any, display: Any) -> str:
    return str((source or display).GetClassName())


def _copy(source: Any, display: Any, same_range: bool) -> None:
    display.CopyContent(source)
    if not source.IsA("vtkMRMLScalarVolumeDisplayNode"):
        return
    if same_range:
        # fixed even where the input's are automatic: both sides of a comparison need the same gray scale
        display.SetAutoWindowLevel(False)
        display.SetWindowLevel(source.GetWindow(), source.GetLevel())
    else:
        display.SetAutoWindowLevel(True)
