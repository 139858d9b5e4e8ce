"""The live stream in the panel: a button that starts and stops, a line with the rate."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from ..errors import InputError
from .job_settings import reasonNoPreview
from .live_control import LiveControl
from .machine import MachineSettings
from .plain_text import plain


class FollowControl(LiveControl):
    """Follows the chosen input as a live stream; goes on while other modules are shown.

    Parameters
    ----------
    panel : JobPanel
    """

    def __init__(self, panel: Any) -> None:
        super().__init__(panel, panel.ui.followStatusLabel)
        self._button = panel.ui.followButton
        self._text, self._toolTip = self._button.text, self._button.toolTip
        self._button.connect("clicked(bool)", self.onButton)

    def onButton(self, checked: bool = False) -> None:
        """Start, or stop what runs."""
        if self.job is None:
            self.start()
        else:
            self.stop()

    def makeJob(self, **arguments: Any) -> Any:
        """Follow the chosen input."""
        return self.panel.logic.follow(self.panel.parameters.inputVolume, **arguments)

    def statusLine(self) -> str:
        """Return which volume is followed into which, and how many frames are shown."""
        job = self.job
        if job.output is None:
            return str(_("Waiting for the first frame of {name}...").format(name=job.node.GetName()))
        received, shown = job.rates.per_second()
        line = _("{name}: {shown} of {received} frames per second shown, {dropped} dropped. Result: {output}.")
        return str(
            line.format(
                name=job.node.GetName(),
                shown=f"{shown:.1f}",
                received=f"{received:.1f}",
                dropped=job.rates.dropped,
                output=job.output.GetName(),
            )
        )

    def showControl(self) -> None:
        """Show what the button does, and why it cannot be pressed."""
        running, reason = self.job is not None, self._reason()
        self._button.text = _("Stop following") if running else self._text
        self._button.enabled = running or reason is None
        self._button.toolTip = _("Stop; the last result stays.") if running else plain(reason or "") or self._toolTip

    def showState(self) -> None:
        """Go on with the settings that are chosen now; the stream stays the one that it was started for."""
        if self.job is not None:
            self.takeSettings()
        self.showControl()

    def clear(self) -> None:
        """Let go of a scene that closes."""
        self.stop()
        self.statusLabel.text = ""

    def _reason(self) -> str | None:
        parameters = self.panel.parameters
        if parameters is None or parameters.inputVolume is None:
            return str(_("Choose the volume that the live images arrive in as input first."))
        # imports numpy, which must not happen when the module is loaded
        from ..scene.environment import current_environment
        from ..scene.live_stream import check_live_input

        try:
            check_live_input(current_environment(), parameters.inputVolume)
        except InputError as error:
            return str(error)
        # a stream that has not begun has no image yet
        return reasonNoPreview(parameters, MachineSettings(), None, needsImage=False)
