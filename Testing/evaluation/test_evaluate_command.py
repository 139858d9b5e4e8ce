"""``speckle2self evaluate``: tables and figures, all of them or none."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - its usual name
from evaluation_samples import clean_frame, speckled_frame
from Speckle2SelfLib.__main__ import main

TABLES = {"results.csv", "results.json", "results.md", "tuning.csv", "trade-off.png"}


def write(path: Path, *frames: np.ndarray) -> Path:
    sitk.WriteImage(sitk.GetImageFromArray(np.stack(frames) if len(frames) > 1 else frames[0]), str(path))
    return path


@pytest.fixture
def a_sweep(tmp_path: Path) -> Path:
    return write(tmp_path / "sweep.nrrd", *(speckled_frame(seed) for seed in range(4)))


@pytest.fixture
def its_truth(tmp_path: Path) -> Path:
    return write(tmp_path / "clean.nrrd", *[clean_frame()] * 4)


def files_of(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name != "cache"} if folder.is_dir() else set()


def test_a_sweep_with_truth_gives_tables_and_figures(
    a_sweep: Path, its_truth: Path, a_model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out"
    given = [str(a_sweep), "--truth", str(its_truth), "--output", str(output), "--model", a_model]
    assert main(["evaluate", *given, "--peers", "tv,median", "--tune", "--max-frames", "3", "--name", "disks"]) == 0
    assert files_of(output) == TABLES | {"frames-disks.png"}
    content = json.loads((output / "results.json").read_text())
    (evaluated,) = content["sets"]
    assert evaluated["frames"] == ["sweep.nrrd, frame 0", "sweep.nrrd, frame 1", "sweep.nrrd, frame 2"]
    assert [row["method"] for row in evaluated["methods"]] == ["input", "Speckle2Self", "TV", "Median"]
    assert len(content["provenance"]["ModelSHA256"]) == 64
    with (output / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row, entry in zip(rows, evaluated["methods"], strict=True):
        assert float(row["psnr"]) == pytest.approx(entry["mean"]["psnr"], rel=1e-4)
        assert float(row["flicker"]) >= 0
    table = (output / "results.md").read_text()
    assert table in capsys.readouterr().out
    best = max(rows[1:], key=lambda row: float(row["psnr"]))
    assert f"**{float(best['psnr']):.2f}**" in table
    assert str(tmp_path) not in (output / "results.json").read_text() + table


def test_a_second_run_takes_the_peers_from_disk_and_gives_the_same_table(
    a_sweep: Path, a_model: str, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    given = ["evaluate", str(a_sweep), "--output", str(output), "--model", a_model, "--peers", "median"]
    assert main(given) == 0
    kept = {path: path.stat().st_mtime_ns for path in (output / "cache").iterdir()}
    first = (output / "tuning.csv").read_text()
    assert main(given) == 0
    assert kept == {path: path.stat().st_mtime_ns for path in (output / "cache").iterdir()}
    assert (output / "tuning.csv").read_text() == first


def test_several_strengths_results_from_elsewhere_and_boxes_are_measured(
    a_sweep: Path, a_model: str, tmp_path: Path
) -> None:
    other = write(tmp_path / "other.nrrd", *[clean_frame()] * 4)
    boxes = tmp_path / "boxes.json"
    boxes.write_text(json.dumps({"tissue": {"1": [30, 2, 30, 16]}, "lumen": {"sweep": [34, 34, 8, 8]}}))
    output = tmp_path / "out"
    given = ["evaluate", str(a_sweep), "--output", str(output), "--model", a_model, "--peers", "none"]
    assert main([*given, "--strength", "0", "1", "--result", f"other={other}", "--boxes", str(boxes)]) == 0
    (evaluated,) = json.loads((output / "results.json").read_text())["sets"]
    rows = {row["method"]: row for row in evaluated["methods"]}
    assert list(rows) == ["input", "Speckle2Self 0", "Speckle2Self 1", "other"]
    assert rows["Speckle2Self 0"]["mean"] == rows["input"]["mean"]
    assert rows["other"]["mean"]["flicker"] == 0
    assert rows["other"]["mean"]["enl"] is None  # perfectly flat: infinite, which JSON cannot say
    assert evaluated["boxes (row, column, height, width)"][0] == {"tissue": [2, 30, 16, 30], "lumen": [34, 34, 8, 8]}


def test_a_folder_stands_for_its_files_and_another_for_their_truth(a_model: str, tmp_path: Path) -> None:
    for name in ("speckled", "clean"):
        (tmp_path / name).mkdir()
    for number in (2, 10):  # in natural order, so that frames and truth meet
        write(tmp_path / "speckled" / f"frame {number}.png", speckled_frame(number))
        write(tmp_path / "clean" / f"truth {number}.png", clean_frame())
    given = [str(tmp_path / "speckled"), "--truth", str(tmp_path / "clean"), "--output", str(tmp_path / "out")]
    assert main(["evaluate", *given, "--model", a_model, "--peers", "none", "--independent"]) == 0
    (evaluated,) = json.loads((tmp_path / "out" / "results.json").read_text())["sets"]
    assert evaluated["frames"] == ["frame 2.png, frame 0", "frame 10.png, frame 0"]
    assert all("psnr" in row["mean"] for row in evaluated["methods"])


def test_a_simulated_set_is_evaluated_by_name(a_model: str, tmp_path: Path) -> None:
    output = tmp_path / "out"
    given = ["--set", "flat-shapes,anatomy", "--size", "128", "--max-frames", "1", "--model", a_model]
    assert main(["evaluate", *given, "--output", str(output), "--peers", "tv", "--tune"]) == 0
    assert files_of(output) == TABLES | {"frames-flat-shapes.png", "frames-anatomy.png"}
    table = (output / "results.md").read_text()
    assert table.startswith("| method (PSNR / SSIM / GMSD) | flat-shapes | anatomy |")
    assert "Filters tuned on 2 development frames." in table


def test_a_peer_that_is_not_installed_is_named_with_the_reason(a_sweep: Path, a_model: str, tmp_path: Path) -> None:
    from Speckle2SelfTrainingLib.evaluation.peers import PEERS

    reason = PEERS["zea"].missing()
    if not reason:
        pytest.skip("the zea port can run here")
    output = tmp_path / "out"
    assert main(["evaluate", str(a_sweep), "--output", str(output), "--model", a_model, "--peers", "zea"]) == 0
    assert f"zea port: {reason}." in (output / "results.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "nothing to evaluate"),
        (["--set", "moon"], "no benchmark set 'moon'"),
        (["--set", "anatomy", "--truth", "{sweep}"], "--truth belongs to INPUT"),
        (["{sweep}", "--max-frames", "0"], "--max-frames must be"),
        (["{sweep}", "--name", "a/b"], "--name must be"),
        (["{sweep}", "--peers", "bm3d"], "--peers takes"),
        (["{sweep}", "--strength", "2"], "strength must be"),
        (["{sweep}", "--result", "x"], "--result must be"),
        (["{sweep}", "--boxes", "{tmp}/none.json"], "cannot be read"),
        (["{sweep}", "--truth", "{small}"], "both must agree"),
        (["{sweep}", "--truth", "{sweep}", "{sweep}"], "give one for each"),
        (["{tmp}/none.png"], "There is no file"),
        (["{text}"], "no image that can be read"),
        (["{empty}"], "holds no"),
        (["{gif}"], "cannot be read as a GIF"),
        (["{sweep}", "--model", "{tmp}/none.pth"], "none.pth"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_no_file(
    arguments: list[str], expected: str, a_sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = write(tmp_path / "small.nrrd", *[clean_frame(48)] * 4)
    text, gif = tmp_path / "text.png", tmp_path / "broken.gif"
    text.write_text("no picture")
    gif.write_text("no picture")
    empty = tmp_path / "empty"
    empty.mkdir()
    places = {"sweep": a_sweep, "tmp": tmp_path, "empty": empty, "small": small, "text": text, "gif": gif}
    output = tmp_path / "out"
    given = [argument.format(**places) for argument in arguments]
    assert main(["evaluate", *given, "--output", str(output)]) == 1
    message = capsys.readouterr().err
    assert message.startswith("speckle2self: ")
    assert expected in message
    assert message.count("\n") == 1
    assert files_of(output) == set()


def test_an_output_that_is_a_file_is_refused_and_kept(a_sweep: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.write_text("mine")
    assert main(["evaluate", str(a_sweep), "--output", str(output)]) == 1
    assert output.read_text() == "mine"


def test_old_results_stay_after_a_failure(a_sweep: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "results.csv").write_text("old")
    assert main(["evaluate", str(a_sweep), "--output", str(output), "--model", str(tmp_path / "none.pth")]) == 1
    assert (output / "results.csv").read_text() == "old"
    assert files_of(output) == {"results.csv"}
