"""The files that GitHub, citation tools and newcomers read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

SCHEMAS = [
    ("github-workflows", ".github/workflows/*.yml"),
    ("github-issue-forms", ".github/ISSUE_TEMPLATE/[!c]*.yml"),
    ("github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
    ("dependabot", ".github/dependabot.yml"),
    ("citation-file-format", "CITATION.cff"),
]


def check(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("schema", "pattern"), SCHEMAS)
def test_the_file_follows_its_published_schema(repository: Path, schema: str, pattern: str) -> None:
    files = sorted(repository.glob(pattern))
    assert files, pattern
    done = check(schema, *files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_workflow_without_a_machine_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("on: push\njobs:\n  tests:\n    steps:\n      - run: make test\n")
    assert check("github-workflows", tmp_path / "broken.yml").returncode != 0


def workflows(repository: Path) -> dict[str, dict]:
    return {path.name: yaml.safe_load(path.read_text("utf-8")) for path in repository.glob(".github/workflows/*.yml")}


def steps(repository: Path) -> list[dict]:
    return [step for flow in workflows(repository).values() for job in flow["jobs"].values() for step in job["steps"]]


def test_actions_of_others_are_fixed_to_a_commit(repository: Path) -> None:
    used = [step["uses"] for step in steps(repository) if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name)] == []


def test_workflows_may_only_read(repository: Path) -> None:
    found = workflows(repository)
    assert sorted(found) == ["lint.yml", "slicer.yml", "tests.yml"]
    assert all(flow["permissions"] == {"contents": "read"} for flow in found.values())


def test_what_is_run_or_told_to_run_exists(repository: Path) -> None:
    told = [step["run"] for step in steps(repository) if "run" in step]
    told += [(repository / name).read_text("utf-8") for name in ("CONTRIBUTING.md", "Testing/README.md")]
    scripts = {name for text in told for name in re.findall(r"python3? (Testing/\S+\.py)", text)}
    assert len(scripts) >= 3
    assert [name for name in sorted(scripts) if not (repository / name).is_file()] == []
    makefile = (repository / "Makefile").read_text("utf-8")
    targets = {name for text in told for name in re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)}
    assert [name for name in sorted(targets) if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


def test_the_three_systems_and_the_ends_of_the_range_of_pythons_are_tested(repository: Path) -> None:
    matrix = workflows(repository)["tests.yml"]["jobs"]["tests"]["strategy"]["matrix"]["include"]
    assert {entry["os"].partition("-")[0] for entry in matrix} == {"ubuntu", "macos", "windows"}
    assert {"3.11", "3.13"} <= {entry["python"] for entry in matrix}


def test_links_between_our_documents_lead_somewhere(repository: Path) -> None:
    documents = [repository / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Testing/README.md")]
    for document in documents:
        targets = re.findall(r"]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
        local = [target for target in targets if not target.startswith(("http", "mailto"))]
        assert [target for target in local if not (document.parent / target).exists()] == [], document.name


def test_the_slicer_that_is_tested_gets_all_that_the_modules_ask_for(repository: Path) -> None:
    jobs = workflows(repository)["slicer.yml"]["jobs"]
    commands = " ".join(step.get("run", "") for step in jobs["slicer"]["steps"])
    files = [path.relative_to(repository).as_posix() for path in repository.glob("*/Resources/requirements*.txt")]
    assert len(files) == 3
    assert [file for file in files if file not in commands] == []  # else self tests are skipped, pictures missing
