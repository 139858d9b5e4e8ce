"""Whatever is not listed in CMake works from source and is missing once installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from extension.cmake_lists import cmake_list, files_below

MODULES = ("Speckle2Self", "Speckle2SelfTraining")


@pytest.fixture(params=MODULES)
def module_folder(repository: Path, request: pytest.FixtureRequest) -> Path:
    """The folder of each module."""
    folder: Path = repository / request.param
    return folder


def test_every_python_file_of_the_module_is_listed_and_exists(module_folder: Path) -> None:
    listed = cmake_list(module_folder / "CMakeLists.txt", "MODULE_PYTHON_SCRIPTS", MODULE_NAME=module_folder.name)
    assert sorted(listed) == [name for name in files_below(module_folder) if name.endswith(".py")]


def test_every_other_file_of_the_module_is_listed_and_exists(module_folder: Path) -> None:
    listed = cmake_list(module_folder / "CMakeLists.txt", "MODULE_PYTHON_RESOURCES", MODULE_NAME=module_folder.name)
    others = [name for name in files_below(module_folder, ".py", ".pyc") if name != "CMakeLists.txt"]
    assert sorted(listed) == others


def test_every_module_is_part_of_the_extension(repository: Path) -> None:
    text = (repository / "CMakeLists.txt").read_text(encoding="utf-8")
    added = [module for module in MODULES if f"add_subdirectory({module})" in text]
    assert added == [path.parent.name for path in sorted(repository.glob("*/CMakeLists.txt"))]


def test_every_file_of_the_shipped_models_is_listed_and_exists(repository: Path) -> None:
    listed = cmake_list(repository / "Speckle2Self" / "CMakeLists.txt", "MODEL_FILES")
    assert listed, "no model is shipped"
    assert sorted(listed) == files_below(repository / "Resources" / "Models")


def test_no_file_is_listed_twice(module_folder: Path) -> None:
    for name in ("MODULE_PYTHON_SCRIPTS", "MODULE_PYTHON_RESOURCES"):
        listed = cmake_list(module_folder / "CMakeLists.txt", name)
        assert len(listed) == len(set(listed)), name


def test_no_module_replaces_a_file_of_another_once_installed(repository: Path) -> None:
    """All modules of an extension are installed into one folder."""
    names = ("MODULE_PYTHON_SCRIPTS", "MODULE_PYTHON_RESOURCES")
    files = [
        file
        for module in MODULES
        for name in names
        for file in cmake_list(repository / module / "CMakeLists.txt", name, MODULE_NAME=module)
    ]
    assert len(files) == len(set(files))


def test_the_library_has_no_folder_without_init(module_folder: Path) -> None:
    folders = {path.parent for path in (module_folder / f"{module_folder.name}Lib").rglob("*.py")}
    assert [folder.name for folder in folders if not (folder / "__init__.py").is_file()] == []
