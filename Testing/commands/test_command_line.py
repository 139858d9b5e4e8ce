"""The command line: what it writes, what it says, and that nothing is lost when it fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
import torch
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.__main__ import main
from Speckle2SelfLib.commands.run_folder import without_folders
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
    names = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("[!.]*.*"))
    assert [name for name in names if not name.startswith(".")] == ["Jürgen/zwei.mha", "one.nrrd"]
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
        (("--device", "cuda:²"), "cuda:²"),
        (("--device", "cuda:"), "cuda:N"),
        (("--strength", "-1"), "from 0 to 1, got -1"),
        (("--gamma", "-1"), "gamma"),
        (("--scale=-1",), "scale"),
        (("--dynamic-range", "-60"), "dynamic_range"),
        (("--preset", "published", "--precision", "bf16"), "fp32"),
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


def test_a_report_never_replaces_an_image(
    tmp_path: Path, frames: np.ndarray, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    sweep = write_sweep(tmp_path / "in" / "sweep.nrrd", frames)
    other = write_sweep(tmp_path / "other.nrrd", frames)
    (tmp_path / "link.json").symlink_to(sweep)
    monkeypatch.chdir(tmp_path)
    before = sweep.read_bytes()
    for report in ("in/../in/sweep.nrrd", "link.json", other, "out.nrrd"):
        refused(capsys, "despeckle", sweep, tmp_path / "out.nrrd", "--json", report)
    for report in ("in/new.json", "in/../in/sweep.nrrd", "link.json", other, tmp_path / "in" / "deeper"):
        refused(capsys, "despeckle", tmp_path / "in", tmp_path / "out", "--json", report)
    (tmp_path / "out").mkdir()
    assert "ends in .json" in refused(capsys, "despeckle", "in", "out", "--json", "out/sweep.nrrd")
    assert (sweep.read_bytes(), other.read_bytes()) == (before, before)
    assert not list((tmp_path / "out").iterdir())


def test_a_report_that_cannot_be_written_leaves_nothing(
    sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(path: Path, text: str, **options: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full_disk)
    assert "disk is full" in refused(
        capsys, "despeckle", sweep, tmp_path / "out.nrrd", "--strength", "0", "--json", tmp_path / "report.json"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.nrrd", "sweep.nrrd"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_report_has_the_permissions_of_other_new_files(sweep: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    old = os.umask(0o027)
    try:
        assert main(["despeckle", str(sweep), str(tmp_path / "o.nrrd"), "--strength", "0", "--json", str(report)]) == 0
    finally:
        os.umask(old)
    assert report.stat().st_mode & 0o777 == 0o640


def test_the_report_of_the_published_preset_lists_what_was_applied(sweep: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    arguments = ["despeckle", str(sweep), str(tmp_path / "out.nrrd"), "--preset", "published", "--json", str(report)]
    assert main(arguments) == 0
    assert set(json.loads(report.read_text())["settings"]) == {"preset", "device", "precision", "batch_size"}


def test_the_report_of_a_folder_names_no_folder_of_the_machine(
    tmp_path: Path, frames: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Jane Doe" / "in").mkdir(parents=True)
    (tmp_path / "Jane Doe" / "in" / "broken.nrrd").write_bytes(b"NRRD0004\nnonsense")
    monkeypatch.chdir(tmp_path / "Jane Doe")
    report = tmp_path / "report.json"
    for source in ("in", str(tmp_path / "Jane Doe" / "in"), "../Jane Doe/in"):
        assert main(["despeckle", source, str(tmp_path / "out"), "--json", str(report)]) == 1
        (result,) = json.loads(report.read_text())["results"]
        assert result["error"].startswith("broken.nrrd ")
        assert "Jane" not in report.read_text()
        assert str(tmp_path) not in report.read_text()


def test_folders_are_cut_from_messages_and_words_are_not() -> None:
    source, target = Path("in"), Path("in", "out").absolute()
    text = f"in/a.nrrd is not in {target}: {target / 'a.nrrd'}, min/max, {target}side."
    assert without_folders(text, source, target) == "a.nrrd is not in .: a.nrrd, min/max, outside."


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (MemoryError(), "not enough memory"),
        (OSError(5, "Input/output error", "/home/jane/one.nrrd"), "Input/output error"),
        (RuntimeError("first line\nsecond line"), "first line"),
    ],
)
def test_a_folder_goes_on_past_a_file_that_the_machine_fails_at(
    tmp_path: Path,
    frames: np.ndarray,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    message: str,
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("one", "two"):
        write_sweep(tmp_path / "in" / f"{name}.nrrd", frames)
    stream = Despeckler.stream
    calls: list[int] = []

    def failing_once(self: Despeckler, *arguments: Any, **options: Any) -> Iterator[Any]:
        calls.append(1)
        if len(calls) == 1:
            raise failure
        return stream(self, *arguments, **options)

    monkeypatch.setattr(Despeckler, "stream", failing_once)
    report = tmp_path / "report.json"
    assert main(["despeckle", str(tmp_path / "in"), str(tmp_path / "out"), "--json", str(report)]) == 1
    one, two = json.loads(report.read_text())["results"]
    assert message in one["error"]
    assert "jane" not in one["error"]
    assert "\n" not in one["error"]
    assert two["frames"] == FRAMES
    assert "1 of 2 files failed: one.nrrd" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").glob("[!.]*")] == ["two.nrrd"]


def test_names_that_are_too_long_are_refused(sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 5000 + ".nrrd"
    for arguments in ((long, tmp_path / "o.nrrd"), (sweep, long), (sweep, tmp_path / "o.nrrd", "--json", long)):
        assert len(refused(capsys, "despeckle", *arguments)) < 6000
    refused(capsys, "despeckle", sweep, tmp_path / "o.nrrd", "--model", long)
    refused(capsys, "simulate", long)
    assert [path.name for path in tmp_path.iterdir()] == ["sweep.nrrd"]


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
    # Python ends by the signal itself, which shells call 130 as well, where it came while exec() made a data class.
    assert process.returncode in (130, -signal.SIGINT)
    assert "interrupted" in said
    assert output.read_bytes() == b"an older result"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.nrrd", "out.nrrd"]


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened in time"
        time.sleep(0.05)


def test_a_file_name_as_output_of_a_folder_is_refused_with_a_hint(
    tmp_path: Path, frames: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    write_sweep(tmp_path / "in" / "one.nrrd", frames)
    assert "--stack" in refused(capsys, "despeckle", tmp_path / "in", tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()


def test_every_subcommand_explains_itself() -> None:
    result = command(["--help"])
    assert result.returncode == 0
    for name in ("despeckle", "simulate"):
        assert name in result.stdout
        detail = command([name, "--help"])
        assert detail.returncode == 0
        assert "usage" in detail.stdout


def without_packages(*names: str) -> str:
    """Code that starts the command line in a Python that lacks these packages."""
    blocked = dict.fromkeys(names)
    return f"import sys; sys.modules.update({blocked!r}); from Speckle2SelfLib.__main__ import main; sys.exit(main())"


def run_code(code: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )


def test_help_needs_no_other_package() -> None:
    result = run_code(without_packages("numpy", "torch", "scipy", "SimpleITK", "monai"), "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert "simulate" in result.stdout


@pytest.mark.parametrize("package", ["torch", "scipy"])
def test_a_missing_package_is_named(sweep: Path, tmp_path: Path, package: str) -> None:
    result = run_code(without_packages(package), "despeckle", sweep, tmp_path / "out.nrrd")
    assert result.returncode == 1
    assert f"package '{package}'" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_broken_installation_of_pytorch_is_said(sweep: Path, tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise OSError('libtorch_cpu.so: cannot open shared object file')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from Speckle2SelfLib.__main__ import main; main()"
    result = run_code(code, "despeckle", sweep, tmp_path / "out.nrrd")
    assert "package 'torch' cannot be loaded (libtorch_cpu.so" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_simulate_checks_its_settings_and_its_folder_before_it_computes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_early(*arguments: object, **options: object) -> None:
        pytest.fail("the simulation started")

    monkeypatch.setattr("Speckle2SelfTrainingLib.simulation.sweep.Sweep.frame", too_early)
    assert "--seed" in refused(capsys, "simulate", tmp_path / "sim", "--seed", "-1")
    (tmp_path / "file").write_text("no folder")
    refused(capsys, "simulate", tmp_path / "file")
    refused(capsys, "simulate", tmp_path / "file" / "deeper")
    (tmp_path / "taken" / "clean.nrrd").mkdir(parents=True)
    refused(capsys, "simulate", tmp_path / "taken")
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["clean.nrrd"]


def test_simulate_writes_a_sweep_with_truth_and_lumen(tmp_path: Path) -> None:
    assert main(["simulate", str(tmp_path / "sim"), "--number", "3", "--size", "96", "--seed", "4"]) == 0
    names = ("speckled", "clean", "lumen-label")
    speckled, clean, lumen = (read(tmp_path / "sim" / f"{name}.nrrd") for name in names)
    assert speckled.shape == clean.shape == lumen.shape == (3, 96, 96)
    assert speckled.std() > clean.std()
    assert set(np.unique(lumen)) <= {0, 1}
    assert len(list((tmp_path / "sim").iterdir())) == 4


def test_importing_the_library_loads_neither_numpy_nor_torch() -> None:
    code = "import Speckle2SelfLib, sys; print({'numpy', 'torch', 'monai'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"


@pytest.fixture
def own_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("own_threads")
def test_a_command_computes_with_the_threads_that_it_is_given(
    sweep: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels = []
    for threads in (1, 3):
        assert main(["despeckle", str(sweep), str(tmp_path / f"{threads}.nrrd"), "--threads", str(threads)]) == 0
        assert torch.get_num_threads() == threads
        pixels.append(read(tmp_path / f"{threads}.nrrd").astype(int))
    assert np.abs(pixels[0] - pixels[1]).max() <= 1
    capsys.readouterr()
    assert "1 to" in refused(capsys, "despeckle", sweep, tmp_path / "no.nrrd", "--threads", 0)
    assert not (tmp_path / "no.nrrd").exists()


@pytest.mark.usefixtures("own_threads")
def test_a_folder_is_done_by_no_more_processors_than_given(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from Speckle2SelfLib.archive import run

    real, seen = run.seats, []

    def seats(*arguments: Any) -> Any:
        seen.extend(real(*arguments))
        return seen

    monkeypatch.setattr(run, "seats", seats)
    assert main(["despeckle", str(sweep.parent), str(tmp_path.parent / "done"), "--threads", "3"]) == 0
    assert [seat.threads for seat in seen] == [3]
    refusal = ["despeckle", str(sweep.parent), str(tmp_path / "out"), "--threads", "2", "--dask", "tcp://localhost:1"]
    assert main(refusal) == 1
