"""The part of the panel that compares the input with the result in the views."""

from __future__ import annotations

from typing import Any

from .panel_part import PanelPart


class CompareSection(PanelPart):
    """The part of the panel that compares the input with the result in the views.

    Parameters
    ----------
    panel : JobPanel
        Its ``ui`` holds the widgets of this part too, its ``parameters`` what the scene stores.
    """

    def __init__(self, panel: Any) -> None:
        self._panel = panel
