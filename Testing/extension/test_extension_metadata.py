"""What the Extensions Index asks of an extension and can be checked without a network."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from extension.index_rules import RULES, Rule, Tree

NEEDED = ("CMakeLists.txt", "README.md", "LICENSE.txt", "Resources", "Speckle2Self", "Speckle2SelfTraining")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.problems.__name__)
def test_the_tree_follows_the_rule(repository: Path, rule: Rule) -> None:
    assert list(rule.problems(Tree(repository))) == [], f"{rule.text} ({rule.source})"


@pytest.fixture(scope="module")
def pristine(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the rules look at, with links instead of big files."""
    folder = tmp_path_factory.mktemp("tree")
    skipped = shutil.ignore_patterns("__pycache__", "Models", "*.ui", "*.ts")
    for name in NEEDED:
        source = repository / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=skipped)
        else:
            shutil.copy(source, folder)
    return folder


ENTRY = "Resources/ExtensionsIndex/Speckle2Self.json"
BREAKS = [
    ("entry_schema", ENTRY, '"tier": 1', '"tier": 9'),
    ("entry_schema", ENTRY, '"category"', '"categories"'),
    ("entry_format", ENTRY, "\n", "\r\n"),
    ("names", ENTRY, "/SlicerSpeckle2Self", "/Speckle2Self"),
    ("category", ENTRY, '"Ultrasound"', '"Sonography"'),
    ("address", ENTRY, "https://github", "file://github"),
    ("consistent", "CMakeLists.txt", "project(Speckle2Self)", "project(SpeckleToSelf)"),
    ("consistent", "CMakeLists.txt", 'DEPENDS "PyTorch"', 'DEPENDS "NA"'),
    ("icon", "CMakeLists.txt", "/Resources/Speckle2Self.png", "/Resources/Screenshots/before-after.png"),
    ("screenshots", "CMakeLists.txt", "Screenshots/tutorial-measure.png", "Screenshots/None.png"),
    ("description", "CMakeLists.txt", "For research, not for diagnosis.", "For all. It is fast. It is good."),
    ("license_file", "LICENSE.txt", "Apache License", "My license"),
    ("patents", "README.md", "patents", "papers"),
    ("homepage", "README.md", "**Speckle2Self Training**", "The other module"),
    ("homepage", "README.md", "before-after.png", "gone.png"),
    ("tutorial", "README.md", "Sample Data", "the network"),
    ("imports", "Speckle2Self/Speckle2Self.py", "import slicer\n", "import slicer\nimport torch\n"),
    ("torch", "Speckle2Self/Speckle2Self.py", "import slicer\n", 'import slicer\nslicer.util.pip_install("torch")\n'),
]


@pytest.mark.parametrize(("name", "file", "old", "new"), BREAKS)
def test_a_tree_that_breaks_a_rule_is_noticed(
    pristine: Path, tmp_path: Path, name: str, file: str, old: str, new: str
) -> None:
    shutil.copytree(pristine, tmp_path / "tree")
    path = tmp_path / "tree" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new).encode())
    (rule,) = [rule for rule in RULES if rule.problems.__name__ == name]
    assert list(rule.problems(Tree(tmp_path / "tree"))) != []


def test_a_binary_is_noticed(pristine: Path, tmp_path: Path) -> None:
    shutil.copytree(pristine, tmp_path / "tree")
    (tmp_path / "tree" / "Speckle2Self" / "fast.so").write_bytes(b"ELF")
    (rule,) = [rule for rule in RULES if rule.problems.__name__ == "binaries"]
    assert list(rule.problems(Tree(tmp_path / "tree"))) == ["fast.so"]


def test_the_script_tells_rule_by_rule(repository: Path) -> None:
    script = repository / "Testing" / "extension" / "check_index_rules.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sum(line.startswith("ok") for line in done.stdout.splitlines()) == len(RULES)


def test_license_and_citation_are_there(repository: Path) -> None:
    citation = (repository / "CITATION.cff").read_text(encoding="utf-8")
    assert "10.1016/j.media.2025.103755" in citation
    assert "arXiv:2507.06828" in citation


def test_citation_and_library_have_the_same_version(repository: Path) -> None:
    library = (repository / "Speckle2Self" / "Speckle2SelfLib" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'__version__ = "(.*?)"', library)
    assert version
    assert f"version: {version.group(1)}\n" in (repository / "CITATION.cff").read_text(encoding="utf-8")
