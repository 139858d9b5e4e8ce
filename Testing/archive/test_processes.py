"""Archives over processes and machines, and what a kill leaves."""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from archive.archive_support import DyingJob, despeckle, outputs, start, wait_for, write_archive, write_sweep
from Speckle2SelfLib.archive import pool as pool_module
from Speckle2SelfLib.archive import run as run_module
from Speckle2SelfLib.archive.cluster import on_cluster
from Speckle2SelfLib.archive.despeckling import DespeckleJob, LoadedDespeckling
from Speckle2SelfLib.archive.job import LoadedJob
from Speckle2SelfLib.archive.machine import Seat, seats
from Speckle2SelfLib.archive.means import Means
from Speckle2SelfLib.archive.order import Archive, FileOrder
from Speckle2SelfLib.archive.pool import Pool
from Speckle2SelfLib.despeckler import Despeckler
from Speckle2SelfLib.errors import WorkerError
from Speckle2SelfLib.files import iter_sweeps

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
LONG = {"frames": 40, "size": 96}  # so that a kill comes in the middle


def records(output: Path) -> dict[str, dict[str, Any]]:
    """Return the records of an output folder by the name of the file."""
    found = {}
    for path in (output / ".speckle2self").rglob("*.json"):
        if not path.name.startswith("."):
            name = path.relative_to(output / ".speckle2self").as_posix().removesuffix(".json")
            found[name] = json.loads(path.read_text())
    return found


def finished(output: Path) -> list[str]:
    return [name for name, record in records(output).items() if record["outputs"]]


def left_over(folder: Path) -> list[Path]:
    return list(folder.rglob(".*.part*"))


def alive(pids: list[int]) -> bool:
    return any(Path(f"/proc/{pid}").exists() and "Z" not in state(pid) for pid in pids)


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="children are found through /proc")
def test_an_archive_that_was_killed_goes_on_without_doing_anything_again(tmp_path: Path) -> None:
    names = write_archive(tmp_path / "in", 6, **LONG)
    output = tmp_path / "out"
    killed = start("despeckle", tmp_path / "in", output, "--jobs", 2)
    wait_for(lambda: len(finished(output)) >= 2 or killed.poll() is not None)
    processes = children(killed.pid)
    killed.kill()
    killed.communicate()
    wait_for(lambda: not alive(processes))
    before, done = outputs(output), finished(output)
    assert 2 <= len(done) < len(names), "it was killed too late to show anything"
    assert not left_over(output), "the processes of a killed command clean up behind it"
    resumed = start("despeckle", tmp_path / "in", output, "--jobs", 2, "--json", tmp_path / "report.json")
    said = resumed.communicate()[1]
    assert resumed.returncode == 0, said
    assert sorted(outputs(output)) == sorted(names)
    assert {name: outputs(output)[name] for name in before} == before
    results = {entry["file"]: entry for entry in json.loads((tmp_path / "report.json").read_text())["results"]}
    assert {name for name, entry in results.items() if entry.get("finished_before")} == set(before)


@posix_only
@pytest.mark.skipif(sys.platform != "linux", reason="children are found through /proc")
@pytest.mark.parametrize("whole_group", [True, False], ids=["Ctrl-C of a terminal", "SIGTERM to the command alone"])
def test_an_interrupted_archive_ends_all_its_processes(tmp_path: Path, whole_group: bool) -> None:
    write_archive(tmp_path / "in", 4, **LONG)
    command = start("despeckle", tmp_path / "in", tmp_path / "out", "--jobs", 2, start_new_session=True)
    wait_for(lambda: bool(records(tmp_path / "out")) or command.poll() is not None)
    processes = children(command.pid)
    assert len(processes) >= 2
    if whole_group:
        os.killpg(command.pid, signal.SIGINT)
    else:
        command.terminate()
    said = command.communicate(timeout=60)[1]
    assert command.returncode in (130, -signal.SIGINT)
    assert "interrupted" in said
    assert "Traceback" not in said
    wait_for(lambda: not alive(processes))
    assert not left_over(tmp_path)


