"""``speckle2self segment``: what it writes, what it says, and that nothing is lost when it fails."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
import torch
from lumen_samples import NeckSweep
from Speckle2SelfLib.__main__ import main
from Speckle2SelfLib.archive.order import Archive
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfTrainingLib.segmentation import Segmenter
from Speckle2SelfTrainingLib.segmentation.files import read_labels, segment_file
from Speckle2SelfTrainingLib.segmentation.files.segment_orders import segment_orders

SLICES = 0.4  # mm


@pytest.fixture(scope="module")
def neck(neck_sweeps: list[NeckSweep]) -> NeckSweep:
    """Four frames of a neck; the third is noise, without a lumen."""
    frames, masks = neck_sweeps[0].frames[:4].copy(), neck_sweeps[0].masks[:4].copy()
    frames[2] = np.random.default_rng(0).integers(100, 160, frames[2].shape)
    masks[2] = 0
    return NeckSweep(frames, masks, neck_sweeps[0].spacing)


@pytest.fixture(scope="module")
def expected(neck: NeckSweep, a_lumen_model: Path) -> np.ndarray:
    """What the library finds on `neck`."""
    masks = Segmenter(a_lumen_model)(neck.frames, neck.spacing)
    assert [bool(mask.any()) for mask in masks] == [True, True, False, True]
    return masks


def write_sweep(path: Path, neck: NeckSweep) -> Path:
    image = sitk.GetImageFromArray(neck.frames)
    image.SetSpacing((neck.spacing[1], neck.spacing[0], SLICES))
    sitk.WriteImage(image, str(path))
    return path


@pytest.fixture
def sweep(tmp_path: Path, neck: NeckSweep) -> Path:
    return write_sweep(tmp_path / "sweep.nrrd", neck)


def segment(*arguments: object) -> int:
    return main(["segment", *(str(argument) for argument in arguments)])


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a command that must fail and return the sentence that it says."""
    assert segment(*arguments) == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("speckle2self: ")
    assert "\n" not in said
    return said


