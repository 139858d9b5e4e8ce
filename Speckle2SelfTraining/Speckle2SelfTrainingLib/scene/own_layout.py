"""A layout of our own, with views of its own: the user's stay as they are and are given back."""

from __future__ import annotations

import html
from typing import Any

from Speckle2SelfLib.scene.environment import SceneEnvironment


class OwnLayout:
    """Switches to a layout and back.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene; without a layout node, as on ``slicer-core``, nothing is shown.
    number : int
        Of the layout; Slicer's own and those of other extensions lie elsewhere.
    description : str
        XML as vtkMRMLLayoutNode takes it.
    """

    def __init__(self, environment: SceneEnvironment, number: int, description: str) -> None:
        self._environment, self._number, self._description = environment, number, description
        self._layout_before: int | None = None
        self._placed: set[tuple[str, str]] = set()

    @property
    def shown(self) -> bool:
        """Whether the layout is this one."""
        layout = self._layout()
        return layout is not None and layout.GetViewArrangement() == self._number

    def switch(self) -> bool:
        """Switch to the layout; return False where there is none."""
        layout = self._layout()
        if layout is None:
            return False
        if not layout.IsLayoutDescription(self._number):
            layout.AddLayoutDescription(self._number, self._description)
        elif layout.GetLayoutDescription(self._number) != self._description:
            layout.SetLayoutDescription(self._number, self._description)
        if layout.GetViewArrangement() != self._number:
            self._layout_before = layout.GetViewArrangement()
            self._placed = set()
            layout.SetViewArrangement(self._number)
        return True

    def hide(self) -> None:
        """Go back to the layout before, unless the user has chosen another one meanwhile."""
        if self.shown and self._layout_before is not None:
            self._layout().SetViewArrangement(self._layout_before)
        self._layout_before = None

    def show_chart(self, view_name: str, chart: Any) -> None:
        """Show a chart in a plot view of the layout."""
        view = self._named("vtkMRMLPlotViewNode", view_name)
        if view is not None and view.GetPlotChartNodeID() != chart.GetID():
            view.SetPlotChartNodeID(chart.GetID())

    def show_table(self, view_name: str, table: Any) -> None:
        """Show a table in a table view of the layout."""
        view = self._named("vtkMRMLTableViewNode", view_name)
        if view is not None and view.GetTableNodeID() != table.GetID():
            view.SetTableNodeID(table.GetID())

    def show_volume(self, view_name: str, volume: Any, label: str | None = None) -> None:
        """Show a volume in a slice view of the layout, which turns to its plane once and may get another label."""
        composite = self._named("vtkMRMLSliceCompositeNode", view_name)
        view = self._named("vtkMRMLSliceNode", view_name)
        if composite is None or view is None or (view_name, volume.GetID()) in self._placed:
            return
        self._placed.add((view_name, volume.GetID()))
        if label is not None:
            view.SetLayoutLabel(label)
        composite.SetBackgroundVolumeID(volume.GetID())
        view.RotateToVolumePlane(volume)
        self._fit(view)

    def _layout(self) -> Any:
        return next(self._environment.nodes("vtkMRMLLayoutNode"), None)

    def _fit(self, view: Any) -> None:
        if self._environment.application is None:
            return
        logic = self._environment.application.applicationLogic().GetSliceLogic(view)
        if logic is not None:
            logic.FitSliceToAll()
            logic.SnapSliceOffsetToIJK()

    def _named(self, class_name: str, layout_name: str) -> Any:
        nodes = self._environment.nodes(class_name)
        return next((node for node in nodes if node.GetLayoutName() == layout_name), None)


def slice_item(name: str, label: str, color: str, group: int) -> str:
    """Return a slice view for a layout's description; views of one group move together where they are linked."""
    more = f'<property name="orientation" action="default">Axial</property>{_property("viewgroup", group)}'
    return f"<item>{view_item('vtkMRMLSliceNode', name, label, color, more)}</item>"


def view_item(class_name: str, name: str, label: str, color: str, more: str = "") -> str:
    """Return a view for a layout's description."""
    properties = _property("viewlabel", html.escape(label)) + _property("viewcolor", color)
    return f'<view class="{class_name}" singletontag="{name}">{more}{properties}</view>'


def _property(name: str, value: object) -> str:
    return f'<property name="{name}" action="default">{value}</property>'
