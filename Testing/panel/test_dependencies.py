"""First use: what is asked, what is installed, and what is said when that is not possible."""

from __future__ import annotations

import contextlib
import importlib
import os
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from panel.conftest import choose_input
from standins.packaging import packaging_module, pytorch_utils_module


class Computer:
    """A computer without torch and safetensors; the installers below add them."""

    def __init__(self) -> None:
        self.installed: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self.answer = True
        self.calls: list[str] = []
        self.constraints = ""
        self.pip_status = 0
        self.pip_prints = ["Collecting"]

    def install_torch(self, arguments: list[str]) -> object:
        from urllib.parse import urlparse
        from urllib.request import url2pathname

        self.calls.append(" ".join(arguments))
        urls = os.environ["PIP_CONSTRAINT"].split()
        self.constraints = Path(url2pathname(urlparse(urls[-1]).path)).read_text()
        print(*self.pip_prints, sep="\n")
        if self.pip_status:
            raise subprocess.CalledProcessError(self.pip_status, ["PythonSlicer", "-m", "light_the_torch"])
        self.installed.add("torch")
        return object()

    def pip_install(self, arguments: list[str], constraints: Path, logCallback: Any, completedCallback: Any,  # noqa: N803
                    **named: object) -> None:  # fmt: skip
        self.calls.append(" ".join(arguments))
        self.constraints = Path(constraints).read_text()
        for line in self.pip_prints:
            logCallback(line)
        if self.pip_status == 0:
            self.installed.update(argument.split(">")[0] for argument in arguments)
        completedCallback(self.pip_status)


@pytest.fixture
def computer(application: Any, module: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Computer]:
    """Stands for the packages of a fresh Slicer, and for the user who is asked."""
    import slicer

    # As `dependencies` finds it; the package may still hold one from before a reload.
    dependencies, worker_check = (
        importlib.import_module(f"Speckle2SelfLib.desktop.{name}") for name in ("dependencies", "worker_check")
    )
    fresh = Computer()
    monkeypatch.setattr(dependencies, "_installed", lambda name: name in fresh.installed)
    monkeypatch.setattr(application, "testing", False)
    monkeypatch.setattr(worker_check, "checkWorker", lambda: fresh.calls.append("torch tried in the worker"))

    def confirm(text: str, title: str) -> bool:
        fresh.asked.append((text, title))
        return fresh.answer

    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", confirm)
    monkeypatch.setitem(sys.modules, "PyTorchUtils", pytorch_utils_module(fresh.install_torch))
    packaging = packaging_module()
    packaging.pip_install = fresh.pip_install  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "slicer.packaging", packaging)
    monkeypatch.setattr(slicer, "packaging", packaging, raising=False)
    yield fresh
    choose_wheels("")


def choose_wheels(folder: object) -> None:
    import qt
    from Speckle2SelfLib.desktop.wheel_folder import WHEEL_FOLDER_KEY

    qt.QSettings().setValue(WHEEL_FOLDER_KEY, str(folder))


@pytest.fixture
def requirements(repository: Path) -> Path:
    return repository / "Speckle2Self" / "Resources" / "requirements.txt"


@pytest.fixture
def training_requirements(repository: Path) -> Path:
    return repository / "Speckle2SelfTraining" / "Resources" / "requirements-training.txt"


def ensure(requirements: Path, requester: str = "Speckle2Self") -> bool:
    from Speckle2SelfLib.desktop.dependencies import ensureDependencies

    return ensureDependencies(requirements, requester)


def refusal(requirements: Path) -> str:
    from Speckle2SelfLib.errors import DependencyError

    with pytest.raises(DependencyError) as caught:
        ensure(requirements)
    return str(caught.value)


def test_on_a_fresh_slicer_the_user_is_asked_once_and_all_is_installed(computer: Computer, requirements: Path) -> None:
    assert ensure(requirements)
    assert len(computer.asked) == 1
    assert "Speckle2Self needs these Python packages: torch, safetensors." in computer.asked[0][0]
    assert computer.calls == ["install torch>=2.7 torchvision", "safetensors>=0.5", "torch tried in the worker"]


def test_monai_is_asked_for_by_the_training_module_alone_and_in_its_name(
    computer: Computer, requirements: Path, training_requirements: Path
) -> None:
    assert ensure(requirements)
    assert ensure(training_requirements, "Speckle2Self Training")
    assert "monai" not in computer.asked[0][0]
    text, title = computer.asked[1]
    assert text.startswith("Speckle2Self Training needs these Python packages: monai")
    assert title == "Speckle2Self Training"
    assert "torch," not in text


