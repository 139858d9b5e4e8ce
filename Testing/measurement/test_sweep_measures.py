"""A sweep: every frame listed, a minimum that one wrong outline cannot make, what is missing said in words."""

from __future__ import annotations

import csv
import io
import json
import math

import numpy as np
import pytest
from shape_support import a_disc, an_ellipse
from Speckle2SelfLib.errors import InputError, SettingsError
from Speckle2SelfTrainingLib.measurement import SweepMeasures, measure_sweep
from Speckle2SelfTrainingLib.segmentation.files.frame_list import frames_text

STEP = 0.1  # mm per pixel


def discs(diameters: list[float]) -> list[np.ndarray]:
    """One disc per frame; 0 is an empty mask."""
    return [a_disc(diameter) if diameter else np.zeros((96, 112), np.uint8) for diameter in diameters]


def a_narrowing(count: int = 15) -> list[float]:
    """Diameters that fall from 60 to 40 pixels in the middle and rise again."""
    return [60 - 20 * math.cos(math.pi * (frame / (count - 1) - 0.5)) ** 2 for frame in range(count)]


def measured(diameters: list[float], **options: object) -> SweepMeasures:
    return measure_sweep(discs(diameters), STEP, **options)  # type: ignore[arg-type]


def test_the_minimum_and_its_place_are_found() -> None:
    result = measured(a_narrowing(), positions=[0.4 * frame for frame in range(15)])
    assert result.axis == "position"
    assert result.minimum is not None
    assert result.minimum.frame == pytest.approx(7, abs=1)
    assert result.minimum.position == pytest.approx(0.4 * result.minimum.frame)
    assert result.minimum.diameter == pytest.approx(4.0, rel=0.03)
    assert result.notices == ()


def test_frames_without_a_lumen_stay_in_the_table_and_are_named() -> None:
    diameters = a_narrowing()
    diameters[3] = diameters[7] = 0
    result = measured(diameters)
    assert len(result.rows) == 15
    assert [row.frame for row in result.rows if not row.lumen.found] == [3, 7]
    assert "No lumen found on frames 4, 8 (counted from 1)." in result.notices
    assert math.isnan(result.rows[3].smoothed_diameter)
    assert result.summary()["frames_with_lumen"] == 13


def test_one_wrong_outline_is_no_minimum_wherever_it_lies() -> None:
    for wrong in (0, 1, 4, 13, 14):
        diameters = [50.0] * 15
        diameters[wrong] = 40.0  # less than a jump of 30 %
        result = measured(diameters)
        assert result.minimum is not None
        assert result.minimum.diameter == pytest.approx(5.0, rel=0.02)


def test_a_finding_that_no_neighbor_shares_is_listed_but_does_not_count() -> None:
    diameters = [0.0] * 12
    diameters[6] = 50.0
    result = measured(diameters)
    assert result.rows[6].lumen.found
    assert result.summary()["frames_used"] == 0
    assert result.minimum is None
    assert any("fewer than two of the four frames around are usable: frame 7" in notice for notice in result.notices)


def test_a_frame_unlike_its_neighbors_is_left_out_and_named() -> None:
    diameters = [50.0] * 9
    diameters[4] = 20.0
    result = measured(diameters)
    assert not result.rows[4].usable
    assert any("more than 30 %" in notice and "frame 5" in notice for notice in result.notices)
    assert result.summary()["mean_diameter_mm"] == pytest.approx(5, rel=0.01)


def test_frames_of_low_confidence_are_left_out_of_the_minimum_and_named() -> None:
    diameters = [50.0] * 4 + [44.0] * 5 + [50.0] * 4
    confidences = [0.9] * 4 + [0.3] * 5 + [0.9] * 4
    trusted = measured(diameters, confidences=[0.9] * 13)
    doubted = measured(diameters, confidences=confidences)
    assert trusted.minimum is not None
    assert trusted.minimum.diameter == pytest.approx(4.4, rel=0.01)
    assert doubted.minimum is not None
    assert doubted.minimum.diameter == pytest.approx(5.0, rel=0.01)
    assert doubted.rows[5].lumen.equivalent_diameter == pytest.approx(4.4, rel=0.01)
    assert any("confidence below 0.5: frames 5-9" in notice for notice in doubted.notices)
    assert measured(diameters, confidences=confidences, minimum_confidence=0.2).minimum == trusted.minimum


def test_a_cut_lumen_is_a_lower_bound_and_left_out() -> None:
    masks = discs([50.0] * 7)
    masks[2] = a_disc(50, center=(48, 12))
    result = measure_sweep(masks, STEP)
    assert not result.rows[2].usable
    assert any("lower bound: frame 3" in notice for notice in result.notices)


def test_two_vessels_are_stated_and_the_larger_one_is_measured() -> None:
    masks = discs([40.0] * 5)
    masks[3] |= an_ellipse((96, 112), (16, 16), (20, 20))
    result = measure_sweep(masks, STEP)
    assert result.rows[3].lumen.equivalent_diameter == pytest.approx(4, rel=0.02)
    assert any("regions of similar size; the largest is measured: frame 4" in notice for notice in result.notices)


def test_without_any_lumen_nothing_is_invented() -> None:
    result = measured([0.0] * 5, times=[0.1 * frame for frame in range(5)])
    assert result.minimum is None
    assert result.distension is None
    assert result.notices[0] == "No lumen found on any of the 5 frames."
    assert result.summary()["mean_diameter_mm"] is None
    assert result.plot().startswith(b"\x89PNG")


def test_pixels_of_unknown_size_are_said_and_named_in_every_column() -> None:
    result = measure_sweep(discs([40.0] * 4))
    assert result.unit == "px"
    assert any("size of pixels is not known" in notice for notice in result.notices)
    assert not any("mm" in name for name in result.table())
    assert {"area_px", "equivalent_diameter_px", "minor_axis_px", "major_axis_px"} <= result.table().keys()


