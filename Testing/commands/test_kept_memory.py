"""Freed memory stays with the processes that despeckle."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from Speckle2SelfLib import kept_memory
from Speckle2SelfLib.kept_memory import NAMES, keep_freed_memory

# Takes and frees 64 MiB ten times and prints how many pages the system had to hand out meanwhile, after the first time.
PROGRAM = """
import json, resource, sys
sys.path.insert(0, sys.argv[1])
if sys.argv[2] == "keep":
    from Speckle2SelfLib.kept_memory import keep_freed_memory
    assert keep_freed_memory()
import numpy as np
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(2**26, np.uint8)
before = faults()
for _ in range(10):
    np.ones(2**26, np.uint8)
print(json.dumps(faults() - before))
"""

needs_glibc = pytest.mark.skipif(not kept_memory._has_glibc(), reason="only glibc gives memory back like this")


@needs_glibc
def test_memory_that_is_freed_is_used_again_without_asking_the_system() -> None:
    kept, given_back = _pages("keep"), _pages("leave")
    assert kept < 200
    assert given_back > 10 * max(kept, 20)


@needs_glibc
def test_processes_that_are_started_keep_theirs_as_well() -> None:
    environment: dict[str, str] = {}
    assert keep_freed_memory(environment)
    assert set(environment) == set(NAMES)
    assert _pages("leave", environment) < 200


def test_what_somebody_set_for_the_memory_stays() -> None:
    environment = {"MALLOC_ARENA_MAX": "4"}
    assert not keep_freed_memory(environment)
    assert environment == {"MALLOC_ARENA_MAX": "4"}


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "confstr", raising=False)
    environment: dict[str, str] = {}
    assert not keep_freed_memory(environment)
    assert environment == {}


def _pages(how: str, more: dict[str, str] | None = None) -> int:
    clean = {name: value for name, value in os.environ.items() if name not in NAMES}
    library = os.path.dirname(os.path.dirname(kept_memory.__file__))
    output = subprocess.run(
        [sys.executable, "-c", PROGRAM, library, how],
        env={**clean, **(more or {})},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    return int(json.loads(output))
