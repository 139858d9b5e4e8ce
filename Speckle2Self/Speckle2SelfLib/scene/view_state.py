"""Slice views as the user has them, to be put back exactly when something else was shown in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .environment import SceneEnvironment
from .modify import one_change
from .view_notes import LAYERS, drop_note, put_back, take_note

# what else of a vtkMRMLSliceCompositeNode decides what a view shows
COMPOSITION = (
    "ForegroundOpacity",
    "LabelOpacity",
    "Compositing",
    "ClipToBackgroundVolume",
    "LinkedControl",
    "HotLinkedControl",
)
NOTED = (*COMPOSITION, "ViewGroup", "SliceToRAS", "FieldOfView", "XYZOrigin", "ViewArrangement")
"""What the note of a scene, which anybody may have written, can set."""


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
    """What one slice view showed, and from where; noted on its nodes, too, for scenes that are saved meanwhile.

    Parameters
    ----------
    view : SliceView
        The view as it is now.
    """

    def __init__(self, view: SliceView) -> None:
        self._view, node = view, view.slice_node
        self._layers = {layer: getattr(view.composite, f"Get{layer}VolumeID")() for layer in LAYERS}
        self._composition = {name: getattr(view.composite, f"Get{name}")() for name in COMPOSITION}
        to_ras = node.GetSliceToRAS()
        # a view whose size changes keeps its height in millimeters (vtkMRMLSliceLogic::ResizeSliceNode), so the field
        # of view holds although the layout gets its old sizes only later
        self._place = {
            "ViewGroup": node.GetViewGroup(),
            "SliceToRAS": [to_ras.GetElement(row, column) for row in range(4) for column in range(4)],
            "FieldOfView": list(node.GetFieldOfView()),
            "XYZOrigin": list(node.GetXYZOrigin()),
        }
        take_note(view.composite, self._composition, self._layers)
        take_note(node, self._place)

    def restore(self, environment: SceneEnvironment) -> None:
        """Put everything back; volumes that have left the scene meanwhile leave their layer empty."""
        node, composite = self._view.slice_node, self._view.composite
        if not environment.holds(node) or not environment.holds(composite):
            return
        with one_change(node, composite):
            put_back(environment, composite, self._composition, self._layers)
            put_back(environment, node, self._place)
            drop_note(composite)
            drop_note(node)


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
            take_note(self._layout, {"ViewArrangement": self._before})
            self._layout.SetViewArrangement(layout)

    def restore(self) -> None:
        """Put views and layout back; a layout that the user has chosen meanwhile stays."""
        if self._layout is not None:
            drop_note(self._layout)
            if self._layout.GetViewArrangement() == self._shown:
                self._layout.SetViewArrangement(self._before)
        for view in self._views:
            view.restore(self._environment)
