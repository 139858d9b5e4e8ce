"""What can go wrong, each as one sentence that says what was given, what is accepted and what to do next."""

from __future__ import annotations


class Speckle2SelfError(ValueError):
    """Base of every error that a user can cause or mend; its text is shown to the user as it is."""


class InputError(Speckle2SelfError):
    """The frames, the file or the node given cannot be processed."""


class OutputError(Speckle2SelfError):
    """The result cannot be written where it was asked for."""


class SettingsError(Speckle2SelfError):
    """A setting has a value outside what is accepted."""


class ModelError(Speckle2SelfError):
    """The model given cannot be loaded."""


class DeviceError(Speckle2SelfError):
    """The device asked for does not exist here or cannot run the model."""


class DependencyError(Speckle2SelfError):
    """A Python package that this job needs is missing or broken."""


class WorkerError(Speckle2SelfError):
    """The worker process could not be started, or ended before its job was done."""


class WorkerBusyError(WorkerError):
    """The worker process has another job, of this panel or of another one."""


class Cancelled(Exception):  # noqa: N818 - it reports a wish, not an error
    """The caller's progress callback returned False, or the user pressed Cancel; nothing was kept."""