@posix_only
def test_a_process_that_is_killed_costs_its_file_and_a_fresh_one_goes_on(tmp_path: Path) -> None:
    write_archive(tmp_path / "in", 3, **LONG)
    job = LoadedDespeckling(Despeckler())
    archive = Archive(tmp_path / "in", tmp_path / "out", job.made_with)
    pool = Pool([Seat("cpu", 1)], job.job)
    reports = pool.run(FileOrder.of(archive, entry) for entry in iter_sweeps(tmp_path / "in"))
    first = next(reports)
    (process,) = pool._processes.values()
    os.kill(process.process.pid or 0, signal.SIGKILL)
    rest = list(reports)
    assert "error" not in first
    assert [("error" in report) for report in rest] == [True, False]
    assert rest[0]["error"] == pool_module.ENDED.format(ended="was killed (SIGKILL)")


@pytest.mark.parametrize(("deaths", "expected"), [(1, "done"), (99, "given up")])
def test_a_process_that_dies_while_starting_is_replaced_a_few_times_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaths: int, expected: str
) -> None:
    monkeypatch.setattr(pool_module, "STARTS", 2 if expected == "done" else 1)  # so that the test is quick
    write_archive(tmp_path / "in", 2)
    (tmp_path / "starts").mkdir()
    real = LoadedDespeckling(Despeckler(strength=0))
    job = DyingJob(real.job.settings, folder=str(tmp_path / "starts"), deaths=deaths)
    archive = Archive(tmp_path / "in", tmp_path / "out", real.made_with)
    pool = Pool([Seat("cpu", 3)], job)
    orders = (FileOrder.of(archive, entry) for entry in iter_sweeps(tmp_path / "in"))
    if expected == "done":
        assert [report.get("error") for report in pool.run(orders)] == [None, None]
        assert pool.notes == [pool_module.LOST.format(ended="ended too early")]
        assert {path.read_text() for path in (tmp_path / "starts").iterdir()} == {"3"}, "the threads of its seat"
    else:
        with pytest.raises(WorkerError, match=r"could be started: it ended too early while it was starting; use fewer"):
            list(pool.run(orders))
        assert len(list((tmp_path / "starts").iterdir())) == pool_module.STARTS
        assert "could not be started" in pool.notes[0]


def test_the_file_of_a_seat_that_is_given_up_is_done_by_another_process(tmp_path: Path) -> None:
    write_archive(tmp_path / "in", 3)
    job = LoadedDespeckling(Despeckler(strength=0))
    archive = Archive(tmp_path / "in", tmp_path / "out", job.made_with)
    pool = Pool([Seat("cuda:7", 1), Seat("cpu", 1)], job.job)
    reports = list(pool.run(FileOrder.of(archive, entry) for entry in iter_sweeps(tmp_path / "in")))
    assert [report.get("error") for report in reports] == [None] * 3
    assert "'cuda:7' does not exist here" in pool.notes[0]


def test_processes_that_cannot_load_the_model_end_the_archive_with_their_sentence(tmp_path: Path) -> None:
    write_archive(tmp_path / "in", 2)
    settings = Despeckler().settings.replace(model=str(tmp_path / "nowhere.pth"))
    archive = Archive(tmp_path / "in", tmp_path / "out", {})
    pool = Pool([Seat("cpu", 1)], DespeckleJob(settings))
    with pytest.raises(WorkerError, match=r"nowhere\.pth"):
        list(pool.run(FileOrder.of(archive, entry) for entry in iter_sweeps(tmp_path / "in")))


def test_orders_are_taken_one_by_one_so_that_memory_does_not_grow(tmp_path: Path) -> None:
    write_archive(tmp_path / "in", 2)
    job = LoadedDespeckling(Despeckler(strength=0))
    archive = Archive(tmp_path / "in", tmp_path / "out", job.made_with)
    entry = next(iter_sweeps(tmp_path / "in"))
    taken = itertools.count()
    endless = (FileOrder(archive, entry.path, Path(f"{next(taken)}.nrrd")) for _ in itertools.count())
    reports = Pool([Seat("cpu", 1)], job.job).run(endless)
    assert [("error" in report) for report in itertools.islice(reports, 3)] == [False] * 3
    reports.close()
    assert next(taken) <= 5


@pytest.mark.parametrize("count", [1, 2])
def test_a_single_file_has_a_bar_of_its_frames_and_several_have_one_of_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    bars: list[bool] = []
    real = run_module.process

    def process(order: FileOrder, job: LoadedJob, *, progress: bool) -> dict[str, Any]:
        bars.append(progress)
        return real(order, job)

    monkeypatch.setattr(run_module, "process", process)
    write_archive(tmp_path / "in", count)
    run_module.despeckle_archive(tmp_path / "in", tmp_path / "out", Despeckler(strength=0), means=Means(1))
    assert bars == [count == 1] * count


