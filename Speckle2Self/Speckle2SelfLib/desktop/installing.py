"""Installs Python packages into Slicer: torch through the PyTorch extension, the rest through Slicer's pip.

pip runs with the computer's own settings (pip.ini, pip.conf, PIP_* and HTTPS_PROXY), which is how proxies are set.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import slicer
from slicer.i18n import tr as _

from ..errors import DependencyError
from .install_trouble import explain
from .install_window import InstallWindow
from .requirements import TORCH_REQUIREMENT, writeConstraints

_POLL_SECONDS = 0.01


def install(requirements: list[str], wheelFolder: Path | None, window: InstallWindow) -> None:
    """Install packages, torch among them if it is asked for; nothing that Slicer has is replaced.

    Parameters
    ----------
    requirements : list of str
        What to install, e.g. ``["torch>=2.7", "monai>=1.6"]``.
    wheelFolder : Path or None
        Folder to install from, without a network and without the PyTorch extension; None for the network.
    window : InstallWindow
        Shows what happens.

    Raises
    ------
    DependencyError
        If something could not be installed; says why and what to do.
    """
    torch = f"torch{TORCH_REQUIREMENT}"
    with TemporaryDirectory(prefix="Speckle2Self-", ignore_cleanup_errors=True) as folder:
        if torch in requirements and wheelFolder is None:
            _guarded([torch], None, window, lambda: _installTorch(_constraints(folder), window))
            requirements = [requirement for requirement in requirements if requirement != torch]
        if requirements:
            # written anew: torch, which may have come just now, is to stay as well
            constraints = _constraints(folder)
            _guarded(requirements, wheelFolder, window, lambda: _pip(requirements, constraints, wheelFolder, window))


def _constraints(folder: str) -> Path:
    return writeConstraints(Path(folder) / "constraints.txt")


def _guarded(
    requirements: list[str], wheelFolder: Path | None, window: InstallWindow, action: Callable[[], None]
) -> None:
    window.showStage(
        _("Installing {packages}; this takes some minutes, in which this window may stand still.").format(
            packages=", ".join(requirements)
        )
    )
    before = len(window.output)
    try:
        action()
    except DependencyError:
        raise
    # pip runs as a process: what is raised (CalledProcessError, OSError, RuntimeError) depends on the installer
    except Exception as error:
        raise explain(requirements, window.output[before:], error, wheelFolder) from error


def _installTorch(constraints: Path, window: InstallWindow) -> None:
    """Install torch for this computer's graphics card; the PyTorch extension takes no constraints, pip does."""
    import PyTorchUtils

    with window.listening(), _constrained(constraints):
        # the user was asked already; it returns nothing if torch was not installed
        torch = PyTorchUtils.PyTorchUtilsLogic().installTorch(
            askConfirmation=False, torchVersionRequirement=TORCH_REQUIREMENT
        )
    if torch is None:
        raise DependencyError(
            _(
                "The PyTorch extension did not install PyTorch; open its module (PyTorch Utils), install there and try "
                "again."
            )
        )


@contextlib.contextmanager
def _constrained(constraints: Path) -> Iterator[None]:
    """Make every pip that is started meanwhile keep to a constraints file, beside those that the user has set."""
    before = os.environ.get("PIP_CONSTRAINT")
    # as a URL: pip splits the variable at spaces, which user names and so temporary folders may have
    os.environ["PIP_CONSTRAINT"] = " ".join(filter(None, [before, constraints.as_uri()]))
    try:
        yield
    finally:
        if before is None:
            del os.environ["PIP_CONSTRAINT"]
        else:
            os.environ["PIP_CONSTRAINT"] = before


def _pip(requirements: list[str], constraints: Path, wheelFolder: Path | None, window: InstallWindow) -> None:
    arguments = [*_source(wheelFolder), *requirements]
    try:
        from slicer.packaging import pip_install
    except ImportError:  # 5.10 has no slicer.packaging: this branch can go with Slicer 5.10
        with window.listening():
            slicer.util.pip_install(["-c", str(constraints), *arguments])
        return
    status: list[int] = []

    def onLine(line: str) -> None:
        print(line)  # into the Python console and the application's log, as all of Slicer's installers do
        window.showLine(line)

    pip_install(
        arguments,
        constraints=constraints,
        blocking=False,
        show_progress=False,  # one window for all packages, ours
        logCallback=onLine,
        completedCallback=status.append,
    )
    while not status:  # the callbacks come from Qt timers
        slicer.app.processEvents()
        time.sleep(_POLL_SECONDS)
    if status[0] != 0:
        raise RuntimeError(f"pip ended with exit status {status[0]}")


def _source(wheelFolder: Path | None) -> list[str]:
    return [] if wheelFolder is None else ["--no-index", "--find-links", str(wheelFolder)]
