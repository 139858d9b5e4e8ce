"""The segmenter: frames in, masks of the lumen out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lumen_samples import NeckSweep
from Speckle2SelfLib.errors import DeviceError, InputError, SettingsError, Speckle2SelfError
from Speckle2SelfTrainingLib.segmentation import Segmenter, SegmentSettings


def dice(mask: np.ndarray, truth: np.ndarray) -> float:
    return 2 * float(np.count_nonzero(mask & truth)) / max(1, np.count_nonzero(mask) + np.count_nonzero(truth))


@pytest.fixture(scope="session")
def segmenter(a_lumen_model: Path) -> Segmenter:
    return Segmenter(a_lumen_model)


def with_settings(segmenter: Segmenter, **settings: Any) -> Segmenter:
    return Segmenter(segmenter.model, settings=SegmentSettings(**settings))


def test_the_lumen_of_every_frame_of_a_sweep_is_found(segmenter: Segmenter, neck_sweeps: list[NeckSweep]) -> None:
    for sweep in neck_sweeps:
        masks = segmenter(sweep.frames, sweep.spacing)
        assert masks.dtype == np.uint8
        assert set(np.unique(masks)) == {0, 1}
        scores = [dice(mask, truth) for mask, truth in zip(masks, sweep.masks, strict=True)]
        assert min(scores) > 0.9, scores


def test_results_come_in_the_order_asked_for_and_a_part_equals_the_whole(
    segmenter: Segmenter, neck_sweeps: list[NeckSweep]
) -> None:
    sweep = neck_sweeps[0]
    whole = segmenter(sweep.frames, sweep.spacing)
    part = list(segmenter.stream(sweep.frames, spacing=sweep.spacing, indices=[4, 1, 2]))
    assert [one.index for one in part] == [4, 1, 2]
    for one in part:
        np.testing.assert_array_equal(one.mask, whole[one.index])
        assert one.found
        assert 0.7 <= one.confidence <= 1


def test_any_real_type_color_and_gain_give_the_same_lumen(segmenter: Segmenter, neck_sweeps: list[NeckSweep]) -> None:
    sweep = neck_sweeps[0]
    frame = sweep.frames[0]
    expected = segmenter(frame, sweep.spacing)
    for other in (
        frame.astype(np.uint16) * 200,
        frame.astype(np.int32) - 1000,
        frame / 1e6,
        frame.astype(bool) * frame,
    ):
        assert dice(segmenter(other, sweep.spacing), expected) > 0.99
    rgb = np.repeat(frame[None, ..., None], 3, axis=-1)
    (one,) = segmenter.stream(rgb, spacing=sweep.spacing, color=True)
    assert dice(one.mask, expected) > 0.99


def test_pixels_that_are_not_square_are_seen_square(segmenter: Segmenter, neck_sweeps: list[NeckSweep]) -> None:
    sweep = neck_sweeps[0]
    stretched = np.repeat(sweep.frames[0], 2, axis=0)
    mask = segmenter(stretched, (sweep.spacing[0] / 2, sweep.spacing[1]))
    assert dice(mask[::2], sweep.masks[0]) > 0.9


@pytest.mark.parametrize("shape", [(128, 128), (16, 300), (1500, 40), (4096, 4096)])
def test_frames_of_every_size_are_taken(segmenter: Segmenter, shape: tuple[int, int]) -> None:
    frame = np.zeros(shape, np.uint8)
    frame[::2, ::3] = 90
    (one,) = with_settings(segmenter, scale=1, temporal=False).stream(frame[None])
    assert one.mask.shape == shape
    assert one.found == bool(one.mask.any())


@pytest.mark.parametrize("level", [0, 7, 255])
def test_frames_of_one_level_hold_no_lumen(segmenter: Segmenter, level: int) -> None:
    for spacing in (None, (0.1, 0.1)):
        (one,) = segmenter.stream(np.full((1, 130, 140), level, np.uint8), spacing=spacing)
        assert (one.found, one.confidence, int(one.mask.sum())) == (False, 0.0, 0)


def test_noise_holds_no_lumen(segmenter: Segmenter) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, 160, 160)).astype(np.uint8)
    for one in segmenter.stream(noise, spacing=(0.2, 0.2)):
        assert not one.found
        assert not one.mask.any()


def test_below_the_minimum_confidence_nothing_is_drawn_but_the_doubt_is_told(
    segmenter: Segmenter, neck_sweeps: list[NeckSweep]
) -> None:
    sweep = neck_sweeps[0]
    strict = with_settings(segmenter, minimum_confidence=0.999)
    for one in strict.stream(sweep.frames, spacing=sweep.spacing):
        assert not one.found
        assert not one.mask.any()
        assert 0.5 < one.confidence < 0.999


def test_kept_and_unknown_pixels_are_never_lumen(segmenter: Segmenter, neck_sweeps: list[NeckSweep]) -> None:
    sweep = neck_sweeps[0]
    frame = sweep.frames[0].astype(np.float32)
    middle = int(np.nonzero(sweep.masks[0])[1].mean())
    keep = np.zeros(frame.shape, bool)
    keep[:, middle - 1 : middle + 2] = True
    (kept,) = with_settings(segmenter, minimum_confidence=0).stream(frame[None], spacing=sweep.spacing, keep=keep)
    assert kept.mask.any()
    assert not kept.mask[keep].any()
    unknown = frame.copy()
    unknown[keep] = np.nan
    (other,) = with_settings(segmenter, minimum_confidence=0).stream(unknown[None], spacing=sweep.spacing)
    np.testing.assert_array_equal(other.mask, kept.mask)


def test_frames_can_be_despeckled_first(segmenter: Segmenter, neck_sweeps: list[NeckSweep]) -> None:
    sweep = neck_sweeps[0]
    first = with_settings(segmenter, despeckle=0.5, minimum_confidence=0, largest=True)
    results = list(first.stream(sweep.frames, spacing=sweep.spacing, indices=[1]))
    assert dice(results[0].mask, sweep.masks[1]) > 0.8
    assert first.provenance()["Despeckle"] == "0.5"
    assert first.provenance()["DespeckledBy"].startswith("speckle2self-default")


def test_other_settings_share_the_network_and_despeckling_goes_on_and_off(
    segmenter: Segmenter, neck_sweeps: list[NeckSweep]
) -> None:
    sweep = neck_sweeps[0]
    on = segmenter.with_settings(SegmentSettings(despeckle=1.0, minimum_confidence=0))
    off = on.with_settings(SegmentSettings(minimum_confidence=0))
    assert on.engine is off.engine is segmenter.engine
    assert "DespeckledBy" in on.provenance()
    assert "DespeckledBy" not in off.provenance()
    (despeckled,), (plain,) = (one.stream(sweep.frames[:1], spacing=sweep.spacing) for one in (on, off))
    assert despeckled.confidence != plain.confidence
    (expected,) = with_settings(segmenter, minimum_confidence=0).stream(sweep.frames[:1], spacing=sweep.spacing)
    np.testing.assert_array_equal(plain.mask, expected.mask)
    with pytest.raises(SettingsError, match="batch"):
        segmenter.with_settings(SegmentSettings(batch=9))


def test_a_long_sweep_is_read_as_it_goes(segmenter: Segmenter, neck_sweeps: list[NeckSweep]) -> None:
    sweep = neck_sweeps[0]

    class Lazy:
        last = 0

        def __len__(self) -> int:
            return 5000

        def __getitem__(self, index: int) -> np.ndarray:
            Lazy.last = max(Lazy.last, index)
            return sweep.frames[index % len(sweep.frames)]

    results = segmenter.stream(Lazy(), spacing=sweep.spacing, indices=range(5000))
    Lazy.last = 0
    for _ in range(3):
        next(results)
    samples = {312 + 625 * step for step in range(8)}
    assert Lazy.last <= 12 or Lazy.last in samples


def test_provenance_names_model_and_settings_but_no_path(segmenter: Segmenter, a_lumen_model: Path) -> None:
    values = segmenter.provenance()
    assert values["Model"] == segmenter.name == "tiny-lumen"
    assert values["ModelSHA256"] == segmenter.model.sha256
    assert values["MinimumConfidence"] == "0.85"
    assert not any(str(a_lumen_model.parent) in value for value in values.values())
    assert all(isinstance(value, str) and "\n" not in value for value in values.values())


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        (np.zeros((2, 3, 40, 40), np.uint8), "shape"),
        (np.zeros(40, np.uint8), "shape"),
        (np.zeros((0, 40, 40), np.uint8), "no frames"),
        (np.zeros((10, 40), np.uint8), "16 to 4096"),
        (np.zeros((40, 5000), np.uint8), "16 to 4096"),
        (np.zeros((40, 40), np.complex64), "complex64"),
        (np.full((40, 40), np.nan), "no pixel that is a finite number"),
        (np.array([[1, 2], [3, "x"]], object), "shape|numbers|rows"),
        (np.where(np.eye(40) > 0, 1e35, 1.0), "1e30"),
    ],
    ids=["4d", "1d", "none", "low", "wide", "complex", "nan", "object", "huge"],
)
def test_frames_that_cannot_be_segmented_are_refused_in_one_sentence(
    segmenter: Segmenter, frames: np.ndarray, message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        segmenter(frames)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(".")
    assert "despeckle" not in str(error.value)


@pytest.mark.parametrize("spacing", [(0, 0.1), (0.1,), 0.1, (float("nan"), 1), (-1, 1), (0.1, 50), "ab", ("x", 1)])
def test_a_spacing_that_cannot_be_is_refused(segmenter: Segmenter, spacing: Any) -> None:
    with pytest.raises(InputError, match="spacing must be two numbers"):
        segmenter(np.zeros((40, 40), np.uint8), spacing)


@pytest.mark.parametrize(
    "settings",
    [
        {"threshold": 0},
        {"despeckle": 2},
        {"scale": 0.01},
        {"batch": 0},
        {"batch": 2.5},
        {"smooth": 1},
        {"minimum_confidence": "high"},
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        SegmentSettings(**settings)


def test_settings_travel_as_json_and_unknown_ones_are_refused() -> None:
    settings = SegmentSettings(despeckle=0.5, temporal=False, scale=1.3)
    assert SegmentSettings.from_json(settings.to_json()) == settings
    with pytest.raises(SettingsError, match="'smoothness'"):
        SegmentSettings.from_dict({"smoothness": 1})


def test_frames_numbers_and_devices_that_do_not_exist_are_refused(segmenter: Segmenter) -> None:
    with pytest.raises(InputError, match="from 0 to 1"):
        list(segmenter.stream(np.zeros((2, 40, 40), np.uint8), indices=[2]))
    with pytest.raises(DeviceError):
        Segmenter(segmenter.model, "cuda:7")
    with pytest.raises(Speckle2SelfError, match="shape"):
        list(segmenter.stream(np.zeros((2, 40, 40), np.uint8), keep=np.zeros((3, 3), bool)))
