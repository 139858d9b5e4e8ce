"""Three strengths with a name, beside the slider; and the way back to the defaults of all settings."""

from __future__ import annotations

from typing import Any

import slicer

from ..settings import DEFAULT_STRENGTH
from .panel_part import PanelPart

PRESETS = {"textureKeptButton": 0.5, "smoothButton": DEFAULT_STRENGTH, "flattestButton": 1.0}
# what a user means by settings; input, output, frames and what belongs to the computer stay
SETTINGS = (
    "model",
    "strength",
    "published",
    "tone",
    "mask",
    "normalize",
    "autoScale",
    "rowScale",
    "columnScale",
    "gamma",
    "frameAxis",
    "signal",
    "dynamicRange",
)


class StrengthPresets(PanelPart):
    """The buttons for named strengths and for the defaults.

    Parameters
    ----------
    panel : JobPanel
        Its ``ui`` holds the buttons, its ``parameters`` the settings.
    """

    def __init__(self, panel: Any) -> None:
        self._panel = panel
        for name, strength in PRESETS.items():
            getattr(panel.ui, name).connect("clicked(bool)", self._chooser(strength))
        panel.ui.resetButton.connect("clicked(bool)", self.onReset)

    def showState(self) -> None:
        """Show which of the named strengths is chosen, if any."""
        parameters = self._panel.parameters
        for name, strength in PRESETS.items():
            getattr(self._panel.ui, name).checked = abs(parameters.strength - strength) < 1e-6

    def onReset(self, checked: bool = False) -> None:
        """Set every setting to what it was at first."""
        parameters = self._panel.parameters
        if parameters is None:
            return
        with slicer.util.NodeModify(parameters):
            for name in SETTINGS:
                parameters.setValue(name, parameters.default(name).value)

    def _chooser(self, strength: float) -> Any:
        def choose(checked: bool = False) -> None:
            if self._panel.parameters is not None:
                self._panel.parameters.strength = strength
                self._panel.updatePanel()  # a button that was checked already must not come off

        return choose
