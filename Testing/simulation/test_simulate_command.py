"""``speckle2self simulate``: what it writes, and what it says to bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - its usual name
from Speckle2SelfLib.__main__ import main
from Speckle2SelfLib.files import open_sweep
from Speckle2SelfTrainingLib.commands.simulate import write_frames
from Speckle2SelfTrainingLib.simulation.benchmark_sets import BENCHMARK_SETS, benchmark_set
from Speckle2SelfTrainingLib.simulation.kinds import KINDS
from Speckle2SelfTrainingLib.simulation.settings import ANATOMIES, SETS, SimulationSettings

FILES = ["clean.nrrd", "geometry.json", "lumen-label.nrrd", "speckled.nrrd"]


def simulate(*arguments: object) -> int:
    return main(["simulate", *map(str, arguments)])


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run, expect one sentence on standard error, and return it."""
    assert simulate(*arguments) == 1
    text = capsys.readouterr().err.strip()
    assert len(text.splitlines()) == 1
    assert text.endswith(".")
    return text


def pixels(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def test_it_writes_pictures_truth_label_map_and_geometry_that_agree(tmp_path: Path) -> None:
    assert simulate(tmp_path / "sim", "--number", 3, "--size", 96, "--seed", 4, "--dynamic-range", 55) == 0
    assert sorted(path.name for path in (tmp_path / "sim").iterdir()) == FILES
    geometry = json.loads((tmp_path / "sim" / "geometry.json").read_text())
    assert geometry["settings"]["seed"] == 4
    assert geometry["settings"]["anatomy"] == "neck"
    assert geometry["machine"]["dynamic_range_db"] == 55
    assert geometry["machine"]["probe"]["kind"] == "linear"
    for name in FILES:
        if not name.endswith(".nrrd"):
            continue
        image = sitk.ReadImage(str(tmp_path / "sim" / name))
        assert list(image.GetSpacing()) == pytest.approx(geometry["spacing_mm"])
        assert image.GetSize() == (96, 96, 3)
        assert image.GetPixelID() == sitk.sitkUInt8
    assert set(np.unique(pixels(tmp_path / "sim" / "lumen-label.nrrd"))) == {0, 1}
    sweep = open_sweep(tmp_path / "sim" / "speckled.nrrd")
    assert len(sweep.frames) == 3
    assert sweep.spacing == pytest.approx(geometry["spacing_mm"][:2])


def test_slicer_reads_the_pictures_as_a_volume_and_the_lumen_as_a_label_map(tmp_path: Path) -> None:
    slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
    assert simulate(tmp_path, "--number", 2, "--size", 96) == 0
    spacing = json.loads((tmp_path / "geometry.json").read_text())["spacing_mm"]
    scene = slicer.vtkMRMLScene()
    for file, kind in (("speckled.nrrd", "ScalarVolume"), ("lumen-label.nrrd", "LabelMapVolume")):
        node = scene.AddNewNodeByClass(f"vtkMRML{kind}Node")
        storage = scene.AddNode(slicer.vtkMRMLVolumeArchetypeStorageNode())
        storage.SetFileName(str(tmp_path / file))
        assert storage.ReadData(node)
        assert node.GetSpacing() == pytest.approx(spacing)
        assert node.GetImageData().GetDimensions() == (96, 96, 2)
        assert node.GetImageData().GetScalarRange() == (pixels(tmp_path / file).min(), pixels(tmp_path / file).max())
    assert set(np.unique(pixels(tmp_path / "lumen-label.nrrd"))) == {0, 1}
    scene.Clear(True)


def test_the_seed_and_every_option_change_the_frames(tmp_path: Path) -> None:
    base = ["--number", 1, "--size", 96]
    options = ("--seed 2", "--probe convex", "--dynamic-range 30", "--anatomy phantom", "--machine fine-grain")
    choices = [[], *(option.split() for option in options)]
    found = []
    for index, options in enumerate(choices):
        assert simulate(tmp_path / str(index), *base, *options) == 0
        found.append(pixels(tmp_path / str(index) / "speckled.nrrd"))
    for index, one in enumerate(found):
        assert not any(np.array_equal(one, other) for other in found[index + 1 :])
    assert simulate(tmp_path / "again", *base) == 0
    np.testing.assert_array_equal(pixels(tmp_path / "again" / "speckled.nrrd"), found[0])


def test_an_exported_size_makes_smaller_frames_with_larger_pixels(tmp_path: Path) -> None:
    assert simulate(tmp_path / "large", "--number", 1, "--size", 128) == 0
    assert simulate(tmp_path / "small", "--number", 1, "--size", 128, "--export-size", 64) == 0
    large, small = (json.loads((tmp_path / name / "geometry.json").read_text()) for name in ("large", "small"))
    assert small["size"] == [64, 64]
    assert small["spacing_mm"][0] == pytest.approx(2 * large["spacing_mm"][0])
    assert pixels(tmp_path / "small" / "clean.nrrd").shape == (1, 64, 64)


def test_a_benchmark_set_is_written_as_the_library_yields_it(tmp_path: Path) -> None:
    assert simulate(tmp_path / "set", "--set", "anatomy-other-probe", "--number", 2, "--size", 128) == 0
    written = pixels(tmp_path / "set" / "speckled.nrrd")
    for index, frame in enumerate(benchmark_set("anatomy-other-probe", 2, size=128)):
        np.testing.assert_array_equal(written[index], frame.speckled)
    geometry = json.loads((tmp_path / "set" / "geometry.json").read_text())
    assert geometry["settings"]["set"] == "anatomy-other-probe"
    assert geometry["seed"] == BENCHMARK_SETS["anatomy-other-probe"].seed
    assert [machine["probe"]["kind"] for machine in geometry["machine_of_frame"]] == ["convex", "convex"]


def test_names_on_the_command_line_are_those_of_the_library() -> None:
    assert set(ANATOMIES) == set(KINDS)
    assert tuple(BENCHMARK_SETS) == SETS


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--number", 0], "--number must be a whole number from 1 to 10000, got 0"),
        (["--size", 20], "--size must be a whole number from 64 to 2048, got 20"),
        (["--number", 5000, "--size", 2048], "at most 256 frames"),
        (["--seed", -1], "--seed must be a whole number of at least 0, got -1"),
        (["--dynamic-range", "nan"], "--dynamic-range must be 20 to 120 dB, got nan"),
        (["--dynamic-range", 5], "--dynamic-range must be 20 to 120 dB, got 5"),
        (["--size", 128, "--export-size", 256], "--export-size must be a whole number from 64 to 128, got 256"),
        (["--machine", "fine-grain", "--probe", "convex"], "leave out --probe convex"),
        (["--processes", 0], "--processes must be a whole number from 1 to 256, got 0"),
        (["--set", "anatomy", "--seed", 3, "--probe", "linear"], "leave out --probe and --seed"),
    ],
)
def test_a_bad_value_is_one_sentence_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[object], said: str
) -> None:
    assert said in refused(capsys, tmp_path / "sim", *options)
    assert not (tmp_path / "sim").exists()


