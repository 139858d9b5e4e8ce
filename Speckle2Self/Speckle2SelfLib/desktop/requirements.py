"""Which Python packages a module needs, and which of them are not there; nothing is imported to find out.

Importing torch here would load it into the application, where it takes seconds and keeps its files locked, while only
the worker process uses it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path

TORCH_REQUIREMENT = ">=2.7"

KEPT_PACKAGES = ("numpy", "scipy", "SimpleITK", "vtk", "torch")
"""What belongs to Slicer, or to all its extensions together: installing anything else must leave it as it is."""


def requirementLines(requirementsFile: Path) -> list[str]:
    """Return what a requirements file asks for, line by line and without its comments."""
    lines = (line.split("#")[0].strip() for line in requirementsFile.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if re.match(r"[A-Za-z0-9]", line)]


def nameOf(requirement: str) -> str:
    """Return the name of the package that a requirement like ``"monai>=1.6"`` is about."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return match.group() if match else requirement


def accepts(requirement: str, version: str) -> bool:
    """Say whether a version of a package satisfies a requirement like ``"monai>=1.6"``."""
    try:
        from packaging.requirements import Requirement
    except ImportError:  # 5.10 may have only pip's own copy: this branch can go with Slicer 5.10
        from pip._vendor.packaging.requirements import Requirement  # type: ignore[assignment]
    return bool(Requirement(requirement).specifier.contains(version, prereleases=True))


def installedVersion(name: str) -> str | None:
    """Return the version of an installed package, empty where it is there without saying which, None where not."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "" if importlib.util.find_spec(name) is not None else None


def writeConstraints(path: Path, packages: Iterable[str] = KEPT_PACKAGES) -> Path:
    """Write a pip constraints file that holds packages at exactly the versions that are installed.

    Written from what this Slicer has rather than shipped, since every Slicer brings other versions.

    Parameters
    ----------
    path : Path
        The file to write.
    packages : iterable of str
        Packages to hold; those that are not installed, and those whose version nobody knows, stay free.
    """
    versions = {name: installedVersion(name) for name in packages}
    # "2.9.0+cu128" is a version of its own for pip: written whole, nothing is taken for newer or older
    lines = [f"{name}=={version}" for name, version in versions.items() if version]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
