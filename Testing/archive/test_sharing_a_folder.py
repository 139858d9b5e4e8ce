"""Two commands on one output folder, and inputs that change meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from archive.archive_support import despeckle, despeckled, outputs, write_archive, write_sweep
from Speckle2SelfLib.archive.lock import held
from Speckle2SelfLib.errors import OutputError

HOLD = "import sys, time; from pathlib import Path; from Speckle2SelfLib.archive.lock import held\n"
HOLD += "with held(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"


@pytest.fixture
def holder(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that works on the output folder."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, tmp_path / "out"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_command_on_an_output_folder_says_who_works_there_and_does_nothing(
    tmp_path: Path, holder: subprocess.Popen[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write_archive(tmp_path / "in", 2)
    assert despeckle(tmp_path / "in", tmp_path / "out", "--strength", 0) == 1
    said = capsys.readouterr().err
    assert f"(process {holder.pid} on " in said
    assert "wait until it has ended, stop it, or give another output folder." in said
    assert not outputs(tmp_path / "out")


def test_a_folder_is_free_again_when_its_holder_was_killed(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    write_archive(tmp_path / "in", 2)
    assert despeckle(tmp_path / "in", tmp_path / "out", "--strength", 0) == 0
    assert despeckle(tmp_path / "in", tmp_path / "out", "--strength", 0) == 0
    assert not (tmp_path / "out" / ".speckle2self" / ".holder.json").exists()


def test_what_is_finished_is_said_while_another_command_works_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_archive(tmp_path / "in", 2)
    assert despeckle(tmp_path / "in", tmp_path / "out", "--strength", 0) == 0
    with held(tmp_path / "out"):
        assert despeckle(tmp_path / "in", tmp_path / "out", "--strength", 0) == 0
    assert "2 of 2 files were finished before" in capsys.readouterr().err


def test_a_file_system_without_locks_is_used_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(37, os.strerror(37))  # ENOLCK, as of NFS without a lock daemon

    monkeypatch.setattr("filelock.FileLock.acquire", unsupported)
    with held(tmp_path), held(tmp_path):
        pass


def test_an_output_folder_that_cannot_be_written_to_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_archive(tmp_path / "in", 3)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".speckle2self").write_text("no folder")
    assert despeckle(tmp_path / "in", tmp_path / "out", "--strength", 0) == 1
    assert capsys.readouterr().err.count("could not be written") == 1
    with pytest.raises(OutputError):
        held(tmp_path / "in" / "sweep_0.nrrd").__enter__()


def test_an_input_that_grows_while_it_is_read_gives_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_archive(tmp_path / "in", 2)
    growing = tmp_path / "in" / "sweep_0.nrrd"
    from Speckle2SelfLib.commands import run_file

    real = run_file.chosen_frames

    def chosen_frames(*given: object) -> list[int]:
        if given[2] == growing.name:
            with open(growing, "ab") as file:
                file.write(b"more")
        return real(*given)

    monkeypatch.setattr(run_file, "chosen_frames", chosen_frames)
    reports = despeckled(tmp_path / "in", tmp_path / "out")
    assert "changed while it was read" in reports["sweep_0.nrrd"]["error"]
    assert list(outputs(tmp_path / "out")) == ["deeper/sweep_1.nrrd"]
    monkeypatch.undo()
    write_sweep(growing)
    assert "error" not in despeckled(tmp_path / "in", tmp_path / "out")["sweep_0.nrrd"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_no_result_replaces_another_input(tmp_path: Path) -> None:
    write_sweep(tmp_path / "in" / "sweep.nrrd")
    inner = write_sweep(tmp_path / "in" / "in" / "sweep.nrrd", seed=1)
    linked = write_sweep(tmp_path / "in" / "linked.nrrd", seed=2)
    (tmp_path / "linked.nrrd").symlink_to(inner)
    before = {path: path.read_bytes() for path in (tmp_path / "in").rglob("*.nrrd")}
    report = tmp_path.parent / f"{tmp_path.name}.json"
    assert despeckle(tmp_path / "in", tmp_path, "--strength", 0, "--json", report) == 1
    errors = {entry["file"]: entry.get("error", "") for entry in json.loads(report.read_text())["results"]}
    assert errors["sweep.nrrd"] == ""
    assert "in the input folder" in errors["in/sweep.nrrd"]
    assert "in the input folder" in errors[linked.name]
    assert {path: path.read_bytes() for path in (tmp_path / "in").rglob("*.nrrd")} == before


def test_a_result_moves_where_another_file_takes_its_name(tmp_path: Path) -> None:
    from PIL import Image

    (tmp_path / "in").mkdir()
    picture = Image.effect_noise((64, 64), 60)
    picture.save(tmp_path / "in" / "frame.jpg")
    despeckled(tmp_path / "in", tmp_path / "out")
    assert list(outputs(tmp_path / "out")) == ["frame.png"]
    picture.save(tmp_path / "in" / "frame.png")
    picture.save(tmp_path / "in" / "frame.jpg.png")
    reports = despeckled(tmp_path / "in", tmp_path / "out")
    assert reports["frame.jpg"]["done_again_because"] == "has another name now"
    assert sorted(outputs(tmp_path / "out")) == ["frame.jpg.png", "frame.jpg.png.png", "frame.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not have")
def test_names_of_any_kind_are_finished_once(tmp_path: Path) -> None:
    names = [
        "two words.nrrd",
        "Jürgen 心臓.nrrd",
        "line\nbreak.nrrd",
        "%s {0} $HOME.nrrd",
        f"{'x' * 246}.nrrd",
        "lock.nrrd",
    ]
    for name in names:
        write_sweep(tmp_path / "in" / name)
    assert {report.get("error") for report in despeckled(tmp_path / "in", tmp_path / "out").values()} == {None}
    assert sorted(outputs(tmp_path / "out")) == sorted(names)
    assert all(report["finished_before"] for report in despeckled(tmp_path / "in", tmp_path / "out").values())
    for path in (tmp_path / "out" / ".speckle2self").glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
