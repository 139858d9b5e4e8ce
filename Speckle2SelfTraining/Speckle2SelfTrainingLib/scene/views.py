"""A layout with the preview beside each other and the loss below, in views of its own; the user's stay as they are."""

from __future__ import annotations

from Speckle2SelfLib.scene.environment import SceneEnvironment
from Speckle2SelfLib.scene.translation import tr as _

from .loss_curve import LossCurve
from .own_layout import OwnLayout, slice_item, view_item
from .preview import AFTER, BEFORE, Preview

LAYOUT = 50706
"""Number of the layout; Slicer's own and those of other extensions lie elsewhere."""

LAYOUT_WITHOUT_PICTURES = 50707
"""Of the layout with the user's red slice view in place of the preview, where no frame is held out."""

VIEWS = {BEFORE: "Speckle2SelfBefore", AFTER: "Speckle2SelfAfter"}
PLOT_VIEW = "Speckle2SelfLoss"
COLORS = {BEFORE: "#8C8C8C", AFTER: "#4CB6D3"}
VIEW_GROUP = 507
"""Links the two views to each other and not to the user's."""


_RED = (
    '<item><view class="vtkMRMLSliceNode" singletontag="Red"><property name="orientation" action="default">Axial'
    '</property><property name="viewlabel" action="default">R</property><property name="viewcolor" action="default">'
    "#F34A33</property></view></item>"
)


class TrainingViews(OwnLayout):
    """Shows a training in the layout, and gives the user's layout back.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    pictures : bool
        Whether there will be a preview.
    """

    def __init__(self, environment: SceneEnvironment, pictures: bool = True) -> None:
        upper = "".join(_slice(which) for which in VIEWS) if pictures else _RED
        super().__init__(environment, LAYOUT if pictures else LAYOUT_WITHOUT_PICTURES, _description(upper))

    def show(self, curve: LossCurve | None, preview: Preview | None) -> None:
        """Switch to the layout and show what there is."""
        if self.switch():
            self.update(curve, preview)

    def update(self, curve: LossCurve | None, preview: Preview | None) -> None:
        """Show new nodes, if the layout is this one."""
        if not self.shown:
            return
        if curve is not None:
            self.show_chart(PLOT_VIEW, curve.chart)
        for which, volume in zip(VIEWS, preview.volumes if preview is not None else (), strict=False):
            self.show_volume(VIEWS[which], volume)


def _description(slices: str) -> str:
    plot = view_item("vtkMRMLPlotViewNode", PLOT_VIEW, _("Loss"), "#C7A76C")
    return (
        '<layout type="vertical" split="true"><item splitSize="600"><layout type="horizontal">'
        f'{slices}</layout></item><item splitSize="400">{plot}</item></layout>'
    )


def _slice(which: str) -> str:
    labels = {BEFORE: _("Before"), AFTER: _("After")}
    return slice_item(VIEWS[which], labels[which], COLORS[which], VIEW_GROUP)