def test_the_second_time_nobody_is_asked(computer: Computer, requirements: Path) -> None:
    ensure(requirements)
    computer.asked.clear()
    assert ensure(requirements)
    assert computer.asked == []


def test_only_what_is_missing_is_installed(computer: Computer, requirements: Path) -> None:
    computer.installed.add("torch")
    assert ensure(requirements)
    assert computer.calls[0] == "safetensors>=0.5"


def test_refusing_installs_nothing_and_the_next_time_asks_again(computer: Computer, requirements: Path) -> None:
    computer.answer = False
    assert not ensure(requirements)
    assert not ensure(requirements)
    assert computer.calls == []
    assert len(computer.asked) == 2


def test_refusing_in_the_panel_says_so_and_keeps_it_ready(computer: Computer, panel: Any, a_volume: Any) -> None:
    computer.answer = False
    choose_input(panel, a_volume)
    panel.ui.applyButton.click()
    assert not panel.isRunning
    assert panel.ui.statusLabel.text.startswith("Nothing was installed")
    assert panel.ui.applyButton.text == "Apply"


def test_what_slicer_brings_is_held_at_its_version_in_every_installation(
    computer: Computer, requirements: Path
) -> None:
    import numpy
    import torch

    computer.pip_prints = []
    ensure(requirements)
    assert f"numpy=={numpy.__version__}\n" in computer.constraints
    assert f"torch=={torch.__version__}\n" in computer.constraints
    assert "SimpleITK==" in computer.constraints
    computer.installed.clear()
    computer.constraints = ""
    computer.installed.add("safetensors")
    ensure(requirements)
    assert f"numpy=={numpy.__version__}\n" in computer.constraints


