"""The part of the panel that despeckles what the views show, at once."""

from __future__ import annotations

from typing import Any

from .panel_part import PanelPart


class LiveSection(PanelPart):
    """The part of the panel that despeckles what the views show, at once.

    Parameters
    ----------
    panel : JobPanel
        Its ``ui`` holds the widgets of this part too, its ``parameters`` what the scene stores.
    """

    def __init__(self, panel: Any) -> None:
        self._panel = panel
