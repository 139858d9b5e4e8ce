"""Stand-ins for the two installers that the desktop brings; pip itself is the real one, through the real `slicer.util`.

Imitates `pip_install` of Base/Python/slicer/packaging.py (Slicer 5.12: arguments, and the branch without a progress
dialog) and `PyTorchUtilsLogic.installTorch` of PyTorchUtils.py (SlicerPyTorch).
"""

# ruff: noqa: N802, N803 - Slicer's own names

from __future__ import annotations

import importlib.machinery
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any


def pip_install(
    requirements: str | list[str],
    constraints: str | Path | None = None,
    no_deps_requirements: str | list[str] | None = None,
    skip_packages: list[str] | None = None,
    blocking: bool = True,
    show_progress: bool = True,
    requester: str | None = None,
    logCallback: Callable[[str], None] | None = None,
    completedCallback: Callable[[int], None] | None = None,
) -> None:
    """Install packages with pip in PythonSlicer, without a progress dialog."""
    import slicer

    assert not blocking, "the desktop shows a dialog of its own then"
    assert not show_progress, "the desktop shows a dialog of its own then"
    arguments = ["install", *([requirements] if isinstance(requirements, str) else requirements)]
    if constraints is not None:
        arguments += ["-c", str(constraints)]
    slicer.util.executePythonModule(
        "pip", arguments, blocking=False, logCallback=logCallback, completedCallback=completedCallback
    )


def packaging_module() -> types.ModuleType:
    """Return `slicer.packaging`."""
    module = types.ModuleType("slicer.packaging")
    module.pip_install = pip_install  # type: ignore[attr-defined]
    return module


def pytorch_utils_module(install: Callable[[list[str]], Any]) -> types.ModuleType:
    """Return `PyTorchUtils`, whose installer runs `install(arguments)` instead of light-the-torch."""

    class PyTorchUtilsLogic:
        def installTorch(
            self,
            askConfirmation: bool = False,
            forceComputationBackend: str | None = None,
            torchVersionRequirement: str | None = None,
            torchvisionVersionRequirement: str | None = None,
        ) -> Any:
            assert not askConfirmation, "the user is asked twice"
            return install(["install", "torch" + (torchVersionRequirement or ""), "torchvision"])

    module = types.ModuleType("PyTorchUtils")
    module.PyTorchUtilsLogic = PyTorchUtilsLogic  # type: ignore[attr-defined]
    module.__spec__ = importlib.machinery.ModuleSpec("PyTorchUtils", None)
    return module


def write_wheel(folder: Path, name: str, version: str, requires: tuple[str, ...] = ()) -> Path:
    """Write a wheel that holds one empty module of the package's name."""
    import zipfile

    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    content = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*content, f"{info}/RECORD"])
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for inner, text in {**content, f"{info}/RECORD": record}.items():
            wheel.writestr(inner, text)
    return path


def python_with_own_packages(folder: Path) -> Path:
    """Make a throw-away environment that sees this one's packages but installs into its own; return its packages."""
    import site
    import sysconfig
    import venv

    venv.create(folder, with_pip=False, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    (packages / "parent.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    launcher = folder / "bin" / "PythonSlicer"
    launcher.write_text(f'#!/bin/sh\nexec "{folder / "bin" / "python"}" "$@"\n')
    launcher.chmod(0o755)
    assert sys.platform != "win32", "the launcher is a shell script"
    return packages