def test_seats_share_processors_and_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("Speckle2SelfLib.archive.machine.available_processors", lambda: 8)
    monkeypatch.setattr("Speckle2SelfLib.archive.machine.available_memory", lambda: 64 * 1024**3)
    archive = Archive(tmp_path, tmp_path / "out", {})
    small = [FileOrder(archive, write_sweep(tmp_path / f"{i}.nrrd"), Path(f"{i}.nrrd")) for i in range(3)]
    assert seats("cpu", None, small, 0) == [Seat("cpu", 8)], "tiny files are not worth a second process"
    assert seats("cpu", 4, small, 0) == [Seat("cpu", 2)] * 4
    assert seats("cpu", 9, small, 0) == [Seat("cpu", 1)] * 9, "more than processors where the user asks for them"
    assert seats("cpu", 2, small, 0, 3) == [Seat("cpu", 1)] * 2, "no more processors than the user gives"
    assert seats("cuda", None, small, 2) == [Seat("cuda:0", 4), Seat("cuda:1", 4)]
    assert seats("cuda", None, small[:1], 2) == [Seat("cuda", 8)], "one file needs no other process"
    assert seats("cuda:1", None, small, 2) == [Seat("cuda:1", 8)]
    monkeypatch.setattr("Speckle2SelfLib.archive.machine.MAXIMUM_JOBS", 2)
    assert len(seats("cuda", None, small, 3)) == 2, "Windows waits for few processes at once"
    monkeypatch.setattr("Speckle2SelfLib.archive.machine.MAXIMUM_JOBS", 256)
    with open(tmp_path / "0.nrrd", "ab") as file:
        file.truncate(20 * 1024**2)
    assert len(seats("cpu", None, small, 0)) == 3
    monkeypatch.setattr("Speckle2SelfLib.archive.machine.available_memory", lambda: 2 * 1024**3)
    assert len(seats("cpu", None, small, 0)) == 1, "memory counts"


def test_without_dask_the_option_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_archive(tmp_path / "in", 1)
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert despeckle(tmp_path / "in", tmp_path / "out", "--strength", 0, "--dask", "tcp://127.0.0.1:1") == 1
    assert "pip install 'speckle2self[dask]'" in capsys.readouterr().err


def test_a_cluster_of_separate_processes_shares_an_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    distributed = pytest.importorskip("distributed")
    names = write_archive(tmp_path / "in", 5)
    (tmp_path / "in" / "broken.nrrd").write_bytes(b"NRRD0004\nnonsense")
    report = tmp_path / "report.json"
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        address = cluster.scheduler_address
        given = [tmp_path / "in", tmp_path / "out", "--strength", 0, "--dask", address]
        assert despeckle(*given, "--json", report) == 1
        before = outputs(tmp_path / "out")
        assert sorted(before) == sorted(names)
        assert "1 of 6 files failed: broken.nrrd" in capsys.readouterr().err
        (tmp_path / "in" / "broken.nrrd").unlink()
        assert despeckle(*given) == 0
        assert outputs(tmp_path / "out") == before
        other = Archive(tmp_path / "in", tmp_path / "other", {"model_sha256": "of another model"})
        job = LoadedDespeckling(Despeckler(strength=0))
        orders = (FileOrder.of(other, entry) for entry in iter_sweeps(tmp_path / "in"))
        errors = [entry["error"] for entry in on_cluster(address, orders, job.job)]
        assert ["another version of the model" in error for error in errors] == [True] * 5
    results = json.loads(report.read_text())["results"]
    assert next(entry["file"] for entry in results) == "broken.nrrd"
    assert all(entry["device"] == "cpu" for entry in results)


def test_a_scheduler_that_does_not_answer_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("distributed")
    write_archive(tmp_path / "in", 1)
    monkeypatch.setattr("Speckle2SelfLib.archive.cluster.TIMEOUT", 1)
    assert despeckle(tmp_path / "in", tmp_path / "out", "--strength", 0, "--dask", "tcp://127.0.0.1:9") == 1
    assert "No Dask scheduler answers at 'tcp://127.0.0.1:9'" in capsys.readouterr().err
