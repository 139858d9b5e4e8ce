"""The published rules for extensions of 3D Slicer, as far as a tree without a network can be checked.

Each rule names its source: `checks` is scripts/check_description_files.py, `submission` is the checklist
.github/PULL_REQUEST_TEMPLATE.md, `questions` is scripts/extension_ai_analysis.py and `hooks` is .pre-commit-config.yaml
of the repository Slicer/ExtensionsIndex at 07f1d1b27 (August 2026); `guide` is Docs/developer_guide/extensions.md and
`schema` is Schemas/slicer-extension-catalog-entry-schema-v1.0.1.json of Slicer's sources.
"""

from __future__ import annotations

import ast
import json
import re
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema

TEXT = {"type": "string"}
SCHEMA = {
    "type": "object",
    "required": ["$schema", "category", "scm_url"],
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(("$schema", "category", "scm_url", "scm_revision", "build_subdirectory"), TEXT),
        "scm_type": {"enum": ["git", "local"]},
        "build_dependencies": {"type": "array", "items": TEXT},
        "enabled": {"type": "boolean"},
        "tier": {"type": "integer", "minimum": 1, "maximum": 5},
    },
}
CATEGORIES = {"Ultrasound", "Filtering", "Segmentation"}  # of some 70 that are accepted, those that could be ours
REPOSITORY_PREFIX = "Slicer"
LICENSE_NAMES = ("LICENSE", "LICENCE", "License.txt", "license.txt", "LICENSE.txt", "COPYING", "COPYING.txt")
MEGABYTES = 100
ICON_SIZE = (128, 128)
BINARY_SUFFIXES = {".exe", ".dll", ".so", ".dylib", ".pyd", ".jar", ".msi", ".dmg", ".whl"}
SLICERS_OWN = {"slicer", "vtk", "qt", "ctk", "SimpleITK", "numpy", "scipy"}
RAW = re.compile(r"https://raw\.githubusercontent\.com/[^/]+/[^/]+/[^/]+/(.+)")


@dataclass(frozen=True)
class Tree:
    """A checkout of an extension."""

    root: Path

    @property
    def entry_file(self) -> Path:
        """The file that goes into the Index; its name is that of the extension."""
        return next((self.root / "Resources" / "ExtensionsIndex").glob("*.json"))

    @cached_property
    def entry(self) -> dict[str, Any]:
        """The entry's values."""
        values: dict[str, Any] = json.loads(self.entry_file.read_text(encoding="utf-8"))
        return values

    @cached_property
    def cmake(self) -> str:
        """The extension's CMakeLists.txt."""
        return (self.root / "CMakeLists.txt").read_text(encoding="utf-8")

    @cached_property
    def readme(self) -> str:
        """The text of the homepage."""
        return (self.root / "README.md").read_text(encoding="utf-8")

    @cached_property
    def files(self) -> list[Path]:
        """The files under version control, or all of them where there is none."""
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=self.root, capture_output=True, text=True, check=False)
        names = [name for name in listed.stdout.split("\0") if name]
        paths = [self.root / name for name in names] if names else list(self.root.rglob("*"))
        return [path for path in paths if path.is_file()]

    @property
    def modules(self) -> list[Path]:
        """The scripts of the modules."""
        return sorted(self.root.glob("*/CMakeLists.txt"))

    def setting(self, name: str) -> str:
        """Return a value of CMakeLists.txt, in the one spelling that the Index's script understands."""
        found = re.search(rf'set\s*\(EXTENSION_{name}\s*"([^"]+)"\)', self.cmake, re.IGNORECASE)
        return found.group(1).strip() if found else ""

    def picture(self, address: str) -> bytes:
        """Return the picture that an address will show once the tree is published; empty where there is none."""
        path = RAW.fullmatch(address)
        file = self.root / path.group(1) if path else None
        return file.read_bytes() if file is not None and file.is_file() else b""


@dataclass(frozen=True)
class Rule:
    """One rule: what is asked, by whom, and a function that yields what is wrong."""

    text: str
    source: str
    problems: Callable[[Tree], Iterator[str]]


RULES: list[Rule] = []
BY_HAND = (
    "submission: the repository has the topic 3d-slicer-extension",
    "submission: unused features of GitHub (wiki, projects, discussions, releases, packages) are hidden",
    "submission: homepage, icon and screenshots can be seen at their addresses",
    "submission, tier 3: maintainers answer in issues, pull requests and the forum",
)


