"""Installs what despeckling needs, once, after asking: torch through the PyTorch extension, the rest through pip.

Nothing is imported to find out what is missing: importing torch here would load it into the application, where it
takes seconds and keeps its files locked, while only the worker process uses it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import platform
import re
import sys
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from ..errors import DependencyError

TORCH_REQUIREMENT = ">=2.7"
_LAST_TORCH_FOR_INTEL_MAC = "2.2"


def missingPackages(requirementsFile: Path) -> list[str]:
    """Return the names of the packages that are not installed, torch first.

    Parameters
    ----------
    requirementsFile : Path
        The module's ``Resources/requirements.txt``.
    """
    importlib.invalidate_caches()
    return [name for name in ["torch", *requiredNames(requirementsFile)] if not _installed(name)]


def requiredNames(requirementsFile: Path) -> list[str]:
    """Return the names of the packages that a requirements file lists."""
    lines = (line.split("#")[0].strip() for line in requirementsFile.read_text(encoding="utf-8").splitlines())
    matches = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines)
    return [match.group() for match in matches if match]


def ensureDependencies(requirementsFile: Path, requester: str) -> bool:
    """Make sure that the worker can import what it needs; ask the user once before anything is installed.

    Parameters
    ----------
    requirementsFile : Path
        The module's ``Resources/requirements.txt``.
    requester : str
        Who asks, as shown to the user.

    Returns
    -------
    bool
        False if the user declined.

    Raises
    ------
    DependencyError
        If a package cannot be installed here; says why and what to do.
    """
    missing = missingPackages(requirementsFile)
    if not missing:
        return True
    _checkInstallable(missing)
    question = _(
        "Speckle2Self needs these Python packages: {packages}.\n\n"
        "They will be downloaded and installed into 3D Slicer. This takes some minutes, once. Continue?"
    ).format(packages=", ".join(missing))
    if not slicer.util.confirmOkCancelDisplay(question, requester):
        return False
    with slicer.util.WaitCursor():
        _install(missing, requirementsFile, requester)
    _checkInstalled(requirementsFile)
    return True


def _installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return importlib.util.find_spec(name) is not None
    return True


def _checkInstallable(missing: list[str]) -> None:
    if slicer.app.testingEnabled():
        raise DependencyError(
            f"Missing Python packages: {', '.join(missing)}; nothing is installed while the application is testing."
        )
    if "torch" not in missing:
        return
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        raise DependencyError(
            f"PyTorch {TORCH_REQUIREMENT.lstrip('>=')} is needed, but on Macs with an Intel processor it ends at "
            f"version {_LAST_TORCH_FOR_INTEL_MAC}; use a Mac with Apple silicon, Windows or Linux."
        )
    if importlib.util.find_spec("PyTorchUtils") is None:
        raise DependencyError(
            "PyTorch is not installed and the PyTorch extension, which installs it, was not found; install the "
            '"PyTorch" extension in the Extensions Manager, restart 3D Slicer and try again.'
        )


def _install(missing: list[str], requirementsFile: Path, requester: str) -> None:
    try:
        if "torch" in missing:
            _installTorch()
        if missing != ["torch"]:
            _installRequirements(requirementsFile, requester)
    except DependencyError:
        raise
    # pip runs as a process: what it raises (CalledProcessError, OSError, RuntimeError) depends on the installer
    except Exception as error:
        raise DependencyError(
            f"Installing {', '.join(missing)} failed ({error}); check the network connection, the proxy and the free "
            "disk space, restart 3D Slicer and try again."
        ) from error


def _installTorch() -> None:
    import PyTorchUtils

    # already asked; the module returns nothing if torch was not installed
    torch = PyTorchUtils.PyTorchUtilsLogic().installTorch(
        askConfirmation=False, torchVersionRequirement=TORCH_REQUIREMENT
    )
    if torch is None:
        raise DependencyError(
            "The PyTorch extension did not install PyTorch; open its module (PyTorch Utils), install there and try "
            "again."
        )


def _installRequirements(requirementsFile: Path, requester: str) -> None:
    try:
        from slicer import packaging
    except ImportError:  # 5.10 has no slicer.packaging: this branch can go with Slicer 5.10
        slicer.util.pip_install(["-r", str(requirementsFile)])
        return
    packaging.pip_ensure(packaging.load_requirements(requirementsFile), prompt_install=False, requester=requester)


def _checkInstalled(requirementsFile: Path) -> None:
    missing = missingPackages(requirementsFile)
    if missing:
        raise DependencyError(
            f"{', '.join(missing)} cannot be found although it was installed; restart 3D Slicer and try again."
        )