@pytest.mark.parametrize("options", [["--set", "easy"], ["--anatomy", "brain"], ["--probe", "phased"]])
def test_an_unknown_name_lists_the_known_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        simulate(tmp_path / "sim", *options)
    assert "choose from" in capsys.readouterr().err


def test_a_failed_simulation_leaves_the_old_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate(tmp_path, "--number", 1, "--size", 64) == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    (tmp_path / "clean.nrrd").unlink()
    (tmp_path / "clean.nrrd").mkdir()
    options = ["--number", 1, "--size", 64, "--seed", 9, "--overwrite"]
    assert "clean.nrrd is a folder" in refused(capsys, tmp_path, *options)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    assert (tmp_path / "speckled.nrrd").read_bytes() == before["speckled.nrrd"]


def test_an_earlier_run_is_replaced_only_if_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--number", 1, "--size", 64]
    assert simulate(tmp_path, *options) == 0
    before = (tmp_path / "speckled.nrrd").read_bytes()
    assert "already holds speckled.nrrd: choose another folder, or add --overwrite" in refused(
        capsys, tmp_path, *options, "--seed", 9
    )
    assert (tmp_path / "speckled.nrrd").read_bytes() == before
    assert simulate(tmp_path, *options, "--seed", 9, "--overwrite") == 0
    assert (tmp_path / "speckled.nrrd").read_bytes() != before


def test_a_folder_with_other_files_is_taken(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert simulate(tmp_path, "--number", 1, "--size", 64) == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_interrupted_simulation_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from Speckle2SelfTrainingLib.simulation.sweep import Sweep

    def interrupted(self: Sweep, index: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Sweep, "frame", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_frames(tmp_path / "sim", SimulationSettings(number=2, size=64))
    assert list((tmp_path / "sim").iterdir()) == []
