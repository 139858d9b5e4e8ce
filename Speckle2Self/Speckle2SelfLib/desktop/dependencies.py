"""First use: installs what a module needs, once, after asking."""

from __future__ import annotations

import importlib
import importlib.util
import platform
import sys
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from ..errors import DependencyError
from .requirements import TORCH_REQUIREMENT, accepts, installedVersion, nameOf, requirementLines

_LAST_TORCH_FOR_INTEL_MAC = "2.2"


def missingPackages(requirementsFile: Path) -> list[str]:
    """Return the names of the packages that are not installed, or too old, torch first.

    Parameters
    ----------
    requirementsFile : Path
        The module's requirements file in its ``Resources``.
    """
    return [nameOf(requirement) for requirement in _missing(requirementsFile)]


def requiredNames(requirementsFile: Path) -> list[str]:
    """Return the names of the packages that a requirements file lists."""
    return [nameOf(line) for line in requirementLines(requirementsFile)]


def ensureDependencies(requirementsFile: Path, requester: str) -> bool:
    """Make sure that the worker can import what it needs; ask the user once before anything is installed.

    Parameters
    ----------
    requirementsFile : Path
        The module's requirements file in its ``Resources``.
    requester : str
        Who asks, as shown to the user.

    Returns
    -------
    bool
        False if the user declined; nothing was installed then, and the next call asks again.

    Raises
    ------
    DependencyError
        If a package cannot be installed here, or torch does not work; says why and what to do.
    """
    missing = _missing(requirementsFile)
    if not missing:
        return True
    # here, as they need Qt: whether something is missing is asked without it, too
    from .install_window import InstallWindow
    from .installing import install
    from .plain_text import plain
    from .wheel_folder import wheelFolder
    from .worker_check import checkWorker, endIdleWorker

    folder = wheelFolder()
    _checkInstallable(missing, folder)
    if not slicer.util.confirmOkCancelDisplay(plain(_question(missing, folder, requester)), requester):
        return False
    endIdleWorker()
    with InstallWindow(requester) as window:
        install(missing, folder, window)
        _checkInstalled(requirementsFile)
        window.showStage(_("Trying PyTorch; its first start takes a while."))
        checkWorker()
    return True


def _missing(requirementsFile: Path) -> list[str]:
    importlib.invalidate_caches()
    wanted = [f"torch{TORCH_REQUIREMENT}", *requirementLines(requirementsFile)]
    return [requirement for requirement in wanted if not _satisfied(requirement)]


def _satisfied(requirement: str) -> bool:
    name = nameOf(requirement)
    if not _installed(name):
        return False
    version = installedVersion(name)
    return not version or accepts(requirement, version)


def _installed(name: str) -> bool:
    return installedVersion(name) is not None


def _question(missing: list[str], folder: Path | None, requester: str) -> str:
    names = ", ".join(nameOf(requirement) for requirement in missing)
    if folder is not None:
        source = _("They will be installed into 3D Slicer from the folder {folder}, without a network.").format(
            folder=folder
        )
    elif "torch" in names.split(", "):
        source = _(
            "They will be downloaded (some 200 MB; with an NVIDIA graphics card some 3 GB) and installed into Slicer."
        )
    else:
        source = _("They will be downloaded and installed into 3D Slicer.")
    question: str = _(
        "{requester} needs these Python packages: {packages}.\n\n{source} This takes some minutes, once; packages that "
        "3D Slicer brings stay as they are. Continue?"
    ).format(requester=requester, packages=names, source=source)
    return question


def _checkInstallable(missing: list[str], folder: Path | None) -> None:
    names = [nameOf(requirement) for requirement in missing]
    if slicer.app.testingEnabled():
        raise DependencyError(
            f"Missing Python packages: {', '.join(names)}; nothing is installed while the application is testing."
        )
    if "torch" not in names:
        return
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        raise DependencyError(
            f"PyTorch {TORCH_REQUIREMENT.lstrip('>=')} is needed, but on Macs with an Intel processor it ends at "
            f"version {_LAST_TORCH_FOR_INTEL_MAC}; use a Mac with Apple silicon, Windows or Linux."
        )
    if _installed("torch"):
        # other extensions work with that one: replacing it is for the user to decide
        raise DependencyError(
            f"PyTorch {installedVersion('torch')} is installed, needed is {TORCH_REQUIREMENT.lstrip('>=')} or newer; "
            "open the module PyTorch Utils, uninstall PyTorch there, restart 3D Slicer and try again."
        )
    if folder is None and importlib.util.find_spec("PyTorchUtils") is None:
        raise DependencyError(
            "PyTorch is not installed and the PyTorch extension, which installs it, was not found; install the "
            '"PyTorch" extension in the Extensions Manager, restart 3D Slicer and try again, or choose a folder of '
            "wheels as Wheel folder in the panel."
        )


def _checkInstalled(requirementsFile: Path) -> None:
    missing = missingPackages(requirementsFile)
    if missing:
        raise DependencyError(
            f"{', '.join(missing)} cannot be found although it was installed; restart 3D Slicer and try again."
        )
