"""Archives: what is finished stays, what changed is done again, what is damaged is said."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from archive.archive_support import despeckle, despeckled, outputs, write_archive, write_sweep
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.archive.order import Archive, FileOrder
from Speckle2SelfLib.archive.outcome import NOTED, Outcome
from Speckle2SelfLib.archive.record import Expected, Record
from Speckle2SelfLib.archive.verifying import frame_sum, verify
from Speckle2SelfLib.errors import OutputError
from Speckle2SelfLib.files import iter_sweeps, list_sweeps
from Speckle2SelfLib.files.folder import natural_key


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_archive(tmp_path / "in", 4)
    return tmp_path / "in"


def finished(reports: dict[str, dict[str, object]]) -> list[str]:
    return sorted(name for name, report in reports.items() if report.get("finished_before"))


def test_a_second_run_does_nothing_again_and_says_so(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = despeckled(folder, tmp_path / "out")
    before = outputs(tmp_path / "out")
    second = despeckled(folder, tmp_path / "out")
    assert outputs(tmp_path / "out") == before
    assert (finished(first), finished(second)) == ([], sorted(first))
    assert "4 of 4 files were finished before" in capsys.readouterr().err
    assert second["sweep_0.nrrd"]["frames"] == 3


def test_a_file_that_was_added_is_the_only_one_done(folder: Path, tmp_path: Path) -> None:
    despeckled(folder, tmp_path / "out")
    before = outputs(tmp_path / "out")
    write_sweep(folder / "new.nrrd")
    reports = despeckled(folder, tmp_path / "out")
    assert [name for name in reports if name not in finished(reports)] == ["new.nrrd"]
    assert before.items() < outputs(tmp_path / "out").items()


def test_results_of_other_settings_are_done_again_and_the_reason_is_said(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    despeckled(folder, tmp_path / "out")
    before = outputs(tmp_path / "out")
    assert finished(despeckled(folder, tmp_path / "out", "--gamma", "2")) == []
    assert "4 finished files were done again: the result was made with gamma 1.0 instead of 2.0" in (
        capsys.readouterr().err
    )
    assert not before.items() & outputs(tmp_path / "out").items()


def test_the_device_is_no_reason_to_do_anything_again(folder: Path, tmp_path: Path) -> None:
    despeckled(folder, tmp_path / "out")
    assert len(finished(despeckled(folder, tmp_path / "out", "--device", "cpu", "--batch-size", "2"))) == 4


def test_a_changed_input_is_done_again_and_a_copy_of_it_is_not(folder: Path, tmp_path: Path) -> None:
    despeckled(folder, tmp_path / "out")
    write_sweep(folder / "sweep_0.nrrd", seed=77)
    shutil.copyfile(folder / "sweep_2.nrrd", folder / "copy")
    (folder / "copy").replace(folder / "sweep_2.nrrd")  # another file and time, the same content
    reports = despeckled(folder, tmp_path / "out")
    assert reports["sweep_0.nrrd"]["done_again_because"] == "has another input now"
    assert len(finished(reports)) == 3


def test_a_changed_detached_data_file_is_a_changed_input(tmp_path: Path) -> None:
    write_sweep(tmp_path / "in" / "sweep.mhd")
    despeckled(tmp_path / "in", tmp_path / "out")
    data = tmp_path / "in" / "sweep.raw"
    data.write_bytes(bytes(reversed(data.read_bytes())))
    assert finished(despeckled(tmp_path / "in", tmp_path / "out")) == []
    np.testing.assert_array_equal(read(tmp_path / "out" / "sweep.mhd"), read(tmp_path / "in" / "sweep.mhd"))
    assert finished(despeckled(tmp_path / "in", tmp_path / "out")) == ["sweep.mhd"]


def test_a_result_that_was_lost_or_damaged_is_done_again(folder: Path, tmp_path: Path) -> None:
    despeckled(folder, tmp_path / "out")
    (tmp_path / "out" / "sweep_0.nrrd").unlink()
    (tmp_path / "out" / "sweep_2.nrrd").write_bytes(b"damaged")
    reports = despeckled(folder, tmp_path / "out")
    assert finished(reports) == ["deeper/sweep_1.nrrd", "deeper/sweep_3.nrrd"]
    np.testing.assert_array_equal(read(tmp_path / "out" / "sweep_2.nrrd"), read(folder / "sweep_2.nrrd"))


def test_a_damaged_record_costs_its_file_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    despeckled(folder, tmp_path / "out")
    (tmp_path / "out" / ".speckle2self" / "sweep_0.nrrd.json").write_text('{"version": 1, "before"')
    assert len(finished(despeckled(folder, tmp_path / "out"))) == 3


def test_everything_is_done_again_where_the_user_asks_for_it(folder: Path, tmp_path: Path) -> None:
    despeckled(folder, tmp_path / "out")
    assert finished(despeckled(folder, tmp_path / "out", "--redo")) == []


def test_a_corrupt_file_costs_nothing_but_itself_and_is_tried_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.nrrd").write_bytes(b"NRRD0004\nnonsense")
    assert despeckle(folder, tmp_path / "out", "--strength", 0) == 1
    assert "1 of 5 files failed: broken.nrrd" in capsys.readouterr().err
    write_sweep(folder / "broken.nrrd")
    assert despeckle(folder, tmp_path / "out", "--strength", 0) == 0
    assert len(outputs(tmp_path / "out")) == 5


@pytest.mark.parametrize("error", [KeyError("0028,0010"), ZeroDivisionError("division by zero"), ImportError("no cv2")])
def test_an_error_that_nobody_thought_of_costs_its_file_and_no_other(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    from Speckle2SelfLib.commands import run_file

    real = run_file.chosen_frames

    def chosen_frames(frames: slice | None, count: int, name: str) -> list[int]:
        if name == "sweep_0.nrrd":
            raise error
        return real(frames, count, name)

    monkeypatch.setattr(run_file, "chosen_frames", chosen_frames)
    reports = despeckled(folder, tmp_path / "out")
    assert reports["sweep_0.nrrd"]["error"] == f"It cannot be done: {type(error).__name__}, {error}."
    assert len(outputs(tmp_path / "out")) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_read_only_result_is_kept_and_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    despeckled(folder, tmp_path / "out")
    before = outputs(tmp_path / "out")
    protected = tmp_path / "out" / "sweep_0.nrrd"
    protected.chmod(0o444)
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != protected)  # the tests may run as root
    reports = despeckled(folder, tmp_path / "out", "--gamma", "2")
    assert "read-only" in reports["sweep_0.nrrd"]["error"]
    assert outputs(tmp_path / "out")["sweep_0.nrrd"] == before["sweep_0.nrrd"]
    assert "1 of 4 files failed" in capsys.readouterr().err


def test_an_output_that_appeared_just_before_a_kill_is_verified_and_kept(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted_behind_the_output(folder, tmp_path, monkeypatch)
    (before,) = outputs(tmp_path / "out").items()
    (tmp_path / "out" / ".0123456789ab.part.nrrd").write_bytes(b"half")
    record = next((tmp_path / "out" / ".speckle2self").rglob("*.nrrd.json"))
    values = json.loads(record.read_text())
    record.write_text(json.dumps({**values, "temporaries": [".0123456789ab.part.nrrd", "sweep_0.nrrd"]}))
    reports = despeckled(folder, tmp_path / "out")
    assert finished(reports) == [before[0]]
    assert {"frames", "seconds", "notes"} <= set(reports[before[0]]), "the report is that of the run that was killed"
    assert before in outputs(tmp_path / "out").items()
    despeckled(folder, tmp_path / "out")
    (tmp_path / "out" / ".0123456789ab.part.nrrd").unlink()
    assert len(outputs(tmp_path / "out")) == 4


@pytest.mark.parametrize("what", ["other pixels", "cut off", "other settings", "another input"])
def test_what_a_killed_run_left_is_done_again_where_it_is_no_good(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    interrupted_behind_the_output(folder, tmp_path, monkeypatch)
    ((name, _),) = outputs(tmp_path / "out").items()
    output = tmp_path / "out" / name
    if what == "other pixels":
        write_sweep(output, seed=5)
    elif what == "cut off":
        output.write_bytes(output.read_bytes()[:-9])
    elif what == "another input":
        write_sweep(folder / name, seed=5)
    reports = despeckled(folder, tmp_path / "out", *(["--no-tone"] if what == "other settings" else []))
    assert finished(reports) == []
    np.testing.assert_array_equal(read(output), read(folder / name))


def interrupted_behind_the_output(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupt a run when the first output has appeared, before it is read back and recorded as finished."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("Speckle2SelfLib.archive.verifying.verify", interrupted)
        assert despeckle(folder, tmp_path / "out", "--strength", 0, "--jobs", 1) == 130
    assert len(outputs(tmp_path / "out")) == 1


@pytest.mark.parametrize("suffix", [".nrrd", ".nhdr", ".mha", ".mhd", ".nii.gz", ".tif"])
def test_every_format_is_verified_and_resumed(tmp_path: Path, suffix: str) -> None:
    write_sweep(tmp_path / "in" / f"sweep{suffix}", frames=5)
    assert "error" not in despeckled(tmp_path / "in", tmp_path / "out", "--frames", "1:3")[f"sweep{suffix}"]
    assert finished(despeckled(tmp_path / "in", tmp_path / "out", "--frames", "1:3")) == [f"sweep{suffix}"]


def test_verifying_finds_other_pixels_types_and_numbers(tmp_path: Path) -> None:
    path = write_sweep(tmp_path / "sweep.nrrd")
    frames = read(path)
    sums = tuple(frame_sum(frame) for frame in frames)
    good = Expected("sweep.nrrd", 3, (48, 48), "uint8", sums)
    assert verify(path, good) == (path,)
    for expected, word in (
        (replace(good, count=4), "3 frames"),
        (replace(good, dtype="int16"), "int16"),
        (replace(good, sums=(*sums[:2], sums[0])), "Frame 2"),
    ):
        with pytest.raises(OutputError, match=word):
            verify(path, expected)


def test_values_that_are_no_numbers_are_refused_where_the_input_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    frames = np.random.default_rng(0).random((2, 48, 48), np.float32)
    sitk.WriteImage(sitk.GetImageFromArray(frames), str(tmp_path / "in" / "sweep.nrrd"))
    monkeypatch.setattr("Speckle2SelfLib.despeckler.to_type", lambda values, dtype: values.astype(dtype) * np.nan)
    report = tmp_path / "report.json"
    assert despeckle(tmp_path / "in", tmp_path / "out", "--json", report) == 1
    assert "no finite numbers" in json.loads(report.read_text())["results"][0]["error"]
    assert not outputs(tmp_path / "out")


def test_the_files_of_a_folder_come_one_by_one_in_their_natural_order(tmp_path: Path) -> None:
    names = ["b/1.png", "b10.png", "b2.png", "a/x/2.png", "a/10.png", "a/9.png", "a.png", "a1/c.png", "C/3.png"]
    for name in names:
        write_name(tmp_path / name)
    listed = [entry.path.relative_to(tmp_path).as_posix() for entry in list_sweeps(tmp_path)]
    assert listed == sorted(names, key=natural_key)
    first = next(iter_sweeps(tmp_path))
    assert first.path.name == "c.png"


def write_name(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")


def test_options_of_folders_are_refused_for_a_single_sweep(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in (["--jobs", "2"], ["--jobs", "0"], ["--dask", "tcp://here:1"], ["--redo"]):
        assert despeckle(folder / "sweep_0.nrrd", tmp_path / "o.nrrd", *option) == 1
        assert f"{option[0]} is for folders" in capsys.readouterr().err
    for jobs in (0, 1000):
        assert despeckle(folder, tmp_path / "out", "--jobs", jobs) == 1
        assert "--jobs must be" in capsys.readouterr().err
    assert despeckle(folder, tmp_path / "out", "--jobs", 4, "--threads", 2) == 1
    assert "--jobs 4 needs at least as many --threads, got 2" in capsys.readouterr().err


def test_notes_on_many_files_are_counted_and_not_all_said(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = Outcome(keep=False)
    for index in range(NOTED + 3):
        outcome.add({"file": f"{index}.png", "notes": ["Warning: odd grain."]})
    outcome.add({"file": "old.png", "notes": ["Warning: odd grain."], "finished_before": True})
    outcome.tell()
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "speckle2self: 0.png: Warning: odd grain."
    assert len(said) == NOTED + 2
    assert said[-2] == "speckle2self: there are notes on 3 more files: --json writes all."


class CountedAtOnce(threading.Thread):
    """A thread that is through when it has started, so that files are counted before the first of them is done."""

    def start(self) -> None:
        super().start()
        if self.name.endswith("(_count)"):
            self.join()


def test_the_bar_of_an_archive_counts_what_is_left_to_do(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    despeckled(folder, tmp_path / "out")
    write_sweep(folder / "new.nrrd")
    write_sweep(folder / "newer.nrrd")
    monkeypatch.setattr("sys.stderr", screen := Terminal())
    monkeypatch.setattr("Speckle2SelfLib.archive.outcome.threading.Thread", CountedAtOnce)
    assert despeckle(folder, tmp_path / "out", "--strength", 0, "--jobs", 1) == 0
    assert "2/2" in screen.getvalue()
    assert "4 of 6 files were finished before" in screen.getvalue()


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
def test_what_is_no_file_is_said_and_links_in_circles_are_not_followed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "deeper" / "loop").symlink_to("..")
    (folder / "gone.png").symlink_to("nowhere.png")
    os.mkfifo(folder / "pipe.png")
    (folder / "empty.png").touch()
    assert despeckle(folder, tmp_path / "out", "--strength", 0) == 1
    said = capsys.readouterr().err
    assert "3 of 7 files failed: empty.png, gone.png, pipe.png" in said
    for words in ("gone.png does not exist (a broken link)", "pipe.png is no regular file", "empty.png is empty"):
        assert words in said
    assert len(outputs(tmp_path / "out")) == 4


def test_a_record_holds_no_folder_of_the_machine(folder: Path, tmp_path: Path) -> None:
    despeckled(folder, tmp_path / "out")
    for path in (tmp_path / "out" / ".speckle2self").rglob("*.json"):
        assert str(tmp_path) not in path.read_text()
    despeckler = Despeckler(strength=0)
    archive = Archive(folder, tmp_path / "out", {"model_sha256": despeckler.model.sha256})
    order = FileOrder(archive, folder / "sweep_0.nrrd", Path("sweep_0.nrrd"))
    record = Record.read(order.record)
    assert record is not None
    assert record.finished
    assert record.reason_to_redo(order) is not None


def read(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