def rule(text: str, source: str) -> Callable[[Callable[[Tree], Iterator[str]]], Callable[[Tree], Iterator[str]]]:
    """Add a function to :data:`RULES`."""

    def add(problems: Callable[[Tree], Iterator[str]]) -> Callable[[Tree], Iterator[str]]:
        RULES.append(Rule(text, source, problems))
        return problems

    return add


@rule("the entry is JSON of the schema", "checks: check_json_schema; schema")
def entry_schema(tree: Tree) -> Iterator[str]:
    for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(tree.entry):
        yield error.message
    if not str(tree.entry.get("$schema")).startswith("https://raw.githubusercontent.com/Slicer/Slicer/main/Schemas/"):
        yield "$schema names none of Slicer's schemas"


@rule("the entry is formatted as the Index formats it, with LF line ends", "checks: check_json_file_format; hooks")
def entry_format(tree: Tree) -> Iterator[str]:
    if tree.entry_file.read_bytes() != (json.dumps(tree.entry, indent=2) + "\n").encode():
        yield f"{tree.entry_file.name} is not indented by 2, in LF lines, with one at the end"


@rule("the extension's name does not begin with Slicer, that of the repository does", "checks: check_extension_name")
def names(tree: Tree) -> Iterator[str]:
    if tree.entry_file.stem.lower().startswith("slicer"):
        yield f"the extension is called {tree.entry_file.stem}"
    repository = Path(urlsplit(str(tree.entry["scm_url"]).rstrip("/")).path).stem
    if repository != REPOSITORY_PREFIX + tree.entry_file.stem:
        yield f"the repository is called {repository}"


@rule("the category is one of the accepted ones", "checks: check_category")
def category(tree: Tree) -> Iterator[str]:
    if tree.entry["category"] not in CATEGORIES:
        yield f"category {tree.entry['category']!r}"


@rule("the repository's address begins with https or git", "checks: check_scm_url_syntax")
def address(tree: Tree) -> Iterator[str]:
    if urlsplit(str(tree.entry["scm_url"])).scheme not in ("git", "https"):
        yield str(tree.entry["scm_url"])


@rule("CMake and the entry agree on name, dependencies and repository", "checks: check_cmakelists_content; submission")
def consistent(tree: Tree) -> Iterator[str]:
    project = re.search(r"project\s*\(\s*([^\s)]+)", tree.cmake)
    if project is None or project.group(1) != tree.entry_file.stem:
        yield "project() has another name than the entry"
    if tree.setting("DEPENDS").replace("NA", "").split() != tree.entry.get("build_dependencies", []):
        yield "EXTENSION_DEPENDS differs from build_dependencies"
    if tree.setting("HOMEPAGE") != str(tree.entry["scm_url"]).removesuffix(".git"):
        yield "EXTENSION_HOMEPAGE is not the repository"


@rule("the icon is a PNG of 128x128 pixels", "checks: check_cmakelists_content; guide")
def icon(tree: Tree) -> Iterator[str]:
    data = tree.picture(tree.setting("ICONURL"))
    if not data.startswith(b"\x89PNG\r\n\x1a\n") or struct.unpack(">II", data[16:24]) != ICON_SIZE:
        yield f"EXTENSION_ICONURL {tree.setting('ICONURL')!r}"


@rule("there is at least one screenshot, and every address shows a picture", "checks: check_cmakelists_content")
def screenshots(tree: Tree) -> Iterator[str]:
    if not tree.setting("SCREENSHOTURLS"):
        yield "EXTENSION_SCREENSHOTURLS names none"
    for one in tree.setting("SCREENSHOTURLS").split():
        if not tree.picture(one).startswith(b"\x89PNG\r\n\x1a\n"):
            yield one


@rule("the description says in one or two sentences what the extension is for", "submission; questions")
def description(tree: Tree) -> Iterator[str]:
    text = tree.setting("DESCRIPTION")
    sentences = [sentence for sentence in re.split(r"(?<=[.!?])\s+", text) if sentence]
    if not 1 <= len(sentences) <= 2:
        yield f"{len(sentences)} sentences"
    if "ultrasound" not in text.lower() or "not for diagnosis" not in text:
        yield "it does not say that it is for ultrasound, and not for diagnosis"


@rule(f"the repository has less than {MEGABYTES} MB, with its history", "checks: check_repository_size")
def size(tree: Tree) -> Iterator[str]:
    checked_out = sum(path.stat().st_size for path in tree.files) / 2**20
    # What a clone brings. A repository at work may hold an object twice, loose and in a pack.
    counted = subprocess.run(
        ["git", "rev-list", "--objects", "--disk-usage", "HEAD"],
        cwd=tree.root,
        capture_output=True,
        text=True,
        check=False,
    )
    history = int(counted.stdout or 0) / 2**20
    if checked_out + history >= MEGABYTES:
        yield f"{checked_out:.0f} MB and {history:.0f} MB of history"


