"""What CMake installs is complete: it runs without the source tree.

Slicer's own CMake package is replaced by a stand-in (Testing/standins/cmake) that copies and installs as Slicer's does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARIES = ("Speckle2SelfLib", "Speckle2SelfTrainingLib")
MODULES = Path("lib") / "Slicer-5.12" / "qt-scripted-modules"


@pytest.fixture(scope="module")
def installed(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of scripted modules of the installed extension."""
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    folder = tmp_path_factory.mktemp("extension with a space")
    package = repository / "Testing" / "standins" / "cmake"
    _run("cmake", "-S", repository, "-B", folder / "build", f"-DSlicer_DIR={package}", "-DBUILD_TESTING=ON")
    _run("cmake", "--build", folder / "build")
    _run("cmake", "--install", folder / "build", "--prefix", folder / "installed")
    return folder / "installed" / MODULES


def _run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _python(folder: Path, code: str) -> str:
    """Run code with the installed library alone on the path, far from the source tree."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_module_panel_icon_and_requirements_are_installed(installed: Path) -> None:
    for module, requirements in (("Speckle2Self", ""), ("Speckle2SelfTraining", "-training")):
        for name in (f"{module}.py", f"Resources/UI/{module}.ui", f"Resources/requirements{requirements}.txt"):
            assert (installed / name).is_file(), name
        assert (installed / f"Resources/Icons/{module}.png").read_bytes().startswith(b"\x89PNG")


def test_every_file_of_the_modules_and_models_is_installed_as_it_is(repository: Path, installed: Path) -> None:
    """Scripts, panels, icons, translations, requirements and models: nothing is lost, changed or added."""
    sources = {
        file.relative_to(folder): file
        for folder in (repository / "Speckle2Self", repository / "Speckle2SelfTraining")
        for file in _shipped(folder)
    }
    sources |= {file.relative_to(repository): file for file in _shipped(repository / "Resources" / "Models")}
    assert {file.relative_to(installed) for file in _shipped(installed)} == set(sources)
    for name, file in sources.items():
        assert (installed / name).read_bytes() == file.read_bytes(), name


def _shipped(folder: Path) -> list[Path]:
    skipped = ("CMakeLists.txt", ".pyc")
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(skipped)]


def test_the_self_tests_are_registered_for_the_dashboard(installed: Path) -> None:
    listed = _run("ctest", "--test-dir", installed.parents[3] / "build", "-N")
    names = [line.rpartition(": ")[2] for line in listed.splitlines() if " Test " in line]
    own = ["py_Speckle2Self", "py_Speckle2SelfTraining"]
    generic = [f"py_nomainwindow_qSlicer{name}ModuleGenericTest" for name in ("Speckle2Self", "Speckle2SelfTraining")]
    assert sorted(names) == sorted(own + generic)


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_installed_library_imports_from_where_it_is_installed(installed: Path, library: str) -> None:
    where = _python(installed, f"import {library} as lib; print(lib.__file__)")
    assert Path(where) == installed / library / "__init__.py"


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_part_of_the_installed_library_imports(installed: Path, library: str) -> None:
    code = """
import importlib, pathlib
root = pathlib.Path(importlib.import_module("LIBRARY").__file__).parent
for file in sorted(root.rglob("*.py")):
    parts = file.relative_to(root.parent).with_suffix("").parts
    if "desktop" in parts or file.name == "__main__.py":
        continue
    importlib.import_module(".".join(part for part in parts if part != "__init__"))
print("imported")
"""
    assert _python(installed, code.replace("LIBRARY", library)).endswith("imported")


def test_the_installed_library_despeckles_with_the_installed_model(installed: Path) -> None:
    code = """
import numpy as np
from Speckle2SelfLib import Despeckler
frame = np.random.default_rng(0).integers(0, 256, (48, 64)).astype(np.uint8)
despeckled = Despeckler(device="cpu")(frame)
assert despeckled.shape == frame.shape and despeckled.dtype == frame.dtype and (despeckled != frame).any()
print("despeckled")
"""
    assert _python(installed, code) == "despeckled"


def test_the_worker_of_the_installed_extension_trains(installed: Path, tmp_path: Path) -> None:
    code = f"""
import numpy as np, slicer, slicer.util
slicer.mrmlScene = slicer.vtkMRMLScene()
volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Sweep")
slicer.util.updateVolumeFromArray(volume, np.random.default_rng(0).integers(0, 256, (4, 40, 40)).astype(np.uint8))
from Speckle2SelfLib.worker.jobs import package_folders
from Speckle2SelfTrainingLib.scene import SceneTrainer
settings = dict(steps=2, crop=32, batch_size=2)
print([str(folder) for folder in package_folders()] == [{str(installed)!r}])
print(SceneTrainer().train(volume, output={str(tmp_path / "mine")!r}, settings=settings, device="cpu").name)
"""
    pytest.importorskip("slicer", reason="slicer-core is not installed")
    assert _python(installed, code).splitlines() == ["True", "mine"]


def test_an_unlisted_file_would_be_noticed(repository: Path, tmp_path: Path) -> None:
    """The stand-in refuses a list that names a file which does not exist, as Slicer's macro does."""
    if shutil.which("cmake") is None:
        pytest.skip("cmake is not installed")
    package = repository / "Testing" / "standins" / "cmake"
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.16)\nproject(Broken NONE)\nfind_package(Slicer REQUIRED)\n"
        "include(${Slicer_USE_FILE})\nslicerMacroBuildScriptedModule(NAME Broken SCRIPTS Missing.py RESOURCES)\n"
    )
    command = ["cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DSlicer_DIR={package}"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "nonexistent file" in done.stderr
