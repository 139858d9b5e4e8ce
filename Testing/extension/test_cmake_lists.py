"""Whatever is not listed in CMake works from source and is missing once installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from extension.cmake_lists import cmake_list, files_below

MODULE = "Speckle2Self"


@pytest.fixture
def module_folder(repository: Path) -> Path:
    return repository / MODULE


def test_every_python_file_of_the_module_is_listed_and_exists(module_folder: Path) -> None:
    listed = cmake_list(module_folder / "CMakeLists.txt", "MODULE_PYTHON_SCRIPTS", MODULE_NAME=MODULE)
    assert sorted(listed) == [name for name in files_below(module_folder) if name.endswith(".py")]


def test_every_other_file_of_the_module_is_listed_and_exists(module_folder: Path) -> None:
    listed = cmake_list(module_folder / "CMakeLists.txt", "MODULE_PYTHON_RESOURCES", MODULE_NAME=MODULE)
    others = [name for name in files_below(module_folder, ".py", ".pyc") if name != "CMakeLists.txt"]
    assert sorted(listed) == others


def test_every_file_of_the_shipped_models_is_listed_and_exists(repository: Path, module_folder: Path) -> None:
    listed = cmake_list(module_folder / "CMakeLists.txt", "MODEL_FILES")
    assert listed, "no model is shipped"
    assert sorted(listed) == files_below(repository / "Resources" / "Models")


def test_no_file_is_listed_twice(module_folder: Path) -> None:
    for name in ("MODULE_PYTHON_SCRIPTS", "MODULE_PYTHON_RESOURCES", "MODEL_FILES"):
        listed = cmake_list(module_folder / "CMakeLists.txt", name)
        assert len(listed) == len(set(listed)), name


def test_the_library_has_no_folder_without_init(module_folder: Path) -> None:
    folders = {path.parent for path in (module_folder / "Speckle2SelfLib").rglob("*.py")}
    assert [folder.name for folder in folders if not (folder / "__init__.py").is_file()] == []
