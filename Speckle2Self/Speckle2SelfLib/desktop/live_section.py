"""The part of the panel that despeckles what the views show, or what a machine sends, at once."""

from __future__ import annotations

from typing import Any

from .follow_control import FollowControl
from .panel_part import PanelPart
from .preview_control import PreviewControl


class LiveSection(PanelPart):
    """The live preview and the live stream of the panel.

    Parameters
    ----------
    panel : JobPanel
        Its ``ui`` holds the widgets of this part too, its ``parameters`` what the scene stores.
    """

    def __init__(self, panel: Any) -> None:
        self._panel = panel
        self.preview, self.stream = PreviewControl(panel), FollowControl(panel)

    def showState(self) -> None:
        """Let both go on with what is chosen now."""
        self.preview.showState()
        self.stream.showState()

    def enter(self) -> None:
        """Switch the preview on again if it was on."""
        self.preview.enter()

    def exit(self) -> None:
        """Switch the preview off; a stream is followed on."""
        self.preview.exit()

    def clear(self) -> None:
        """Stop both: the scene is about to close."""
        self.preview.clear()
        self.stream.clear()

    def cleanup(self) -> None:
        """Stop both for good."""
        self.clear()
