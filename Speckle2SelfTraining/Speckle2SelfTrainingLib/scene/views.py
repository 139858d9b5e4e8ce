"""A layout with the preview beside each other and the loss below, in views of its own; the user's stay as they are."""

from __future__ import annotations

from typing import Any

from Speckle2SelfLib.scene.environment import SceneEnvironment

from .loss_curve import LossCurve
from .preview import AFTER, BEFORE, Preview

LAYOUT = 50706
"""Number of the layout; Slicer's own and those of other extensions lie elsewhere."""

LAYOUT_WITHOUT_PICTURES = 50707
"""Of the layout with the user's red slice view in place of the preview, where no frame is held out."""

VIEWS = {BEFORE: "Speckle2SelfBefore", AFTER: "Speckle2SelfAfter"}
PLOT_VIEW = "Speckle2SelfLoss"
LABELS = {BEFORE: "Before", AFTER: "After"}
COLORS = {BEFORE: "#8C8C8C", AFTER: "#4CB6D3"}
VIEW_GROUP = 507
"""Links the two views to each other and not to the user's."""


_RED = (
    '<item><view class="vtkMRMLSliceNode" singletontag="Red"><property name="orientation" action="default">Axial'
    '</property><property name="viewlabel" action="default">R</property><property name="viewcolor" action="default">'
    "#F34A33</property></view></item>"
)


class TrainingViews:
    """Shows a training in the layout, and gives the user's layout back.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene; without a layout node, as on ``slicer-core``, nothing is shown.
    pictures : bool
        Whether there will be a preview.
    """

    def __init__(self, environment: SceneEnvironment, pictures: bool = True) -> None:
        self._environment = environment
        self._number = LAYOUT if pictures else LAYOUT_WITHOUT_PICTURES
        self._upper = "".join(_slice_item(which) for which in VIEWS) if pictures else _RED
        self._layout_before: int | None = None
        self._placed: set[str] = set()

    @property
    def shown(self) -> bool:
        """Whether the layout is this one."""
        layout = self._layout()
        return layout is not None and layout.GetViewArrangement() == self._number

    def show(self, curve: LossCurve | None, preview: Preview | None) -> None:
        """Switch to the layout and show what there is."""
        layout = self._layout()
        if layout is None:
            return
        if not layout.IsLayoutDescription(self._number):
            layout.AddLayoutDescription(self._number, _description(self._upper))
        if layout.GetViewArrangement() != self._number:
            self._layout_before = layout.GetViewArrangement()
            self._placed = set()
            layout.SetViewArrangement(self._number)
        self.update(curve, preview)

    def update(self, curve: LossCurve | None, preview: Preview | None) -> None:
        """Show new nodes, if the layout is this one."""
        if not self.shown:
            return
        if curve is not None:
            self._show_chart(curve.chart)
        for which, volume in zip(VIEWS, preview.volumes if preview is not None else (), strict=False):
            self._show_volume(VIEWS[which], volume)

    def hide(self) -> None:
        """Go back to the layout before, unless the user has chosen another one meanwhile."""
        if self.shown and self._layout_before is not None:
            self._layout().SetViewArrangement(self._layout_before)
        self._layout_before = None

    def _layout(self) -> Any:
        return next(self._environment.nodes("vtkMRMLLayoutNode"), None)

    def _show_chart(self, chart: Any) -> None:
        view = self._named("vtkMRMLPlotViewNode", PLOT_VIEW)
        if view is not None and view.GetPlotChartNodeID() != chart.GetID():
            view.SetPlotChartNodeID(chart.GetID())

    def _show_volume(self, layout_name: str, volume: Any) -> None:
        composite = self._named("vtkMRMLSliceCompositeNode", layout_name)
        view = self._named("vtkMRMLSliceNode", layout_name)
        if composite is None or view is None or volume.GetID() in self._placed:
            return
        self._placed.add(volume.GetID())
        composite.SetBackgroundVolumeID(volume.GetID())
        view.RotateToVolumePlane(volume)
        self._fit(view)

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


def _description(slices: str) -> str:
    plot = _view_item("vtkMRMLPlotViewNode", PLOT_VIEW, "Loss", "#C7A76C")
    return (
        '<layout type="vertical" split="true"><item splitSize="600"><layout type="horizontal">'
        f'{slices}</layout></item><item splitSize="400">{plot}</item></layout>'
    )


def _slice_item(which: str) -> str:
    more = f'<property name="orientation" action="default">Axial</property>{_property("viewgroup", VIEW_GROUP)}'
    return f"<item>{_view_item('vtkMRMLSliceNode', VIEWS[which], LABELS[which], COLORS[which], more)}</item>"


def _view_item(class_name: str, name: str, label: str, color: str, more: str = "") -> str:
    properties = _property("viewlabel", label) + _property("viewcolor", color)
    return f'<view class="{class_name}" singletontag="{name}">{more}{properties}</view>'


def _property(name: str, value: object) -> str:
    return f'<property name="{name}" action="default">{value}</property>'
