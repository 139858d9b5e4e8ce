"""The live preview in the panel: a check box, how far the preview covers the input, a line of text."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from .input_info import inputInfo
from .job_settings import reasonNoPreview
from .live_control import LiveControl
from .machine import MachineSettings
from .plain_text import plain


class PreviewControl(LiveControl):
    """Switches the live preview on and off.

    It is off while another module is shown, and on again when the user comes back.

    Parameters
    ----------
    panel : JobPanel
    """

    def __init__(self, panel: Any) -> None:
        super().__init__(panel, panel.ui.previewStatusLabel)
        self._checkBox, self._opacity = panel.ui.previewCheckBox, panel.ui.previewOpacitySliderWidget
        self._comesBack = False
        self._toolTip = self._checkBox.toolTip
        self._checkBox.connect("toggled(bool)", self.onToggled)
        self._opacity.connect("valueChanged(double)", self.onOpacity)

    def onToggled(self, checked: bool) -> None:
        """Start or stop, as the user wants."""
        if checked and self.job is None:
            self.start()
        elif not checked:
            self.stop()

    def onOpacity(self, opacity: float) -> None:
        """Let the preview cover more or less of the input."""
        if self.job is not None:
            self.job.set_opacity(opacity)

    def makeJob(self, **arguments: Any) -> Any:
        """Start the preview of the chosen input."""
        parameters = self.panel.parameters
        axis = parameters.frameAxis.value
        return self.panel.logic.preview(
            parameters.inputVolume, frameAxis=axis, opacity=self._opacity.value, **arguments
        )

    def statusLine(self) -> str:
        """Return which frame the preview shows, and how long it took."""
        if self.job.index is None:
            return str(_("Despeckling the first frame..."))
        line = _("Preview, frame {number}: {milliseconds} ms. For research use only.")
        return str(line.format(number=self.job.index + 1, milliseconds=round(self.job.milliseconds)))

    def showControl(self) -> None:
        """Show whether the preview is on, and why it cannot be."""
        running, reason = self.job is not None, self._reason()
        self._checkBox.checked = running
        self._checkBox.enabled = running or reason is None
        self._checkBox.toolTip = plain(reason) if reason is not None and not running else self._toolTip

    def showState(self) -> None:
        """Follow what is chosen: another input is previewed in place of the one before."""
        parameters = self.panel.parameters
        if self.job is not None:
            same = parameters.inputVolume is self.job.node and parameters.frameAxis.value == self.job.frame_axis
            if same:
                self.takeSettings()
            else:
                self.stop()
                if self._reason() is None:
                    self.start()
        self.showControl()

    def enter(self) -> None:
        """Go on if it was on when the user left the module."""
        if self._comesBack and self.job is None and self._reason() is None:
            self.start()
        self._comesBack = False

    def exit(self) -> None:
        """Give the views back to whatever the user does next."""
        self._comesBack = self.job is not None
        self.stop()

    def clear(self) -> None:
        """Let go of a scene that closes."""
        self._comesBack = False
        self.stop()
        self.statusLabel.text = ""

    def _reason(self) -> str | None:
        parameters = self.panel.parameters
        if parameters is None:
            return str(_("Open a scene first."))
        info = inputInfo(parameters.inputVolume, parameters.frameAxis.value)
        return reasonNoPreview(parameters, MachineSettings(), info)
