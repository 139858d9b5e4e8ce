"""Input and result side by side in two linked slice views, which are put back as they were."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import numpy as np

from .environment import SceneEnvironment
from .geometry import frame_axis, ijk_to_ras, ijk_to_world, matrix_array
from .modify import one_change
from .names import difference_name
from .overlays import Curtain, Difference, Overlay
from .view_state import SavedViews, SliceView, find_view

VIEWS = ("Red", "Yellow")  # left and right of the layout "side by side"
VIEW_GROUP = 2055  # of these two views only: linking moves all views of a group
WELL_ALIGNED = 0.8
ORIENTATIONS = ("Axial", "Sagittal", "Coronal")


class Style(Enum):
    """What the right view shows; the left one shows the input."""

    RESULT = "result"
    FADE = "fade"
    SWIPE = "swipe"
    DIFFERENCE = "difference"


def can_compare(environment: SceneEnvironment) -> bool:
    """Say whether there are slice views to compare in."""
    return all(find_view(environment, name) is not None for name in VIEWS)


class Comparison:
    """Shows input and result until it is closed.

    Parameters
    ----------
    environment : SceneEnvironment
        Must hold the two slice views, see :func:`can_compare`.
    source, result : vtkMRMLVolumeNode
        Volumes, or the proxies through which sequences are browsed.
    ended : callable
        Called when input or result have left the scene, or another scene comes; the views have been put back.
    """

    def __init__(self, environment: SceneEnvironment, source: Any, result: Any, ended: Callable[[], None]) -> None:
        self._environment, self.source, self.result, self._ended = environment, source, result, ended
        self._views = [view for name in VIEWS if (view := find_view(environment, name)) is not None]
        self._saved: SavedViews | None = SavedViews(environment, self._views)
        self._overlay: Overlay | None = None
        self._asked = (Style.RESULT, 1.0)
        self._tags: list[tuple[Any, int]] = []
        self._observe()
        self._arrange()

    @property
    def is_open(self) -> bool:
        """Whether the views show the comparison."""
        return self._saved is not None

    @property
    def limit(self) -> float | None:
        """Difference in gray levels that is shown in full color, where the difference is shown."""
        return self._overlay.limit if isinstance(self._overlay, Difference) else None

    def show(self, style: Style, share: float) -> None:
        """Show something in the right view.

        Parameters
        ----------
        style : Style
        share : float
            How much of the result is seen where it lies over the input, 0 to 1.
        """
        self._asked, composite = (style, share), self._views[1].composite
        self._make_overlay(style)
        if isinstance(self._overlay, Curtain):
            self._overlay.draw(share, self._left_to_right())
        elif self._overlay is not None:
            self._overlay.refresh()
        source, result = self.source.GetID(), self.result.GetID()
        over = {Style.FADE: result, Style.SWIPE: self._overlay_id()}.get(style)
        under = {Style.RESULT: result, Style.DIFFERENCE: self._overlay_id()}.get(style, source)
        with one_change(composite):
            composite.SetBackgroundVolumeID(under)
            composite.SetForegroundVolumeID(over)
            composite.SetForegroundOpacity(share if style is Style.FADE else 1.0)

    def close(self) -> None:
        """Put the views back."""
        saved, self._saved = self._saved, None
        for node, tag in self._tags:
            node.RemoveObserver(tag)
        self._tags = []
        if saved is not None:
            saved.restore()
        self._drop_overlay()

    def _observe(self) -> None:
        event = self.source.ImageDataModifiedEvent
        for node in (self.source, self.result):
            self._tags.append((node, node.AddObserver(event, self._on_image)))
        scene = self._environment.scene
        self._tags.append((scene, scene.AddObserver(scene.NodeRemovedEvent, self._on_node_removed)))
        self._tags.append((scene, scene.AddObserver(scene.StartImportEvent, self._on_import)))

    def _on_image(self, caller: Any, event: Any) -> None:
        if self._overlay is not None:
            self.show(*self._asked)

    def _on_node_removed(self, caller: Any, event: Any) -> None:
        if self.is_open and not all(self._environment.holds(node) for node in (self.source, self.result)):
            self.close()
            self._ended()

    def _on_import(self, caller: Any, event: Any) -> None:
        """Leave the views to a scene that comes, which may bring its own."""
        if self.is_open:
            self.close()
            self._ended()

    def _make_overlay(self, style: Style) -> None:
        kind = {Style.SWIPE: Curtain, Style.DIFFERENCE: Difference}.get(style)
        if kind is not None and type(self._overlay) is kind:
            return
        self._drop_overlay()
        if kind is Curtain:
            self._overlay = Curtain(self._environment, self.source, self.result, self.result.GetName())
        elif kind is Difference:
            name = difference_name(self.source.GetName())
            self._overlay = Difference(self._environment, self.source, self.result, name)

    def _drop_overlay(self) -> None:
        overlay, self._overlay = self._overlay, None
        if overlay is not None:
            overlay.close()

    def _overlay_id(self) -> str | None:
        overlay = self._overlay
        return overlay.volume.GetID() if overlay is not None and overlay.is_visible else None

    def _arrange(self) -> None:
        assert self._saved is not None
        left, right = self._views
        layout = self._environment.scene.GetFirstNodeByClass("vtkMRMLLayoutNode")
        for view, volume in ((left, self.source), (right, self.result)):
            with one_change(view.composite):
                view.composite.SetBackgroundVolumeID(volume.GetID())
                view.composite.SetForegroundVolumeID(None)
                view.composite.SetCompositing(view.composite.Alpha)
                view.composite.SetLinkedControl(True)
                view.composite.SetHotLinkedControl(True)
            view.slice_node.SetViewGroup(VIEW_GROUP)
        if layout is not None:
            self._saved.arrange(layout.SlicerLayoutSideBySideView)
        self._environment.idle(wait=False)  # the views get their new sizes, which fitting needs
        self._look_at_frames(left)
        _look_alike(left.slice_node, right.slice_node)

    def _look_at_frames(self, view: SliceView) -> None:
        """Let a view look at the frames, from where the user did if that was along their axis."""
        image = self.source.GetImageData()
        axis = frame_axis(image.GetDimensions(), None) if image is not None else 2
        normal = ijk_to_world(self.source)[:3, axis]
        if _alignment(view.slice_node, normal) < WELL_ALIGNED:
            view.slice_node.SetOrientation(max(ORIENTATIONS, key=lambda name: _preset_alignment(view, name, normal)))
            view.slice_node.RotateToVolumePlane(self.source)
        logic = self._environment.slice_logic(view.slice_node)
        if logic is not None:
            logic.FitSliceToBackground()

    def _left_to_right(self) -> list[float]:
        """Return the direction from left to right in the right view, in the result's own space, not in the world."""
        to_ras = self._views[1].slice_node.GetSliceToRAS()
        direction = np.array([to_ras.GetElement(row, 0) for row in range(3)])
        own, world = matrix_array(ijk_to_ras(self.result))[:3, :3], ijk_to_world(self.result)[:3, :3]
        turned: list[float] = (own @ np.linalg.pinv(world) @ direction).tolist()
        return turned


def _look_alike(model: Any, other: Any) -> None:
    with one_change(other):
        other.GetSliceToRAS().DeepCopy(model.GetSliceToRAS())
        other.SetFieldOfView(*model.GetFieldOfView())
        other.SetXYZOrigin(*model.GetXYZOrigin())
        other.UpdateMatrices()


def _alignment(slice_node: Any, normal: Any) -> float:
    return _cosine(slice_node.GetSliceToRAS(), normal)


def _preset_alignment(view: SliceView, name: str, normal: Any) -> float:
    preset = view.slice_node.GetSliceOrientationPreset(name)
    return _cosine(preset, normal) if preset is not None else -1.0


def _cosine(matrix: Any, normal: Any) -> float:
    """Return how well the third column of a matrix, of length 1, points along a direction."""
    length = float(sum(value * value for value in normal)) ** 0.5 or 1.0
    return abs(float(sum(matrix.GetElement(row, 2) * normal[row] for row in range(3)))) / length
