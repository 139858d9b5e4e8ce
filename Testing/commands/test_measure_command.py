"""speckle2self measure: from labels or from a sweep to table, JSON and picture."""

from __future__ import annotations

import csv
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from Speckle2SelfLib.__main__ import main

if TYPE_CHECKING:
    from lumen_samples import NeckSweep

SHAPE = (80, 96)


def discs(diameters: list[float]) -> np.ndarray:
    """One disc per frame; 0 is an empty mask."""
    rows, columns = np.arange(SHAPE[0])[:, None] - 40.2, np.arange(SHAPE[1])[None] - 47.7
    return np.stack([(np.hypot(rows, columns) < diameter / 2) for diameter in diameters]).astype(np.uint8)


def write(path: Path, frames: np.ndarray, spacing: tuple[float, ...] = (0.1, 0.1, 0.5), **fields: str) -> Path:
    image = sitk.GetImageFromArray(frames)
    image.SetSpacing(spacing[: image.GetDimension()])
    for name, value in fields.items():
        image.SetMetaData(name, value)
    sitk.WriteImage(image, str(path))
    return path


def measure(*arguments: object) -> int:
    return main(["measure", *(str(argument) for argument in arguments)])


def table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Measure what must fail and return the sentence that it says."""
    capsys.readouterr()
    assert measure(*arguments) == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("speckle2self: ")
    assert "\n" not in said
    return said


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write(tmp_path / "labels.nrrd", discs([50, 50, 48, 0, 44, 44, 44, 44, 44, 50]))


def test_a_label_map_becomes_table_json_and_picture(labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = labels.parent / "result"
    assert measure(labels, place) == 0
    rows = table(place.with_name("result.csv"))
    assert [float(row["position_mm"]) for row in rows] == pytest.approx([0.5 * frame for frame in range(10)])
    assert float(rows[0]["equivalent_diameter_mm"]) == pytest.approx(5.0, rel=0.01)
    assert float(rows[0]["area_mm2"]) == pytest.approx(math.pi * 6.25, rel=0.02)
    assert rows[3]["found"] == "false"
    content = json.loads(place.with_name("result.json").read_text())
    assert content["input"]["masks"] == "read from labels"
    assert content["summary"]["minimum"]["diameter_mm"] == pytest.approx(4.4, rel=0.02)
    assert content["settings"]["positions"] == "slice spacing"
    assert place.with_name("result.png").read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr()
    assert "No lumen found on frame 4 (counted from 1)." in printed.err
    assert "Lumen on 9 of 10 frames" in printed.out
    assert str(labels.parent) not in place.with_name("result.json").read_text()


def test_centers_lie_where_the_image_says_they_lie_in_the_patient(tmp_path: Path) -> None:
    image = sitk.GetImageFromArray(discs([40, 42, 44, 46, 48]))
    image.SetSpacing((0.1, 0.1, 0.4))
    image.SetOrigin((5.0, -20.0, 30.0))
    turned = sitk.Euler3DTransform((0, 0, 0), 0.3, -0.7, 1.1)
    image.SetDirection(turned.GetMatrix())
    for name in ("labels.nrrd", "labels.mha", "labels.nii.gz"):
        sitk.WriteImage(image, str(tmp_path / name))
        assert measure(tmp_path / name, tmp_path / "out") == 0
        for frame, row in enumerate(table(tmp_path / "out.csv")):
            index = (float(row["center_column_px"]), float(row["center_row_px"]), float(frame))
            expected = image.TransformContinuousIndexToPhysicalPoint(index)
            assert [float(row[f"center_{axis}_mm"]) for axis in "xyz"] == pytest.approx(expected, abs=1e-3)
        assert json.loads((tmp_path / "out.json").read_text())["summary"]["coordinates"] == "LPS"


def test_a_pixel_size_that_corrects_the_file_drops_its_places(labels: Path) -> None:
    assert measure(labels, labels.with_name("out.csv"), "--spacing", "0.2") == 0
    assert "center_x_mm" not in table(labels.with_name("out.csv"))[0]


def test_the_ending_chooses_one_file_and_a_folder_gets_all(labels: Path, tmp_path: Path) -> None:
    for ending in (".csv", ".json", ".png"):
        assert measure(labels, tmp_path / f"only{ending}") == 0
    folder = tmp_path / "folder"
    folder.mkdir()
    assert measure(labels, folder) == 0
    assert sorted(path.name for path in tmp_path.glob("only*")) == ["only.csv", "only.json", "only.png"]
    names = [f"labels-measures{ending}" for ending in (".csv", ".json", ".png")]
    assert sorted(path.name for path in folder.iterdir()) == names


def test_a_segmentation_of_slicer_is_measured(tmp_path: Path) -> None:
    path = write(
        tmp_path / "vessels.seg.nrrd",
        discs([40, 42, 44]) * 3,
        Segment0_ID="Segment_1",
        Segment0_Name="Vein",
        Segment0_LabelValue="2",
        Segment0_Layer="0",
        Segment1_ID="Segment_2",
        Segment1_Name="Artery",
        Segment1_LabelValue="3",
        Segment1_Layer="0",
    )
    assert measure(path, tmp_path / "artery.csv", "--segment", "Artery") == 0
    diameters = [float(row["equivalent_diameter_mm"]) for row in table(tmp_path / "artery.csv")]
    assert diameters == pytest.approx([4.0, 4.2, 4.4], rel=0.01)
    assert measure(path, tmp_path / "vein.csv", "--segment", "Vein") == 0
    assert all(row["found"] == "false" for row in table(tmp_path / "vein.csv"))


def test_masks_without_a_pixel_size_are_measured_in_pixels_or_in_the_size_given(tmp_path: Path) -> None:
    for frame, mask in enumerate(discs([40, 44]) * 255):
        sitk.WriteImage(sitk.GetImageFromArray(mask), str(tmp_path / f"frame_{frame}_mask.png"))
    assert measure(tmp_path, tmp_path / "pixels.csv") == 0
    assert float(table(tmp_path / "pixels.csv")[1]["equivalent_diameter_px"]) == pytest.approx(44, rel=0.01)
    assert measure(tmp_path, tmp_path / "given.csv", "--spacing", "0.2,0.05") == 0
    row = table(tmp_path / "given.csv")[1]
    assert float(row["equivalent_diameter_mm"]) == pytest.approx(4.4, rel=0.01)
    assert float(row["major_axis_mm"]) == pytest.approx(8.8, rel=0.01)
    assert float(row["minor_axis_mm"]) == pytest.approx(2.2, rel=0.01)


def test_frames_along_another_axis_are_measured_with_the_spacing_of_their_own_axes(tmp_path: Path) -> None:
    frames = discs([40, 42, 44, 46, 48])
    path = write(tmp_path / "turned.nrrd", np.ascontiguousarray(frames.transpose(1, 2, 0)), (0.4, 0.1, 0.1))
    assert measure(path, tmp_path / "out.csv", "--frame-axis", 2) == 0
    rows = table(tmp_path / "out.csv")
    assert [float(row["position_mm"]) for row in rows] == pytest.approx([0.4 * frame for frame in range(5)])
    assert float(rows[4]["equivalent_diameter_mm"]) == pytest.approx(4.8, rel=0.01)


def test_one_of_several_labels_is_chosen_by_its_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frames = discs([50, 50]) + 2 * discs([20, 24])
    path = write(tmp_path / "two.nrrd", frames)
    assert "1, 3" in refused(capsys, path, tmp_path / "out.csv")
    assert "no label 7" in refused(capsys, path, tmp_path / "out.csv", "--label", 7)
    assert measure(path, tmp_path / "out.csv", "--label", 3) == 0
    assert float(table(tmp_path / "out.csv")[1]["equivalent_diameter_mm"]) == pytest.approx(2.4, rel=0.01)


def test_a_sweep_is_segmented_on_the_way_with_confidences(
    a_lumen_model: Path, neck_sweeps: list[NeckSweep], tmp_path: Path
) -> None:
    sweep = neck_sweeps[0]
    path = write(tmp_path / "neck.nrrd", sweep.frames, (*sweep.spacing[::-1], 0.5))
    truth = write(tmp_path / "truth.nrrd", sweep.masks, (*sweep.spacing[::-1], 0.5))
    assert measure(path, tmp_path / "found", "--model", a_lumen_model) == 0
    assert measure(truth, tmp_path / "truth.csv") == 0
    found, known = table(tmp_path / "found.csv"), table(tmp_path / "truth.csv")
    for one, other in zip(found, known, strict=True):
        assert float(one["equivalent_diameter_mm"]) == pytest.approx(float(other["equivalent_diameter_mm"]), rel=0.05)
        assert 0.5 < float(one["confidence"]) <= 1
        assert other["confidence"] == ""
    content = json.loads((tmp_path / "found.json").read_text())
    assert content["input"]["masks"] == "segmented by a model"
    assert content["input"]["model"]


def test_labels_written_by_segment_keep_their_confidences(
    a_lumen_model: Path, neck_sweeps: list[NeckSweep], tmp_path: Path
) -> None:
    sweep = neck_sweeps[0]
    path = write(tmp_path / "neck.nrrd", sweep.frames, (*sweep.spacing[::-1], 0.5))
    assert main(["segment", str(path), str(tmp_path / "lumen.seg.nrrd"), "--model", str(a_lumen_model)]) == 0
    assert measure(tmp_path / "lumen.seg.nrrd", tmp_path / "labels.csv") == 0
    assert measure(path, tmp_path / "sweep.csv", "--model", a_lumen_model) == 0
    for one, other in zip(table(tmp_path / "labels.csv"), table(tmp_path / "sweep.csv"), strict=True):
        assert one["area_mm2"] == other["area_mm2"]
        assert float(one["confidence"]) == pytest.approx(float(other["confidence"]), abs=1e-3)


def test_labels_of_a_sweep_take_time_from_it_and_must_have_its_frames(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = [
        "ObjectType = Image",
        "NDims = 3",
        f"DimSize = {SHAPE[1]} {SHAPE[0]} 6",
        "Kinds = domain domain list",
        "ElementSpacing = 0.1 0.1 1",
        "ElementType = MET_UCHAR",
        *(f"Seq_Frame{frame:04d}_Timestamp = {7 + frame / 20}" for frame in range(6)),
        "ElementDataFile = LOCAL",
    ]
    pixels = np.random.default_rng(0).integers(0, 255, (6, *SHAPE), dtype=np.uint8)
    cine = tmp_path / "cine.igs.mha"
    cine.write_bytes("\n".join(header).encode() + b"\n" + pixels.tobytes())
    masks = write(tmp_path / "masks.nrrd", discs([40] * 6))
    assert measure(cine, tmp_path / "out.csv", "--labels", masks, "--along", "time") == 0
    times = [float(row["time_s"]) for row in table(tmp_path / "out.csv")]
    assert times == pytest.approx([frame / 20 for frame in range(6)])
    few = write(tmp_path / "few.nrrd", discs([40] * 5))
    assert "has 5 frames, but cine.igs.mha has 6" in refused(capsys, cine, tmp_path / "x.csv", "--labels", few)
    other = write(tmp_path / "other.nrrd", discs([40] * 6)[:, 1:])
    assert "79 x 96" in refused(capsys, cine, tmp_path / "x.csv", "--labels", other)
    assert not (tmp_path / "x.csv").exists()


def test_a_cine_with_a_frame_rate_gets_its_distension(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    diameters = [60 + 2.5 * (1 - math.cos(2 * math.pi * 1.2 * frame / 25)) for frame in range(75)]
    path = write(tmp_path / "cine.nrrd", discs(diameters), (0.1, 0.1, 1.0))
    assert measure(path, tmp_path / "cine", "--frame-rate", 25) == 0
    found = json.loads((tmp_path / "cine.json").read_text())["summary"]["distension"]
    assert found["diastolic_mm"] == pytest.approx(6.0, abs=0.02)
    assert found["distension_mm"] == pytest.approx(0.5, abs=0.03)
    assert found["heart_rate_per_minute"] == pytest.approx(72, rel=0.05)
    printed = capsys.readouterr()
    assert "distension 0." in printed.out
    assert "held still" in printed.err


def test_pictures_are_told_from_labels_and_what_could_be_both_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few_levels = np.zeros((2, *SHAPE), np.uint8)
    few_levels[:, :20, :] = np.arange(20)[:, None]
    path = write(tmp_path / "levels.nrrd", few_levels)
    assert "--input-kind labels or --input-kind pictures" in refused(capsys, path, tmp_path / "out.csv")
    assert measure(path, tmp_path / "out.csv", "--input-kind", "labels", "--label", 5) == 0
    picture = write(tmp_path / "picture.nrrd", np.random.default_rng(0).integers(0, 255, (2, *SHAPE), dtype=np.uint8))
    assert "pictures" in refused(capsys, picture, tmp_path / "out.csv", "--label", 1)
    assert "image" in refused(capsys, picture, tmp_path / "out.csv", "--input-kind", "labels")


def test_an_empty_label_map_gives_a_stated_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "empty.nrrd", discs([0, 0, 0]))
    assert measure(path, tmp_path / "out") == 0
    assert "No lumen found on any of the 3 frames." in capsys.readouterr().err
    assert [row["found"] for row in table(tmp_path / "out.csv")] == ["false"] * 3


def test_outputs_that_cannot_be_or_would_replace_an_input_are_refused(
    labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = labels.read_bytes()
    assert "measures go to .csv, .json or .png files" in refused(capsys, labels, tmp_path / "out.nrrd")
    assert "does not exist" in refused(capsys, labels, tmp_path / "nowhere" / "out.csv")
    assert "There is no file" in refused(capsys, tmp_path / "nothing.nrrd", tmp_path / "out.csv")
    masks = tmp_path / "masks"
    masks.mkdir()
    sitk.WriteImage(sitk.GetImageFromArray(discs([40])[0] * 255), str(masks / "a_mask.png"))
    assert "input" in refused(capsys, masks, masks / "a_mask.png")
    assert "input" in refused(capsys, masks / "a_mask.png", masks / "a_mask.png")
    assert labels.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.nrrd", "masks"]


@pytest.mark.parametrize(
    "options",
    [
        ["--spacing", "0"],
        ["--spacing", "a,b"],
        ["--frame-rate", "0"],
        ["--minimum-confidence", "80"],
        ["--along", "time"],
        ["--labels", "nothing.nrrd"],
        ["--segment", "Artery"],
        ["--label", "4"],
    ],
)
def test_options_that_do_not_fit_are_refused_and_an_old_result_stays(
    labels: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    old = labels.with_name("out.csv")
    old.write_text("an older result")
    refused(capsys, labels, old, *options)
    assert old.read_text() == "an older result"
    assert sorted(path.name for path in labels.parent.iterdir()) == ["labels.nrrd", "out.csv"]


def test_the_help_comes_without_loading_heavy_packages() -> None:
    code = (
        "import sys\nfrom Speckle2SelfLib.__main__ import main\n"
        "try:\n    main(['measure', '--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'torch', 'monai', 'scipy', 'matplotlib', 'skimage', 'SimpleITK'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupted_measurement_leaves_nothing_half_written(tmp_path: Path) -> None:
    labels = write(tmp_path / "long.nrrd", np.repeat(discs([40]), 20_000, axis=0))
    output = tmp_path / "out.csv"
    output.write_text("an older result")
    process = subprocess.Popen(
        [sys.executable, "-m", "Speckle2SelfLib", "measure", str(labels), str(output)],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    waited = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 3 and process.poll() is None and time.monotonic() < waited:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert "interrupted" in process.communicate(timeout=60)[1]
    # Python ends by the signal itself, which shells call 130 as well, where it came while exec() made a data class.
    assert process.returncode in (130, -signal.SIGINT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.nrrd", "out.csv"]
    assert output.read_text() == "an older result"
