"""The preview in the slice views: a hidden volume that lies over the input, and the views as they were before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .display import show_alike
from .environment import SceneEnvironment
from .geometry import ijk_to_world, matrix_array
from .images import Array
from .modify import keep_hidden, one_change
from .results import Pixels, copy_meaning
from .sweep import Slab
from .view_notes import drop_note, put_back, take_note

PREVIEW_ATTRIBUTE = "Speckle2Self.LivePreview"
NAME = "Live preview (despeckled, research use)"
LOOKS_ALONG = 0.7  # cosine between the frames' normal and the view's: within 45 degrees


@dataclass(frozen=True)
class Covered:
    """What a view showed over the input before.

    Parameters
    ----------
    composite : vtkMRMLSliceCompositeNode
    foreground : str or None
        ID of the volume in its foreground.
    opacity : float
        Of the foreground.
    """

    composite: Any
    foreground: str | None
    opacity: float


class PreviewLayer:
    """Shows one frame over the input in all slice views that show the input and look along its frames.

    Views that somebody changes meanwhile are left to whoever did.

    Parameters
    ----------
    environment : SceneEnvironment
        The scene.
    opacity : float
        Of the preview, 0 to 1.
    """

    def __init__(self, environment: SceneEnvironment, opacity: float = 1.0) -> None:
        self._environment, self._opacity = environment, opacity
        self._covered: dict[str, Covered] = {}
        self._left: set[str] = set()
        self._display_state: tuple[object, ...] = ()
        self.volume: Any = None
        remove_previews(environment)

    def place(self, slab: Slab, first: int, frame: Array, shown: Any, same_range: bool) -> None:
        """Give the volume the pixels and the place of a frame.

        Parameters
        ----------
        slab : Slab
            The input's image.
        first : int
            The frame's number in the slab.
        frame : array (H, W) or (H, W, C)
            The result.
        shown : vtkMRMLVolumeNode or None
            The volume that shows the input.
        same_range : bool
            Whether the input's window and level fit.
        """
        volume = self._volume_of(slab.node_class)
        pixels = Pixels(slab, first, 1)
        pixels.write(0, frame)
        with one_change(volume):
            pixels.put_into(volume)
            copy_meaning(shown, volume)
            volume.SetAndObserveTransformNodeID(shown.GetTransformNodeID() if shown is not None else None)
        self._display(volume, shown, same_range)

    def cover(self, source: Any, axis: int) -> None:
        """Show the preview, once there is one, in all views that show `source` and look along `axis`."""
        if self.volume is None or source is None:
            return
        views = {composite.GetID(): composite for composite in self._views(source, axis)}
        for identity in [one for one in self._covered if one not in views]:
            self._uncover(identity)
        for identity, composite in views.items():
            if identity in self._covered and composite.GetForegroundVolumeID() != self.volume.GetID():
                drop_note(self._covered.pop(identity).composite)
                self._left.add(identity)
            elif identity not in self._covered and identity not in self._left:
                self._cover(identity, composite)

    @property
    def is_gone(self) -> bool:
        """Whether somebody else, e.g. another preview, took the volume out of the scene."""
        return self.volume is not None and not self._environment.holds(self.volume)

    def set_opacity(self, opacity: float) -> None:
        """Change how far the preview covers the input, 0 to 1."""
        self._opacity = opacity
        for covered in self._covered.values():
            covered.composite.SetForegroundOpacity(opacity)

    def uncover(self) -> None:
        """Give all views back as they were."""
        for identity in list(self._covered):
            self._uncover(identity)

    def remove(self) -> None:
        """Give the views back and take the preview out of the scene."""
        self.uncover()
        self.volume = None
        remove_previews(self._environment)

    def _volume_of(self, node_class: str) -> Any:
        if self.volume is not None:
            return self.volume
        volume = self._environment.new_node(node_class)
        volume.SetName(NAME)
        _hide(volume)  # before it is in the scene: the subject hierarchy takes in what is not hidden
        self._display_state = ()
        self.volume = self._environment.scene.AddNode(volume)
        return self.volume

    def _display(self, volume: Any, shown: Any, same_range: bool) -> None:
        """Show the preview as its input is shown; what the user changes on it stays until the input's is changed."""
        source = shown.GetDisplayNode() if shown is not None else None
        state = (same_range, source.GetID() if source else None, source.GetMTime() if source else None)
        if state != self._display_state or volume.GetDisplayNode() is None:
            show_alike(self._environment, volume, shown, same_range)
            _hide(volume.GetDisplayNode())
            self._display_state = state

    def _views(self, source: Any, axis: int) -> list[Any]:
        composites = {node.GetLayoutName(): node for node in self._environment.nodes("vtkMRMLSliceCompositeNode")}
        found = []
        for view in self._environment.nodes("vtkMRMLSliceNode"):
            composite = composites.get(view.GetLayoutName())
            if composite is not None and self._shows(composite, source) and _looks_along(view, source, axis):
                found.append(composite)
        return found

    def _shows(self, composite: Any, source: Any) -> bool:
        covered = self._covered.get(composite.GetID())
        foreground = composite.GetForegroundVolumeID()
        if covered is not None and foreground == self.volume.GetID():
            foreground = covered.foreground
        return source.GetID() in (composite.GetBackgroundVolumeID(), foreground)

    def _cover(self, identity: str, composite: Any) -> None:
        foreground, opacity = composite.GetForegroundVolumeID(), composite.GetForegroundOpacity()
        self._covered[identity] = Covered(composite, foreground, opacity)
        with one_change(composite):
            take_note(composite, {"ForegroundOpacity": opacity}, {"Foreground": foreground})
            composite.SetForegroundVolumeID(self.volume.GetID())
            composite.SetForegroundOpacity(self._opacity)

    def _uncover(self, identity: str) -> None:
        covered = self._covered.pop(identity)
        composite = covered.composite
        # the scene takes a volume that is removed out of the views
        ours = (None, self.volume.GetID()) if self.is_gone else (self.volume.GetID(),)
        if not self._environment.holds(composite):
            return
        drop_note(composite)
        if composite.GetForegroundVolumeID() in ours:
            before = {"Foreground": covered.foreground}
            put_back(self._environment, composite, {"ForegroundOpacity": covered.opacity}, before)


def remove_previews(environment: SceneEnvironment) -> None:
    """Take every preview out of the scene, those of a crashed or reloaded panel among them."""
    for class_name in ("vtkMRMLVolumeNode", "vtkMRMLVolumeDisplayNode"):
        for node in [node for node in environment.nodes(class_name) if node.GetAttribute(PREVIEW_ATTRIBUTE)]:
            environment.scene.RemoveNode(node)


def _hide(node: Any) -> None:
    node.SetAttribute(PREVIEW_ATTRIBUTE, "1")
    keep_hidden(node)


def _looks_along(view: Any, source: Any, axis: int) -> bool:
    frames, normal = ijk_to_world(source)[:3, axis], matrix_array(view.GetSliceToRAS())[:3, 2]
    length = np.linalg.norm(frames) * np.linalg.norm(normal)
    return bool(length > 0 and abs(frames @ normal) >= LOOKS_ALONG * length)
