"""The limits of a control group, as Linux writes them into files."""

from __future__ import annotations

from pathlib import Path

import pytest
from Speckle2SelfLib.archive import container, machine

GIB = 1024**3


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of control groups of a machine, with none in it."""
    monkeypatch.setattr(container, "ROOT", tmp_path / "sys")
    monkeypatch.setattr(container, "MEMBERSHIP", tmp_path / "membership")
    return tmp_path / "sys"


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(f"{content}\n")


def test_a_machine_without_groups_has_no_limits(group: Path) -> None:
    assert (container.processors_granted(), container.memory_left()) == (None, None)
    container.MEMBERSHIP.write_text("0::/\n")
    assert (container.processors_granted(), container.memory_left()) == (None, None)
    assert machine.available_processors() >= 1


def test_the_limits_of_a_group_and_of_those_above_it_count(group: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container.MEMBERSHIP.write_text("0::/batch/job 7\n")
    write(group / "batch", cpu__max="250000 100000", memory__max="max", memory__current="1")
    write(group / "batch" / "job 7", cpu__max="max 100000", memory__max=str(3 * GIB), memory__current=str(2 * GIB))
    write(group / "batch" / "job 7", memory__stat=f"file 9\ninactive_file {GIB // 2}")
    assert container.processors_granted() == 3
    assert container.memory_left() == 3 * GIB // 2
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert machine.available_processors() == 3
    assert machine.available_memory() in (None, 3 * GIB // 2)


def test_the_older_kind_of_groups_is_read_as_well(group: Path) -> None:
    container.MEMBERSHIP.write_text("5:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n0::/\n")
    write(group / "cpu", cpu__cfs_quota_us="50000", cpu__cfs_period_us="100000")  # a container sees its own as the root
    write(group / "memory", memory__limit_in_bytes=str(GIB), memory__usage_in_bytes=str(GIB // 4))
    write(group / "memory" / "docker" / "x", memory__limit_in_bytes=str(2**63 - 4096), memory__usage_in_bytes="1")
    assert container.processors_granted() == 1
    assert container.memory_left() == 3 * GIB // 4
    write(group / "cpu", cpu__cfs_quota_us="-1")
    assert container.processors_granted() is None
