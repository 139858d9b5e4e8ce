"""Slice views as the user has them, to be put back exactly when something else was shown in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vtkmodules.vtkCommonMath import vtkMatrix4x4

from .environment import SceneEnvironment
from .modify import one_change

LAYERS = ("Background", "Foreground", "Label")
# what else of a vtkMRMLSliceCompositeNode decides what a view shows
COMPOSITION = (
    "ForegroundOpacity",
    "LabelOpacity",
    "Compositing",
    "ClipToBackgroundVolume",
    "LinkedControl",
    "HotLinkedControl",
)


@dataclass(frozen=True)
class SliceView:
    """One slice view of the layout.

    Parameters
    ----------
    slice_node : vtkMRMLSliceNode
        Where it looks.
    composite : vtkMRMLSliceCompositeNode
        What it shows.
    """

    slice_node: Any
    composite: Any


def find_view(environment: SceneEnvironment, name: str) -> SliceView | None:
    """Return the slice view of a name ("Red"), or None where there is no such view."""
    slice_node = environment.scene.GetSingletonNode(name, "vtkMRMLSliceNode")
    composite = environment.scene.GetSingletonNode(name, "vtkMRMLSliceCompositeNode")
    return SliceView(slice_node, composite) if slice_node is not None and composite is not None else None


class SavedView:
    """What one slice view showed, and from where.

    Parameters
    ----------
    view : SliceView
        The view as it is now.
    """

    def __init__(self, view: SliceView) -> None:
        self._view, node = view, view.slice_node
        self._layers = {layer: getattr(view.composite, f"Get{layer}VolumeID")() for layer in LAYERS}
        self._composition = {name: getattr(view.composite, f"Get{name}")() for name in COMPOSITION}
        self._slice_to_ras = vtkMatrix4x4()
        self._slice_to_ras.DeepCopy(node.GetSliceToRAS())
        self._field_of_view, self._origin = tuple(node.GetFieldOfView()), tuple(node.GetXYZOrigin())
        self._group = node.GetViewGroup()

    def restore(self, environment: SceneEnvironment) -> None:
        """Put everything back; volumes that have left the scene meanwhile leave their layer empty."""
        node, composite = self._view.slice_node, self._view.composite
        if not environment.holds(node) or not environment.holds(composite):
            return
        with one_change(node, composite):
            for layer, volume in self._layers.items():
                known = volume is not None and environment.scene.GetNodeByID(volume) is not None
                getattr(composite, f"Set{layer}VolumeID")(volume if known else None)
            for name, value in self._composition.items():
                getattr(composite, f"Set{name}")(value)
            node.SetViewGroup(self._group)
            node.GetSliceToRAS().DeepCopy(self._slice_to_ras)
            # a view whose size changes keeps its height in millimeters (vtkMRMLSliceLogic::ResizeSliceNode), so this
            # holds although the layout gets its old sizes only later
            node.SetFieldOfView(*self._field_of_view)
            node.SetXYZOrigin(*self._origin)
            node.UpdateMatrices()


class SavedViews:
    """The layout and some of its slice views.

    Parameters
    ----------
    environment : SceneEnvironment
    views : list of SliceView
    """

    def __init__(self, environment: SceneEnvironment, views: list[SliceView]) -> None:
        self._environment = environment
        self._views = [SavedView(view) for view in views]
        self._layout = environment.scene.GetFirstNodeByClass("vtkMRMLLayoutNode")
        self._before = self._shown = self._layout.GetViewArrangement() if self._layout is not None else None

    def arrange(self, layout: int) -> None:
        """Show another layout."""
        if self._layout is not None:
            self._shown = layout
            self._layout.SetViewArrangement(layout)

    def restore(self) -> None:
        """Put views and layout back; a layout that the user has chosen meanwhile stays."""
        if self._layout is not None and self._layout.GetViewArrangement() == self._shown:
            self._layout.SetViewArrangement(self._before)
        for view in self._views:
            view.restore(self._environment)
