"""First use: what is asked, what is installed, and what is said when that is not possible."""

from __future__ import annotations

import importlib.machinery
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from panel.conftest import choose_input


class Computer:
    """A computer without torch and safetensors; the installers below add them."""

    def __init__(self) -> None:
        self.installed: set[str] = set()
        self.asked: list[str] = []
        self.answer = True
        self.calls: list[str] = []


@pytest.fixture
def computer(application: Any, module: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Computer]:
    """Stands for the packages of a fresh Slicer, and for the user who is asked."""
    import slicer
    from Speckle2SelfLib.desktop import dependencies

    fresh = Computer()
    monkeypatch.setattr(dependencies, "_installed", lambda name: name in fresh.installed)
    monkeypatch.setattr(application, "testing", False)
    monkeypatch.setattr(slicer.util, "WaitCursor", lambda: __import__("contextlib").nullcontext())

    def confirm(text: str, title: str) -> bool:
        fresh.asked.append(text)
        return fresh.answer

    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", confirm)
    _add_installers(fresh, monkeypatch)
    return fresh


def _add_installers(fresh: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for PyTorchUtils.py of SlicerPyTorch and for Base/Python/slicer/packaging.py of Slicer's sources."""
    import slicer

    class PyTorchUtilsLogic:
        def installTorch(self, askConfirmation: bool, torchVersionRequirement: str) -> object:  # noqa: N802, N803
            fresh.calls.append(f"torch{torchVersionRequirement}, asks: {askConfirmation}")
            fresh.installed.add("torch")
            return object()

    def pip_ensure(requirements: list[str], prompt_install: bool, requester: str) -> None:
        fresh.calls.append(f"{requirements}, asks: {prompt_install}")
        fresh.installed.update(requirement.split(">")[0] for requirement in requirements)

    torch_utils = types.ModuleType("PyTorchUtils")
    torch_utils.PyTorchUtilsLogic = PyTorchUtilsLogic  # type: ignore[attr-defined]
    torch_utils.__spec__ = importlib.machinery.ModuleSpec("PyTorchUtils", None)
    monkeypatch.setitem(sys.modules, "PyTorchUtils", torch_utils)
    packaging = types.ModuleType("slicer.packaging")
    packaging.pip_ensure = pip_ensure  # type: ignore[attr-defined]
    packaging.load_requirements = lambda path: [  # type: ignore[attr-defined]
        line for line in Path(path).read_text().splitlines() if not line.startswith("#")
    ]
    monkeypatch.setitem(sys.modules, "slicer.packaging", packaging)
    monkeypatch.setattr(slicer, "packaging", packaging, raising=False)


@pytest.fixture
def requirements(repository: Path) -> Path:
    return repository / "Speckle2Self" / "Resources" / "requirements.txt"


def ensure(requirements: Path) -> bool:
    from Speckle2SelfLib.desktop.dependencies import ensureDependencies

    return ensureDependencies(requirements, "Speckle2Self")


def test_on_a_fresh_slicer_the_user_is_asked_once_and_all_is_installed(computer: Computer, requirements: Path) -> None:
    assert ensure(requirements)
    assert len(computer.asked) == 1
    assert "torch, safetensors" in computer.asked[0]
    assert computer.calls == ["torch>=2.7, asks: False", "['safetensors>=0.5'], asks: False"]


def test_the_second_time_nobody_is_asked(computer: Computer, requirements: Path) -> None:
    ensure(requirements)
    computer.asked.clear()
    assert ensure(requirements)
    assert computer.asked == []


def test_only_what_is_missing_is_installed(computer: Computer, requirements: Path) -> None:
    computer.installed.add("torch")
    assert ensure(requirements)
    assert len(computer.calls) == 1
    assert "safetensors" in computer.calls[0]


def test_refusing_installs_nothing(computer: Computer, requirements: Path) -> None:
    computer.answer = False
    assert not ensure(requirements)
    assert computer.calls == []


def test_refusing_in_the_panel_says_so_and_keeps_it_ready(computer: Computer, panel: Any, a_volume: Any) -> None:
    computer.answer = False
    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    assert not panel.isRunning
    assert panel.ui.statusLabel.text.startswith("Nothing was installed")
    assert panel.ui.applyButton.text == "Apply"


def test_without_the_pytorch_extension_it_says_how_to_get_it(
    computer: Computer, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from Speckle2SelfLib.errors import DependencyError

    monkeypatch.delitem(sys.modules, "PyTorchUtils")
    with pytest.raises(DependencyError, match='install the "PyTorch" extension in the Extensions Manager'):
        ensure(requirements)
    assert computer.asked == []


def test_slicer_5_10_without_packaging_installs_through_pip(
    computer: Computer, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer

    monkeypatch.delattr(slicer, "packaging")
    monkeypatch.setitem(sys.modules, "slicer.packaging", None)

    def pip_install(arguments: list[str]) -> None:
        computer.calls.append(" ".join(arguments))
        computer.installed.add("safetensors")

    monkeypatch.setattr(slicer.util, "pip_install", pip_install, raising=False)
    computer.installed.add("torch")
    assert ensure(requirements)
    assert computer.calls == [f"-r {requirements}"]


def test_a_failed_download_is_explained(
    computer: Computer, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer
    from Speckle2SelfLib.errors import DependencyError

    def fail(*_arguments: object, **_named: object) -> None:
        raise subprocess.CalledProcessError(1, ["pip", "install"])

    monkeypatch.setattr(slicer.packaging, "pip_ensure", fail)
    with pytest.raises(DependencyError, match=r"failed .*check the network connection, the proxy"):
        ensure(requirements)


def test_an_intel_mac_is_refused_with_a_reason(
    computer: Computer, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from Speckle2SelfLib.desktop import dependencies
    from Speckle2SelfLib.errors import DependencyError

    monkeypatch.setattr(dependencies.sys, "platform", "darwin")
    monkeypatch.setattr(dependencies.platform, "machine", lambda: "x86_64")
    with pytest.raises(DependencyError, match="Intel"):
        ensure(requirements)


def test_nothing_is_installed_while_testing(
    computer: Computer, requirements: Path, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from Speckle2SelfLib.errors import DependencyError

    monkeypatch.setattr(application, "testing", True)
    with pytest.raises(DependencyError, match="testing"):
        ensure(requirements)
    assert computer.calls == []


def test_the_requirements_replace_nothing_that_slicer_brings(requirements: Path, module: Any) -> None:
    from Speckle2SelfLib.desktop.dependencies import requiredNames

    assert not {"numpy", "scipy", "torch", "simpleitk", "vtk"} & {name.lower() for name in requiredNames(requirements)}
