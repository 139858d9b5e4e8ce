"""The command line: what it writes, what it says, and that nothing is lost when it fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.__main__ import main
from Speckle2SelfTrainingLib.simulation.sweep import simulate_sweep

FRAMES, SIZE = 4, 64


def write_sweep(path: Path, frames: np.ndarray) -> Path:
    image = sitk.GetImageFromArray(frames)
    image.SetSpacing((0.1, 0.2, 0.5))
    image.SetOrigin((1.0, -2.0, 3.0))
    sitk.WriteImage(image, str(path))
    return path


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    simulated = simulate_sweep(np.random.default_rng(5), frames=FRAMES, size=(SIZE, SIZE))
    return np.stack([frame.speckled for frame in simulated])


@pytest.fixture
def sweep(tmp_path: Path, frames: np.ndarray) -> Path:
    return write_sweep(tmp_path / "sweep.nrrd", frames)


def read(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a command that must fail and return the sentence that it says."""
    status = main([str(argument) for argument in arguments])
    said = capsys.readouterr().err.strip()
    assert status not in (0, None)
    assert said.startswith("speckle2self: ")
    assert "Traceback" not in said
    return said


def test_a_volume_comes_out_with_its_geometry_and_the_pixels_of_the_library(
    sweep: Path, tmp_path: Path, frames: np.ndarray
) -> None:
    output = tmp_path / "out.nrrd"
    assert main(["despeckle", str(sweep), str(output)]) == 0
    image = sitk.ReadImage(str(output))
    assert image.GetSpacing() == (0.1, 0.2, 0.5)
    assert image.GetOrigin() == (1.0, -2.0, 3.0)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), Despeckler()(frames))


def test_a_frame_range_has_the_pixels_of_the_whole_sweep(sweep: Path, tmp_path: Path, frames: np.ndarray) -> None:
    assert main(["despeckle", str(sweep), str(tmp_path / "part.nrrd"), "--frames", "1:3"]) == 0
    np.testing.assert_array_equal(read(tmp_path / "part.nrrd"), Despeckler()(frames)[1:3])


def test_strength_zero_copies_the_pixels(sweep: Path, tmp_path: Path, frames: np.ndarray) -> None:
    assert main(["despeckle", str(sweep), str(tmp_path / "same.nrrd"), "--strength", "0"]) == 0
    np.testing.assert_array_equal(read(tmp_path / "same.nrrd"), frames)


def test_the_published_preset_writes_float32_in_zero_to_one(sweep: Path, tmp_path: Path) -> None:
    assert main(["despeckle", str(sweep), str(tmp_path / "out.nrrd"), "--preset", "published"]) == 0
    result = read(tmp_path / "out.nrrd")
    assert result.dtype == np.float32
    assert 0 <= result.min() <= result.max() <= 1