@pytest.mark.parametrize("name", ["lumen.nrrd", "lumen.seg.nrrd", "lumen.nii.gz"])
def test_a_sweep_becomes_what_the_library_finds_and_frames_without_a_lumen_are_said(
    sweep: Path,
    tmp_path: Path,
    expected: np.ndarray,
    a_lumen_model: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    assert segment(sweep, tmp_path / name, "--model", a_lumen_model) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == (
        "",
        "speckle2self: sweep.nrrd: no lumen found on frame 3 (counted from 1).\n",
    )
    found = read_labels(tmp_path / name, like=open_sweep(sweep))
    np.testing.assert_array_equal(found.frames, expected)
    assert found.positions == pytest.approx([0, 0.4, 0.8, 1.2])


def test_the_header_holds_the_confidence_of_every_frame_and_the_model(
    sweep: Path, tmp_path: Path, a_lumen_model: Path
) -> None:
    report = tmp_path / "report.json"
    assert segment(sweep, tmp_path / "lumen.nrrd", "--model", a_lumen_model, "--json", report) == 0
    (result,) = json.loads(report.read_text())["results"]
    found = read_labels(tmp_path / "lumen.nrrd")
    assert found.confidences == result["confidence"]
    assert found.confidences is not None
    assert min(found.confidences[k] for k in (0, 1, 3)) >= 0.5 > found.confidences[2]
    assert result["no_lumen_on"] == [2]
    assert sitk.ReadImage(str(tmp_path / "lumen.nrrd")).GetMetaData("Speckle2Self_Model") == "tiny-lumen"
    assert str(tmp_path) not in report.read_text()


def test_a_frame_range_has_the_masks_of_the_whole_sweep(
    sweep: Path, tmp_path: Path, expected: np.ndarray, a_lumen_model: Path
) -> None:
    assert segment(sweep, tmp_path / "part.nrrd", "--frames", "1:3", "--model", a_lumen_model) == 0
    np.testing.assert_array_equal(read_labels(tmp_path / "part.nrrd").frames, expected[1:3])


def test_the_value_of_the_lumen_can_be_chosen(sweep: Path, tmp_path: Path, a_lumen_model: Path) -> None:
    assert segment(sweep, tmp_path / "lumen.tif", "--label", "255", "--model", a_lumen_model) == 0
    assert read_labels(tmp_path / "lumen.tif").label == 255


def test_the_spacing_of_a_file_that_knows_none_can_be_given(
    neck: NeckSweep, tmp_path: Path, a_lumen_model: Path
) -> None:
    frame = tmp_path / "frame.png"
    sitk.WriteImage(sitk.GetImageFromArray(neck.frames[0]), str(frame))
    report = tmp_path / "report.json"
    given = f"{neck.spacing[0]},{neck.spacing[1]}"
    for options, spacing in ((("--spacing", given), list(neck.spacing)), ((), None)):
        assert segment(frame, tmp_path / "mask.png", *options, "--model", a_lumen_model, "--json", report) == 0
        assert json.loads(report.read_text())["results"][0]["spacing_mm"] == spacing
        assert read_labels(tmp_path / "mask.png").frames.any()


def test_a_timed_sequence_becomes_a_sequence_of_label_maps(
    sweep: Path, tmp_path: Path, expected: np.ndarray, a_lumen_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["NRRD0004", "type: uint8", "dimension: 3", "space dimension: 2", "sizes: 160 160 4", "encoding: raw"]
    lines += ["kinds: domain domain list", "space directions: (1,0) (0,1) none", "space origin: (0,0)"]
    lines += [f"Seq_Frame{k:04d}_Timestamp:={k / 10}" for k in range(4)]
    tracked = tmp_path / "sweep.igs.nrrd"
    tracked.write_bytes("\n".join([*lines, "", ""]).encode() + open_sweep(sweep).frames.tobytes())
    spacing = open_sweep(sweep).spacing
    assert spacing is not None
    options = ("--spacing", f"{spacing[0]}", "--model", a_lumen_model)
    assert segment(tracked, tmp_path / "lumen.igs.nrrd", *options) == 0
    found = read_labels(tmp_path / "lumen.igs.nrrd")
    np.testing.assert_array_equal(found.frames, expected)
    assert found.times == pytest.approx([0, 0.1, 0.2, 0.3])
    capsys.readouterr()
    assert ".seq.nrrd" in refused(capsys, tracked, tmp_path / "lumen.seg.nrrd", *options)
    assert not (tmp_path / "lumen.seg.nrrd").exists()


@pytest.fixture
def folder(neck: NeckSweep, tmp_path: Path) -> Path:
    """A sweep in a subfolder, two frames, the mask of one of them, and a file that is damaged."""
    folder = tmp_path / "in"
    (folder / "Jürgen").mkdir(parents=True)
    write_sweep(folder / "Jürgen" / "sweep.mha", neck)
    sitk.WriteImage(sitk.GetImageFromArray(neck.frames[0]), str(folder / "one.png"))
    sitk.WriteImage(sitk.GetImageFromArray(neck.masks[0]), str(folder / "one_mask.png"))
    sitk.WriteImage(sitk.GetImageFromArray(neck.frames[1]), str(folder / "one.jpg"))
    (folder / "broken.nrrd").write_bytes(b"NRRD0004\nnonsense")
    return folder


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), ["Jürgen/sweep.mha", "one.jpg.png", "one.png"]),
        (("--format", ".seg.nrrd"), ["Jürgen/sweep.seg.nrrd", "one.png.seg.nrrd", "one.seg.nrrd"]),
    ],
)
def test_a_folder_is_done_file_by_file_past_failures_without_its_masks(
    folder: Path, a_lumen_model: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], names: list[str]
) -> None:
    output = folder.parent / "out"
    assert segment(folder, output, *options, "--model", a_lumen_model) == 1
    said = capsys.readouterr().err
    assert "1 of 4 files failed: broken.nrrd" in said
    assert "sweep.mha: no lumen found on frame 3 (counted from 1)." in said
    written = {path: path.stat().st_mtime_ns for path in results_in(output)}
    assert sorted(path.relative_to(output).as_posix() for path in written) == names
    for name in names:
        assert len(read_labels(output / name)) in (1, 4)
    assert segment(folder, output, *options, "--model", a_lumen_model) == 1
    assert "3 of 4 files were finished before" in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in results_in(output)} == written


