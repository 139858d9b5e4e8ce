"""A part of a panel that has widgets of its own and looks after itself: the panel tells it what happens."""

from __future__ import annotations


class PanelPart:
    """What a :class:`~.job_panel.JobPanel` tells its parts; each does what concerns it."""

    def showState(self) -> None:
        """Show what the choices mean; called after every change of a parameter, and when a job begins or ends."""

    def enter(self) -> None:
        """Begin to be shown, with the parameters bound: the user opened the module."""

    def exit(self) -> None:
        """Be hidden, with the parameters still bound: the user opened another module."""

    def clear(self) -> None:
        """Let go of the scene, which is about to close."""

    def cleanup(self) -> None:
        """Let go of everything: the application closes, or the module is reloaded."""