def test_a_folder_is_done_file_by_file_past_failures_and_ends_with_a_list(
    tmp_path: Path, frames: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    (folder / "Jürgen").mkdir(parents=True)
    write_sweep(folder / "one.nrrd", frames)
    write_sweep(folder / "Jürgen" / "zwei.mha", frames)
    (folder / "broken.nrrd").write_bytes(b"NRRD0004\nnonsense")
    (folder / "notes.txt").write_text("no image")
    report = tmp_path / "report.json"
    assert main(["despeckle", str(folder), str(tmp_path / "out"), "--json", str(report)]) == 1
    said = capsys.readouterr().err
    assert "1 of 3 files failed: broken.nrrd" in said
    names = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*"))
    assert names == ["Jürgen/zwei.mha", "one.nrrd"]
    results = {entry["file"]: entry for entry in json.loads(report.read_text())["results"]}
    assert "error" in results["broken.nrrd"]
    assert results["one.nrrd"]["frames"] == FRAMES


def test_the_images_of_a_folder_can_be_the_frames_of_one_sweep(tmp_path: Path, frames: np.ndarray) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for index, frame in enumerate(frames):
        sitk.WriteImage(sitk.GetImageFromArray(frame), str(folder / f"frame_{index + 8}.png"))
    assert main(["despeckle", str(folder), str(tmp_path / "sweep.nrrd"), "--stack"]) == 0
    np.testing.assert_array_equal(read(tmp_path / "sweep.nrrd"), Despeckler()(frames))


def test_the_report_says_what_ran_and_holds_no_path(sweep: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert main(["despeckle", str(sweep), str(tmp_path / "out.nrrd"), "--json", str(report), "--strength", "0.5"]) == 0
    content = json.loads(report.read_text())
    assert content["settings"]["strength"] == 0.5
    assert len(content["provenance"]["ModelSHA256"]) == 64
    assert content["results"][0]["size"] == [SIZE, SIZE]
    assert str(tmp_path) not in report.read_text()


def test_a_pipe_gets_no_progress_bar_and_standard_output_stays_empty(sweep: Path, tmp_path: Path) -> None:
    result = command(["despeckle", str(sweep), str(tmp_path / "out.nrrd")])
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--device", "cuda:99"), "cuda:99"),
        (("--device", "tpu"), "tpu"),
        (("--model", "no-such-model"), "no-such-model"),
        (("--strength", "2"), "from 0 to 1, got 2"),
        (("--frames", "a:b"), "A:B"),
        (("--frames", "90:95"), "4 frames"),
        (("--frames=-3:2",), "counts from 0"),
        (("--scale", "big"), "auto, one number or two"),
        (("--batch-size", "0"), "at least 1"),
        (("--preset", "published", "--signal", "rf"), "gray B-mode"),
    ],
)
def test_settings_that_make_no_sense_are_refused_before_anything_is_written(
    sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    said = refused(capsys, "despeckle", sweep, tmp_path / "out.nrrd", *arguments)
    assert message in said
    assert "\n" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sweep.nrrd"]


def test_bad_places_are_refused(sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sweep.read_bytes()
    assert "no file or folder" in refused(capsys, "despeckle", tmp_path / "missing.nrrd", tmp_path / "o.nrrd")
    refused(capsys, "despeckle", sweep, sweep)
    refused(capsys, "despeckle", sweep, tmp_path / "no" / "folder" / "out.nrrd")
    refused(capsys, "despeckle", sweep, tmp_path / "out.unknown")
    refused(capsys, "despeckle", tmp_path, tmp_path / "inside")
    refused(capsys, "despeckle", sweep, tmp_path / "o.nrrd", "--json", tmp_path / "no" / "report.json")
    refused(capsys, "despeckle", sweep, tmp_path / "o.nrrd", "--json", sweep)
    assert sweep.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sweep.nrrd"]


@pytest.mark.parametrize("content", [b"", b"NRRD0005\ntype: uint8\n", b"\x89PNG\r\n\x1a\n truncated", b"hello"])
def test_damaged_files_are_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    for suffix in (".nrrd", ".png", ".mha", ".nii.gz", ".dcm", ".seq.nrrd", ".igs.mha", ".tif"):
        broken = tmp_path / f"broken{suffix}"
        broken.write_bytes(content)
        assert "\n" not in refused(capsys, "despeckle", broken, tmp_path / "out.nrrd")
        broken.unlink()
    assert not list(tmp_path.iterdir())


def command(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "Speckle2SelfLib", *arguments], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_job_leaves_nothing_half_written(tmp_path: Path, number: signal.Signals) -> None:
    many = np.random.default_rng(0).integers(0, 255, (400, 128, 128), dtype=np.uint8)
    source = write_sweep(tmp_path / "long.nrrd", many)
    output = tmp_path / "out.nrrd"
    output.write_bytes(b"an older result")
    process = subprocess.Popen(
        [sys.executable, "-m", "Speckle2SelfLib", "despeckle", str(source), str(output)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    wait_for(lambda: len(list(tmp_path.iterdir())) > 2 or process.poll() is not None)
    time.sleep(0.5)
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in said
    assert output.read_bytes() == b"an older result"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.nrrd", "out.nrrd"]


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.05)


def test_every_subcommand_explains_itself() -> None:
    result = command(["--help"])
    assert result.returncode == 0
    for name in ("despeckle", "simulate"):
        assert name in result.stdout
        detail = command([name, "--help"])
        assert detail.returncode == 0
        assert "usage" in detail.stdout


def test_simulate_writes_a_sweep_with_truth_and_lumen(tmp_path: Path) -> None:
    assert main(["simulate", str(tmp_path / "sim"), "--number", "3", "--size", "96", "--seed", "4"]) == 0
    speckled, clean, lumen = (read(tmp_path / "sim" / f"{name}.nrrd") for name in ("speckled", "clean", "lumen"))
    assert speckled.shape == clean.shape == lumen.shape == (3, 96, 96)
    assert speckled.std() > clean.std()
    assert set(np.unique(lumen)) <= {0, 1}


def test_importing_the_library_loads_neither_numpy_nor_torch() -> None:
    code = "import Speckle2SelfLib, sys; print({'numpy', 'torch', 'monai'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
