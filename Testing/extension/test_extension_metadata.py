"""What the Extensions Index asks of an extension and can be checked without a network."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

import jsonschema
import pytest

# The properties of Schemas/slicer-extension-catalog-entry-schema-v1.0.1.json of Slicer's sources
ENTRY_SCHEMA = {
    "type": "object",
    "required": ["$schema", "category", "scm_url"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string"},
        "category": {"type": "string"},
        "scm_url": {"type": "string"},
        "scm_revision": {"type": "string"},
        "scm_type": {"enum": ["git", "local"]},
        "build_dependencies": {"type": "array", "items": {"type": "string"}},
        "build_subdirectory": {"type": "string"},
        "enabled": {"type": "boolean"},
        "tier": {"type": "integer", "minimum": 1, "maximum": 5},
    },
}


@pytest.fixture
def entry(repository: Path) -> dict[str, object]:
    """The extension's entry of the Index."""
    text = (repository / "Resources" / "ExtensionsIndex" / "Speckle2Self.json").read_text(encoding="utf-8")
    values: dict[str, object] = json.loads(text)
    return values


def extension_setting(repository: Path, name: str) -> str:
    found = re.search(rf'set\(EXTENSION_{name} "(.*?)"\)', (repository / "CMakeLists.txt").read_text(encoding="utf-8"))
    assert found, f"EXTENSION_{name} is not set"
    return found.group(1)


def test_the_index_entry_follows_the_schema(entry: dict[str, object]) -> None:
    jsonschema.validate(entry, ENTRY_SCHEMA)
    assert entry["category"] == "Ultrasound"


def test_index_entry_and_cmake_name_the_same_dependencies(repository: Path, entry: dict[str, object]) -> None:
    assert entry["build_dependencies"] == extension_setting(repository, "DEPENDS").split() == ["PyTorch"]


def test_index_entry_and_cmake_name_the_same_repository(repository: Path, entry: dict[str, object]) -> None:
    assert entry["scm_url"] == extension_setting(repository, "HOMEPAGE") + ".git"


def test_the_description_says_what_it_is_for(repository: Path) -> None:
    description = extension_setting(repository, "DESCRIPTION")
    assert "ultrasound speckle denoising" in description.lower()
    assert "not for diagnosis" in description


def test_the_icon_is_a_png_of_128_by_128_pixels(repository: Path) -> None:
    name = extension_setting(repository, "ICONURL").rsplit("/main/", 1)[1]
    data = (repository / name).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (128, 128)


def test_the_screenshot_is_there_and_small(repository: Path) -> None:
    name = extension_setting(repository, "SCREENSHOTURLS").rsplit("/main/", 1)[1]
    data = (repository / name).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(data) < 1_000_000


def test_license_and_citation_are_there(repository: Path) -> None:
    assert "Apache License" in (repository / "LICENSE.txt").read_text(encoding="utf-8")
    citation = (repository / "CITATION.cff").read_text(encoding="utf-8")
    assert "10.1016/j.media.2025.103755" in citation
    assert "arXiv:2507.06828" in citation


def test_citation_and_library_have_the_same_version(repository: Path) -> None:
    library = (repository / "Speckle2Self" / "Speckle2SelfLib" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'__version__ = "(.*?)"', library)
    assert version
    assert f"version: {version.group(1)}\n" in (repository / "CITATION.cff").read_text(encoding="utf-8")
