"""One kind of job of a panel that has several: its button, its progress bar, its line of text."""

from __future__ import annotations

from typing import Any

from .plain_text import plain, showHint


class JobSection:
    """A part of a :class:`~.job_panel.JobPanel`, which runs the jobs of all its sections, one at a time.

    Parameters
    ----------
    panel : JobPanel
    button, progressBar, statusLabel : QPushButton, QProgressBar, QLabel
        Widgets of this section.
    hintLabel : QLabel or None
        Says why the button cannot be pressed, where nothing else does.
    """

    def __init__(self, panel: Any, button: Any, progressBar: Any, statusLabel: Any, hintLabel: Any = None) -> None:
        self.panel, self.progressBar, self.statusLabel = panel, progressBar, statusLabel
        self.button, self.hintLabel = button, hintLabel
        progressBar.visible = False
        button.connect("clicked(bool)", self.onButton)

    @property
    def job(self) -> Any:
        """The job of this section that is under way, or None."""
        return self.panel.job if self.panel.runs(self) else None

    def onButton(self, checked: bool = False) -> None:
        """Start a job, or cancel the one that runs."""
        self.panel.toggleJob(self)

    def startJob(self) -> Any:
        """Start a job and return it, or None if the user declined."""
        raise NotImplementedError

    def showFinished(self, job: Any, result: Any) -> str:
        """Take a result over and return what to tell the user."""
        raise NotImplementedError

    def progressLine(self, job: Any) -> str:
        """Return what to say of a job that runs."""
        raise NotImplementedError

    def progress(self, job: Any) -> tuple[int, int]:
        """Return how much of a job is done, and how much there is to do."""
        return job.done, job.total

    def showProgress(self) -> None:
        """Show how far the job is; called often, also without a job."""
        job = self.job
        if job is None:
            return
        done, total = self.progress(job)
        self.progressBar.maximum = total if done else 0  # busy until the first step is done
        self.progressBar.value = done
        self.statusLabel.text = self.progressLine(job)

    def showIdle(self, message: str) -> None:
        """Show that no job runs, and what came of the last one."""
        self.statusLabel.text = message

    def forgetLastJob(self) -> None:
        """Let go of what the last job left to look at."""

    def clear(self) -> None:
        """Forget what was done in a scene that closes."""
        self.forgetLastJob()
        self.statusLabel.text = ""

    def showButton(self, text: str, toolTip: str, reason: str | None, cancel: tuple[str, str]) -> None:
        """Show what the button does.

        Parameters
        ----------
        text, toolTip : str
            While nothing runs.
        reason : str or None
            Why it cannot be pressed, for its tooltip and the hint.
        cancel : (str, str)
            Text and tooltip while the section's own job runs.
        """
        running = self.panel.runs(self)
        self.button.text = cancel[0] if running else text
        self.button.enabled = running or reason is None
        self.button.toolTip = plain(cancel[1] if running else reason or toolTip)
        if self.hintLabel is not None:
            showHint(self.hintLabel, None if running else reason)