def results_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.*") if path.is_file() and ".speckle2self" not in path.parts]


def test_masks_of_another_label_or_model_are_made_again_and_those_of_another_command_are_known(
    folder: Path, a_lumen_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.nrrd").unlink()
    output, given = folder.parent / "out", ("--model", a_lumen_model, "--format", ".nrrd")
    assert segment(folder, output, *given) == 0
    assert segment(folder, output, *given, "--label", 7, "--batch-size", 2) == 0
    assert "3 finished files were done again: the result was made with label 1 instead of 7." in capsys.readouterr().err
    assert read_labels(output / "Jürgen" / "sweep.nrrd").label == 7
    shutil.rmtree(output / "Jürgen")
    assert segment(folder, output, *given, "--label", 7, "--jobs", 2, "--threads", 2) == 0
    said = capsys.readouterr().err
    assert "2 of 3 files were finished before" in said
    assert "1 finished files were done again: the result is missing or was changed since." in said
    assert main(["despeckle", str(folder), str(output), "--strength", "0"]) == 0
    assert "done again: the result was made with another command." in capsys.readouterr().err


def test_label_maps_of_a_folder_never_take_each_others_names(tmp_path: Path) -> None:
    for name in ("a.dcm", "a.avi", "a.dcm.nrrd", "b.dcm", "b_mask.png", "c.jpg", "c.dcm", "deep/a.dcm", "d.seq.nrrd"):
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.touch()
    archive = Archive(tmp_path, tmp_path / "out", {})
    names = {order.name: order.output_name.as_posix() for order in segment_orders(archive, None)}
    expected = {"a.avi": "a", "a.dcm": "a.dcm-lumen", "a.dcm.nrrd": "a.dcm.nrrd", "b.dcm": "b", "c.dcm": "c"}
    assert names == {**expected, "c.jpg": "c.jpg", "d.seq.nrrd": "d.seq.nrrd", "deep/a.dcm": "deep/a"}
    all_alike = [order.output_name for order in segment_orders(archive, ".seg.nrrd")]
    assert len(set(all_alike)) == len(all_alike) == 8


def test_the_images_of_a_folder_can_be_the_frames_of_one_sweep(
    neck: NeckSweep, tmp_path: Path, expected: np.ndarray, a_lumen_model: Path
) -> None:
    (tmp_path / "in").mkdir()
    for index, frame in enumerate(neck.frames):
        sitk.WriteImage(sitk.GetImageFromArray(frame), str(tmp_path / "in" / f"frame_{index + 8}.png"))
    spacing = ("--spacing", f"{neck.spacing[0]},{neck.spacing[1]}")
    assert segment(tmp_path / "in", tmp_path / "o.seg.nrrd", "--stack", *spacing, "--model", a_lumen_model) == 0
    np.testing.assert_array_equal(read_labels(tmp_path / "o.seg.nrrd").frames, expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--spacing", "0"), "millimeters per pixel"),
        (("--spacing", "1,2,3"), "got '1,2,3'"),
        (("--label", "0"), "from 1 to 255, got 0"),
        (("--threshold", "2"), "threshold"),
        (("--minimum-confidence", "-1"), "minimum_confidence"),
        (("--scale", "100"), "scale"),
        (("--despeckle", "much"), "number from 0 to 1 or off, got 'much'"),
        (("--despeckle", "3"), "despeckle"),
        (("--batch-size", "0"), "batch"),
        (("--frames", "90:95"), "4 frames"),
        (("--frames", "a:b"), "A:B"),
        (("--device", "tpu"), "tpu"),
        (("--model", "no-such-model"), "no-such-model"),
        (("--format", ".png"), "for folders"),
    ],
)
def test_settings_that_make_no_sense_are_refused_before_anything_is_written(
    sweep: Path,
    tmp_path: Path,
    a_lumen_model: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    message: str,
) -> None:
    assert message in refused(capsys, sweep, tmp_path / "out.nrrd", "--model", a_lumen_model, *options)
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.nrrd"]