def test_a_probe_that_stands_still_is_seen_along_time_and_a_moving_one_along_its_path() -> None:
    times = [0.04 * frame for frame in range(9)]
    still, moving = [0.05 * frame for frame in range(9)], [0.5 * frame for frame in range(9)]
    assert measured([40.0] * 9, times=times, positions=still).axis == "time"
    assert measured([40.0] * 9, times=times, positions=moving).axis == "position"
    assert measured([40.0] * 9, times=times, positions=moving, along="time").axis == "time"
    assert measured([40.0] * 9).axis == "frame"


def test_the_table_reads_back_as_it_was_measured() -> None:
    diameters = a_narrowing()
    diameters[3] = 0
    result = measured(diameters, confidences=np.linspace(0.5, 1, 15), times=np.arange(15) / 20)
    rows = list(csv.DictReader(io.StringIO(result.to_csv())))
    assert list(rows[0])[:11] == [
        "frame",
        "found",
        "usable",
        "confidence",
        "area_mm2",
        "equivalent_diameter_mm",
        "minor_axis_mm",
        "major_axis_mm",
        "center_row_px",
        "center_column_px",
        "smoothed_diameter_mm",
    ]
    assert [row["found"] for row in rows] == ["false" if frame == 3 else "true" for frame in range(15)]
    assert rows[3]["area_mm2"] == ""
    for row, known in zip(rows, result.rows, strict=True):
        if known.lumen.found:
            assert float(row["area_mm2"]) == pytest.approx(known.lumen.area, rel=1e-8)
            assert float(row["center_row_mm"]) == pytest.approx(known.lumen.center_row * STEP, rel=1e-8)
        assert float(row["time_s"]) == pytest.approx(known.time)


def test_the_json_holds_summary_notices_rows_and_what_is_told_about_them() -> None:
    diameters = a_narrowing()
    diameters[3] = 0
    result = measured(diameters, times=np.arange(15) / 20)
    content = json.loads(result.to_json({"made_by": "a test"}))
    assert content["made_by"] == "a test"
    assert content["summary"]["minimum"]["diameter_mm"] == pytest.approx(result.minimum.diameter)
    assert content["summary"]["distension"]["strain_percent"] == pytest.approx(result.distension.strain)
    assert content["notices"] == list(result.notices)
    assert len(content["rows"]) == 15
    assert content["rows"][3]["equivalent_diameter_mm"] is None
    assert "research" in content["use"]


def test_the_picture_shows_missing_frames_and_frames_left_out() -> None:
    from matplotlib import image

    whole, some = a_narrowing(), a_narrowing()
    some[3] = some[4] = 0
    confidences = [0.9] * 15
    confidences[10] = 0.1
    first = image.imread(io.BytesIO(measured(whole, confidences=[0.9] * 15).plot("whole")))
    second = image.imread(io.BytesIO(measured(some, confidences=confidences).plot("some")))
    assert first.shape == second.shape == (624, 1080, 4)
    assert orange(first) == 0
    assert orange(second) > 20


def orange(picture: np.ndarray) -> int:
    """Number of pixels in the color of frames that are left out."""
    return int((np.abs(picture[..., :3] - np.array([0xD9, 0x82, 0x2B]) / 255).max(-1) < 0.1).sum())


def test_one_frame_alone_is_measured_without_a_minimum() -> None:
    result = measured([40.0])
    assert result.minimum is None
    assert result.notices == ()
    assert result.plot().startswith(b"\x89PNG")


def test_masks_are_taken_one_by_one() -> None:
    result = measure_sweep((mask for mask in discs([40.0] * 4)), STEP, confidences=[0.9] * 4)
    assert result.summary()["frames_used"] == 4


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"confidences": [0.5] * 3}, "3 confidences for 4 frames"),
        ({"confidences": [0.5] * 5}, "5 confidences for 4 frames"),
        ({"times": [0.0, 1.0]}, "2 times for 4 frames"),
        ({"positions": [0.0] * 9}, "9 positions for 4 frames"),
        ({"positions": [0.0, math.inf, 1.0, 2.0]}, "finite"),
    ],
)
def test_values_for_another_number_of_frames_are_refused(options: dict[str, list[float]], words: str) -> None:
    with pytest.raises(InputError, match=words):
        measure_sweep(discs([40.0] * 4), STEP, **options)  # type: ignore[arg-type]


def test_masks_of_different_size_and_unknown_values_are_refused_with_the_frame() -> None:
    with pytest.raises(InputError, match="frame 1 is"):
        measure_sweep([np.zeros((9, 9)), np.zeros((9, 8))])
    with pytest.raises(InputError, match=r"Frame 1: .*values from 0 to 255"):
        measure_sweep([np.zeros((9, 9)), np.eye(9) * 255])
    with pytest.raises(InputError, match="no frames"):
        measure_sweep([])


def test_a_profile_along_what_is_not_known_is_refused() -> None:
    with pytest.raises(SettingsError, match="cannot run along position"):
        measured([40.0] * 4, along="position")
    with pytest.raises(SettingsError, match="along must be one of"):
        measured([40.0] * 4, along="width")
    with pytest.raises(SettingsError, match="minimum_confidence must be"):
        measured([40.0] * 4, minimum_confidence=80)


def test_numbers_of_frames_are_written_as_runs() -> None:
    assert frames_text([7]) == "frame 8 (counted from 1)"
    assert frames_text([3, 7]) == "frames 4, 8 (counted from 1)"
    assert frames_text([9, 8, 1, 7, 3]) == "frames 2, 4, 8-10 (counted from 1)"