@rule("a permissive license lies in the root, and the homepage names it", "checks: check_license_file; submission")
def license_file(tree: Tree) -> Iterator[str]:
    found = [name for name in LICENSE_NAMES if (tree.root / name).is_file()]
    if not found:
        yield "no license file"
    elif "Apache License" not in (tree.root / found[0]).read_text(encoding="utf-8"):
        yield f"{found[0]} is not the Apache license"
    if "Apache-2.0" not in tree.readme:
        yield "README.md does not name the license"


@rule("known patents are mentioned", "submission")
def patents(tree: Tree) -> Iterator[str]:
    if "patent" not in tree.readme.lower():
        yield "README.md does not say whether patents are known"


@rule("the homepage has name, summary, picture, a sentence for each module and the publication", "submission")
def homepage(tree: Tree) -> Iterator[str]:
    title, _, rest = tree.readme.partition("\n")
    if tree.entry_file.stem not in title or len(rest.strip().split("\n\n")[0]) < 80:
        yield "name and summary must come first"
    pictures = re.findall(r"!\[[^]]+]\(([^)]+)\)", tree.readme)
    missing = [name for name in pictures if not name.startswith("http") and not (tree.root / name).is_file()]
    if not pictures or missing:
        yield f"pictures: {missing or 'none'}"
    for module in tree.modules:
        title_of_module = _title(module.parent)
        if not re.search(rf"\*\*{re.escape(title_of_module)}\*\*[^\n]{{20,}}", tree.readme):
            yield f"no sentence about {title_of_module}"
    if "https://doi.org/" not in tree.readme:
        yield "no publication"


@rule("a tutorial goes step by step, with samples that the module Sample Data has", "submission, tier 3; questions")
def tutorial(tree: Tree) -> Iterator[str]:
    if not re.search(r"^#+ .*tutorial", tree.readme, re.IGNORECASE | re.MULTILINE):
        yield "README.md has no section Tutorial"
    if not re.search(r"^1\. ", tree.readme, re.MULTILINE) or "Sample Data" not in tree.readme:
        yield "its steps do not say where the sample data is"
    if not any("registerCustomSampleDataSource(" in path.read_text("utf-8") for path in _scripts(tree)):
        yield "no sample is registered"


@rule("no binaries are shipped", "submission: the extension is safe")
def binaries(tree: Tree) -> Iterator[str]:
    for path in tree.files:
        if path.suffix.lower() in BINARY_SUFFIXES:
            yield path.name


@rule("modules import at file scope only what Slicer brings", "questions")
def imports(tree: Tree) -> Iterator[str]:
    own = {path.parent.name for path in tree.modules} | {f"{path.parent.name}Lib" for path in tree.modules}
    allowed = SLICERS_OWN | own | set(sys.stdlib_module_names) | {"__future__"}
    for module in tree.modules:
        script = module.parent / f"{module.parent.name}.py"
        for statement in ast.parse(script.read_text(encoding="utf-8")).body:
            imported = [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []
            imported += [statement.module or ""] if isinstance(statement, ast.ImportFrom) else []
            for name in imported:
                if name.split(".")[0] not in allowed:
                    yield f"{script.name} imports {name}"


@rule("PyTorch is not installed by pip_install, but through the extension PyTorch", "questions")
def torch(tree: Tree) -> Iterator[str]:
    for path in _scripts(tree):
        if re.search(r"pip_install\([^)]*torch", path.read_text(encoding="utf-8")):
            yield path.name


@rule("what was stored on disk can be removed, and the homepage says how", "questions")
def removal(tree: Tree) -> Iterator[str]:
    if not re.search(r"(delete|remove)[^.\n]{0,80}(folder|cache|model)", tree.readme, re.IGNORECASE):
        yield "README.md does not say how models are removed"


def _title(module: Path) -> str:
    """Return the name under which Slicer lists a module."""
    code = (module / f"{module.name}.py").read_text(encoding="utf-8")
    found = re.search(r'parent\.title = _\("([^"]+)"\)', code)
    return found.group(1) if found else module.name


def _scripts(tree: Tree) -> list[Path]:
    folders = [path.parent for path in tree.modules]
    return [path for path in tree.files if path.suffix == ".py" and any(f in path.parents for f in folders)]
