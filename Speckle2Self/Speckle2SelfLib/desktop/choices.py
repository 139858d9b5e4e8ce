"""Choices that the panel offers and the scene stores by name: never rename a member."""

from __future__ import annotations

from enum import Enum

from slicer.i18n import tr as _


class Frames(Enum):
    """Which frames are despeckled."""

    ALL = "all"
    CURRENT = "current"
    RANGE = "range"

    def label(self) -> str:
        """Return the text shown in the panel, in the user's language."""
        labels = {Frames.ALL: _("All frames"), Frames.CURRENT: _("Current frame"), Frames.RANGE: _("Frame range")}
        return str(labels[self])


class Normalization(Enum):
    """Where the intensity range comes from; values as ``DespeckleSettings.normalize`` takes them."""

    SWEEP = "sweep"
    FRAME = "frame"

    def label(self) -> str:
        """Return the text shown in the panel, in the user's language."""
        return str(_("Once for the whole sweep") if self is Normalization.SWEEP else _("For every frame"))


class Signal(Enum):
    """What the pixels are; values as ``DespeckleSettings.signal`` takes them."""

    BMODE = "bmode"
    ENVELOPE = "envelope"
    RF = "rf"

    def label(self) -> str:
        """Return the text shown in the panel, in the user's language."""
        labels = {
            Signal.BMODE: _("B-mode (as scanners show it)"),
            Signal.ENVELOPE: _("Envelope"),
            Signal.RF: _("Radio frequency lines"),
        }
        return str(labels[self])


class FrameAxis(Enum):
    """Axis of a 3D volume along which its frames lie; values as the logic's ``frameAxis`` takes them."""

    AUTO = None
    I = "I"  # noqa: E741
    J = "J"
    K = "K"

    def label(self) -> str:
        """Return the text shown in the panel, in the user's language."""
        return str(_("Automatic") if self is FrameAxis.AUTO else self.value)


class LearnFrames(Enum):
    """Which frames of a segmentation are learned from; values as the logic's ``frames`` takes them."""

    AUTO = "auto"
    CORRECTED = "corrected"
    ALL = "all"

    def label(self) -> str:
        """Return the text shown in the panel, in the user's language."""
        labels = {
            LearnFrames.AUTO: _("Corrected frames, or all if none is"),
            LearnFrames.CORRECTED: _("Corrected frames"),
            LearnFrames.ALL: _("All frames with a lumen"),
        }
        return str(labels[self])