def test_the_users_own_constraints_stay_and_the_environment_is_as_before(
    computer: Computer, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONSTRAINT", "mine.txt")
    seen: list[str] = []
    original = computer.install_torch
    monkeypatch.setitem(
        sys.modules,
        "PyTorchUtils",
        pytorch_utils_module(lambda arguments: seen.append(os.environ["PIP_CONSTRAINT"]) or original(arguments)),
    )
    ensure(requirements)
    assert seen[0].split()[0] == "mine.txt"
    assert seen[0].split()[1].startswith("file:///")
    assert os.environ["PIP_CONSTRAINT"] == "mine.txt"


def test_without_the_pytorch_extension_it_says_how_to_get_it(
    computer: Computer, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "PyTorchUtils")
    assert 'install the "PyTorch" extension in the Extensions Manager' in refusal(requirements)
    assert computer.asked == []


def test_a_folder_of_wheels_needs_neither_the_network_nor_the_pytorch_extension(
    computer: Computer, requirements: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "PyTorchUtils")
    choose_wheels(tmp_path)
    assert ensure(requirements)
    assert str(tmp_path) in computer.asked[0][0]
    assert computer.calls[0] == f"--no-index --find-links {tmp_path} torch>=2.7 safetensors>=0.5"


def test_a_folder_of_wheels_that_is_gone_is_named(computer: Computer, requirements: Path, tmp_path: Path) -> None:
    choose_wheels(tmp_path / "gone")
    assert "gone does not exist" in refusal(requirements)
    assert computer.asked == []


def test_the_panel_remembers_the_folder_of_wheels_on_this_computer(panel: Any, tmp_path: Path) -> None:
    from Speckle2SelfLib.desktop.wheel_folder import wheelFolder

    try:
        panel.ui.wheelFolderPathLineEdit.currentPath = str(tmp_path)
        assert wheelFolder() == tmp_path
    finally:
        panel.ui.wheelFolderPathLineEdit.currentPath = ""
    assert wheelFolder() is None


def test_slicer_5_10_without_packaging_installs_through_pip(
    computer: Computer, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import slicer

    monkeypatch.delattr(slicer, "packaging")
    monkeypatch.setitem(sys.modules, "slicer.packaging", None)

    def pip_install(arguments: list[str]) -> None:
        computer.constraints = Path(arguments[1]).read_text()
        computer.calls.append(" ".join([arguments[0], *arguments[2:]]))
        computer.installed.add("safetensors")

    monkeypatch.setattr(slicer.util, "pip_install", pip_install, raising=False)
    computer.installed.add("torch")
    assert ensure(requirements)
    assert computer.calls[0] == "-c safetensors>=0.5"
    assert "numpy==" in computer.constraints


TROUBLE = {
    "OSError: Tunnel connection failed: 407 Proxy Authentication Required": "config set global.proxy",
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]": "config set global.cert",
    "WARNING: ... [Errno -3] Temporary failure in name resolution'\n"
    "ERROR: No matching distribution found for torch": "pypi.org",
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device": "Free 2 GB",
    "OSError: [WinError 32] The process cannot access the file": "Close other running 3D Slicers",
    "OSError: [Errno 13] Permission denied: '/opt/Slicer/lib'": "folder of your own",
    "ERROR: ResolutionImpossible: for help visit": "kept on purpose",
    "ERROR: No matching distribution found for torch>=2.7": "no package torch>=2.7 for this computer (Python",
    "MemoryError": "ran out of memory",
    "something nobody has seen": "Reason: something nobody has seen. What to do: ",
}


@pytest.mark.parametrize("printed", TROUBLE)
@pytest.mark.parametrize("what", ["torch", "the rest"])
def test_a_failed_installation_is_explained_with_reason_and_solution(
    computer: Computer, requirements: Path, printed: str, what: str
) -> None:
    computer.installed.update({"torch"} if what == "the rest" else {"safetensors"})
    computer.pip_status, computer.pip_prints = 1, ["Collecting something", printed]
    text = refusal(requirements)
    assert " could not be installed. Reason: " in text
    assert ". What to do: " in text
    assert TROUBLE[printed] in text
    assert ensure_works_later(computer, requirements)


def ensure_works_later(computer: Computer, requirements: Path) -> bool:
    computer.pip_status = 0
    return ensure(requirements) and len(computer.asked) == 2


def test_an_intel_mac_is_refused_with_a_reason(
    computer: Computer, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from Speckle2SelfLib.desktop import dependencies

    monkeypatch.setattr(dependencies.sys, "platform", "darwin")
    monkeypatch.setattr(dependencies.platform, "machine", lambda: "x86_64")
    assert "Intel" in refusal(requirements)


def test_a_pytorch_that_is_too_old_is_not_replaced(
    computer: Computer, requirements: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from Speckle2SelfLib.desktop import dependencies

    computer.installed.update({"torch", "safetensors"})
    monkeypatch.setattr(dependencies, "installedVersion", lambda name: "2.2.1+cpu" if name == "torch" else "0.8")
    assert "PyTorch 2.2.1+cpu is installed, needed is 2.7 or newer" in refusal(requirements)
    assert computer.asked == []


def test_nothing_is_installed_while_testing(
    computer: Computer, requirements: Path, application: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "testing", True)
    assert "testing" in refusal(requirements)
    assert computer.calls == []


def test_the_requirements_replace_nothing_that_slicer_brings(requirements: Path, training_requirements: Path) -> None:
    from Speckle2SelfLib.desktop.requirements import KEPT_PACKAGES, nameOf, requirementLines

    kept = {name.lower() for name in KEPT_PACKAGES}
    for file in (requirements, training_requirements):
        assert not kept & {nameOf(line).lower() for line in requirementLines(file)}


def test_the_window_shows_and_keeps_what_is_printed_and_the_console_gets_it_as_well(
    application: Any, module: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from Speckle2SelfLib.desktop.install_window import InstallWindow

    with InstallWindow("Speckle2Self Training") as window:
        window.showStage("Installing torch")
        with window.listening():
            print("Collecting torch")
            print("Downloading", end="")
            print(" torch-2.7")
        dialog = window._dialog
        assert dialog.modal
        assert dialog.windowTitle.startswith("Speckle2Self Training")
    assert window.output == "Collecting torch\nDownloading torch-2.7"
    assert capsys.readouterr().out == "Collecting torch\nDownloading torch-2.7\n"
    assert not dialog.visible


@pytest.fixture
def broken_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], types.ModuleType]]:
    """A worker that finds a broken torch first, and no other worker."""
    from Speckle2SelfLib.desktop import worker_check
    from Speckle2SelfLib.worker import WorkerClient, launch

    (tmp_path / "torch.py").write_text("raise OSError('c10.dll is missing')")
    folders = os.pathsep.join([str(tmp_path), str(launch.LIBRARY_PARENT)])
    monkeypatch.setattr(launch, "environment", lambda: {**os.environ, "PYTHONPATH": folders})
    (tmp_path / "work").mkdir()
    client = WorkerClient(folder=tmp_path / "work")
    monkeypatch.setattr(worker_check, "shared_worker", lambda: client)
    with contextlib.closing(client):
        yield lambda: worker_check


def test_a_torch_that_does_not_work_is_told_right_after_the_installation(
    application: Any, module: Any, broken_torch: Callable[[], Any]
) -> None:
    from Speckle2SelfLib.errors import DependencyError

    with pytest.raises(DependencyError, match=r"c10\.dll is missing"):
        broken_torch().checkWorker()