def test_bad_places_are_refused(
    sweep: Path, tmp_path: Path, a_lumen_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sweep.read_bytes()
    model = ("--model", a_lumen_model)
    assert "no file or folder" in refused(capsys, tmp_path / "missing.nrrd", tmp_path / "out.nrrd", *model)
    assert "is the input file" in refused(capsys, sweep, sweep, *model)
    assert "holds no label map" in refused(capsys, sweep, tmp_path / "out.dcm", *model)
    assert "cannot hold 4 frames" in refused(capsys, sweep, tmp_path / "out.png", *model)
    assert "does not exist" in refused(capsys, sweep, tmp_path / "no" / "out.nrrd", *model)
    assert "inside" in refused(capsys, tmp_path, tmp_path / "inside", *model)
    assert "another file" in refused(capsys, sweep, tmp_path / "out.nrrd", "--json", sweep, *model)
    assert "--format must be one of" in refused(capsys, tmp_path, tmp_path.parent / "o", "--format", ".dcm", *model)
    assert sweep.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.nrrd"]


def test_a_failure_half_way_leaves_an_older_result_untouched(
    sweep: Path, tmp_path: Path, a_lumen_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out.seg.nrrd"
    output.write_bytes(b"an older result")
    segmenter = Segmenter(a_lumen_model)
    stream = segmenter.stream

    def failing_after_two(*arguments: Any, **options: Any) -> Any:
        for result in stream(*arguments, **options):
            if result.index == 2:
                raise MemoryError
            yield result

    monkeypatch.setattr(segmenter, "stream", failing_after_two)
    with pytest.raises(MemoryError):
        segment_file(sweep, output, segmenter)
    assert output.read_bytes() == b"an older result"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.seg.nrrd", "sweep.nrrd"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupted_job_leaves_nothing_half_written(tmp_path: Path, a_lumen_model: Path, neck: NeckSweep) -> None:
    long = NeckSweep(np.tile(neck.frames, (100, 1, 1)), neck.masks, neck.spacing)
    source, output = write_sweep(tmp_path / "long.nrrd", long), tmp_path / "out.nrrd"
    output.write_bytes(b"an older result")
    process = subprocess.Popen(
        [sys.executable, "-m", "Speckle2SelfLib", "segment", source, output, "--model", a_lumen_model],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    end = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 3 and process.poll() is None:
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    # Python ends by the signal itself, which shells call 130 as well, where it came while exec() made a data class.
    assert process.returncode in (130, -signal.SIGINT)
    assert "interrupted" in said
    assert output.read_bytes() == b"an older result"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.nrrd", "out.nrrd"]


def test_despeckling_before_segmenting_is_written_down(sweep: Path, tmp_path: Path, a_lumen_model: Path) -> None:
    assert segment(sweep, tmp_path / "out.nrrd", "--frames", ":2", "--despeckle", "0.5", "--model", a_lumen_model) == 0
    assert sitk.ReadImage(str(tmp_path / "out.nrrd")).GetMetaData("Speckle2Self_Despeckle") == "0.5"


def test_without_monai_one_sentence_says_so(sweep: Path, tmp_path: Path, a_lumen_model: Path) -> None:
    code = "import sys; sys.modules['monai'] = None; from Speckle2SelfLib.__main__ import main; sys.exit(main())"
    result = subprocess.run(
        [sys.executable, "-c", code, "segment", sweep, tmp_path / "out.nrrd", "--model", a_lumen_model],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 1
    assert "package 'monai'" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "out.nrrd").exists()


def test_the_number_of_threads_is_taken(
    sweep: Path, tmp_path: Path, a_lumen_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = torch.get_num_threads()
    try:
        assert segment(sweep, tmp_path / "lumen.nrrd", "--model", a_lumen_model, "--threads", before + 1) == 0
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
    capsys.readouterr()
    assert "--threads" in refused(capsys, sweep, tmp_path / "no.nrrd", "--threads", 0)
