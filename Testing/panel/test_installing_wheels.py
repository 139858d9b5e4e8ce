"""The real pip, offline, into a throw-away environment: only the desktop around it is a stand-in."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standins.packaging import packaging_module, python_with_own_packages, write_wheel

pytestmark = pytest.mark.skipif(os.name != "posix", reason="its PythonSlicer is a shell script")


@pytest.fixture(scope="module")
def own_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return python_with_own_packages(tmp_path_factory.mktemp("Jürgen Ångström") / "a Slicer")


@pytest.fixture
def offline(
    application: Any, module: Any, own_packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A Slicer with a Python of its own, whose user agrees and has a folder of wheels; returns that folder."""
    import qt
    import slicer
    from Speckle2SelfLib.desktop import worker_check
    from Speckle2SelfLib.desktop.wheel_folder import WHEEL_FOLDER_KEY
    from Speckle2SelfLib.worker import WorkerClient

    wheels = tmp_path / "wheels on a stick"
    wheels.mkdir()
    client = WorkerClient(folder=tmp_path)
    monkeypatch.setattr(application, "testing", False)
    monkeypatch.setattr(slicer.util, "confirmOkCancelDisplay", lambda text, title: True)
    monkeypatch.setattr(slicer, "packaging", packaging_module(), raising=False)
    monkeypatch.setitem(sys.modules, "slicer.packaging", slicer.packaging)
    monkeypatch.setattr(worker_check, "shared_worker", lambda: client)
    monkeypatch.setenv("PATH", f"{own_packages.parents[2] / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.syspath_prepend(str(own_packages))
    qt.QSettings().setValue(WHEEL_FOLDER_KEY, str(wheels))
    yield wheels
    client.close()
    qt.QSettings().setValue(WHEEL_FOLDER_KEY, "")


def ensure(tmp_path: Path, *lines: str) -> bool:
    from Speckle2SelfLib.desktop.dependencies import ensureDependencies

    file = tmp_path / "requirements.txt"
    file.write_text("# for a test\n" + "\n".join(lines))
    return ensureDependencies(file, "Speckle2Self")


def test_a_wheel_from_a_folder_is_installed_and_torch_is_tried_in_the_worker(
    offline: Path, own_packages: Path, tmp_path: Path
) -> None:
    from Speckle2SelfLib.desktop.dependencies import missingPackages
    from Speckle2SelfLib.desktop.worker_check import shared_worker

    write_wheel(offline, "tinyspeckle", "1.2", requires=("numpy>=1.0",))
    assert ensure(tmp_path, "tinyspeckle>=1")
    assert (own_packages / "tinyspeckle.py").is_file()
    assert not (own_packages / "numpy").exists()
    assert missingPackages(tmp_path / "requirements.txt") == []
    assert shared_worker().hello["torch"]


def test_a_wheel_that_wants_another_numpy_is_refused_and_nothing_is_installed(
    offline: Path, own_packages: Path, tmp_path: Path
) -> None:
    from Speckle2SelfLib.errors import DependencyError

    write_wheel(offline, "oldspeckle", "1.0", requires=("numpy<2",))
    write_wheel(offline, "numpy", "1.26.4")
    with pytest.raises(DependencyError, match=r"\(oldspeckle 1\.0 depends on numpy<2\).* kept on purpose"):
        ensure(tmp_path, "oldspeckle")
    assert not (own_packages / "oldspeckle.py").exists()
    assert not (own_packages / "numpy.py").exists()


def test_a_folder_without_the_wheel_says_which_one_and_how_to_get_it(offline: Path, tmp_path: Path) -> None:
    from Speckle2SelfLib.errors import DependencyError

    with pytest.raises(DependencyError, match=r"no wheel of absentspeckle .*pip download --dest FOLDER"):
        ensure(tmp_path, "absentspeckle")


def test_pip_hears_of_the_constraints_that_the_pytorch_extension_cannot_pass_on(
    offline: Path, tmp_path: Path, own_packages: Path
) -> None:
    from Speckle2SelfLib.desktop.installing import _constrained

    constraints = tmp_path / "Jürgen's folder"
    constraints.mkdir()
    (constraints / "constraints.txt").write_text("heldspeckle==1.0\n")
    for version in ("1.0", "2.0"):
        write_wheel(offline, "heldspeckle", version)
    python = own_packages.parents[2] / "bin" / "python"
    with _constrained(constraints / "constraints.txt"):
        subprocess.run(
            [python, "-m", "pip", "install", "--no-index", "--find-links", offline, "heldspeckle"],
            check=True,
            capture_output=True,
        )
    assert (own_packages / "heldspeckle-1.0.dist-info").is_dir()
