"""What a live preview and a live stream have in common in the panel: started, shown a few times a second, stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import qt
from slicer.i18n import tr as _

from ..errors import SettingsError
from ..settings import DespeckleSettings
from .job_settings import settingsFields
from .machine import MachineSettings

REFRESH_MS = 250


class LiveControl:
    """Starts and stops one live job of the logic, with the settings that the panel shows.

    Parameters
    ----------
    panel : JobPanel
    statusLabel : QLabel
        Says how it goes, and why it ended.
    """

    def __init__(self, panel: Any, statusLabel: Any) -> None:
        self.panel, self.statusLabel = panel, statusLabel
        self.job: Any = None
        self._refresh = qt.QTimer()
        self._refresh.interval = REFRESH_MS
        self._refresh.connect("timeout()", self.showStatus)

    def makeJob(self, **arguments: Any) -> Any:
        """Start the job of the logic with its callbacks and settings, and return it."""
        raise NotImplementedError

    def statusLine(self) -> str:
        """Return what to say of the job that runs."""
        raise NotImplementedError

    def showControl(self) -> None:
        """Show whether it runs, and whether it can be started."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it, after asking for what has to be installed; what goes wrong is said in the status line."""
        from .dependencies import ensureDependencies

        self.statusLabel.text = ""
        try:
            if not ensureDependencies(Path(self.panel.resourcePath("requirements.txt")), "Speckle2Self"):
                self.statusLabel.text = _("Nothing was installed. Despeckling needs the packages that were offered.")
                return
            self.job = self.makeJob(onResult=self.showStatus, onStopped=self.onStopped, **self._fields())
        except Exception as error:  # whatever it is, the user must hear of it
            self.statusLabel.text = str(error)
            return
        finally:
            self.showControl()
        self._refresh.start()
        self.showStatus()

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self.job is not None:
            self.job.stop()

    def onStopped(self, error: Exception | None) -> None:
        """Say why it ended, if it was not asked to."""
        self.job = None
        self._refresh.stop()
        self.statusLabel.text = "" if error is None else str(error)
        self.showControl()

    def takeSettings(self) -> None:
        """Let the job go on with what the panel shows now; settings that are refused end it."""
        try:
            self.job.settings = DespeckleSettings.from_dict(self._fields())
        except SettingsError as error:
            self.job.stop(error)

    def showStatus(self) -> None:
        """Say how it goes."""
        if self.job is not None:
            self.statusLabel.text = self._waiting() or self.statusLine()

    def _fields(self) -> dict[str, Any]:
        return settingsFields(self.panel.parameters, MachineSettings())

    def _waiting(self) -> str:
        if self.job.paused:
            return str(_("Paused while another job runs."))
        return str(_("Starting the worker...")) if self.job.starting else ""
