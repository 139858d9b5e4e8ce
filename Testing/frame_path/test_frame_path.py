"""The steps on the path of a frame, one by one."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from Speckle2SelfLib import Despeckler
from Speckle2SelfLib.errors import InputError
from Speckle2SelfLib.frame_path.boundaries import boundary_share, restore_boundaries
from Speckle2SelfLib.frame_path.finish import finish
from Speckle2SelfLib.frame_path.grain import measure_grain
from Speckle2SelfLib.frame_path.luminance import colored_pixels, is_tinted, luminance, replace_luminance
from Speckle2SelfLib.frame_path.resample import padded_length, reflect_pad, resize, working_size
from Speckle2SelfLib.frame_path.sampling import sample_indices
from Speckle2SelfLib.frame_path.sector import find_sector
from Speckle2SelfLib.frame_path.signal import compress, envelope, find_fast_axis
from Speckle2SelfLib.frame_path.statistics import SweepStatistics, robust_range, working_scale
from Speckle2SelfLib.frame_path.strength import plan_strength
from Speckle2SelfLib.frame_path.tone import keep_tone
from Speckle2SelfLib.settings import DespeckleSettings

KNOWN_GRAIN = ((2.0, 6.0), (2.0, 8.0))


def speckle(shape: tuple[int, ...], sigma: tuple[float, float], seed: int = 0) -> np.ndarray:
    """Log-compressed speckle of known grain, 0 to 255."""
    rng = np.random.default_rng(seed)
    field = [ndimage.gaussian_filter(rng.standard_normal(shape), (0,) * (len(shape) - 2) + sigma) for _ in range(2)]
    power = field[0] ** 2 + field[1] ** 2
    return np.clip(160 + 12 * np.log(power / power.mean()), 1, 255)


@given(length=st.integers(1, 5000))
def test_padded_lengths_are_multiples_of_16_and_at_least_32(length: int) -> None:
    padded = padded_length(length)
    assert padded % 16 == 0
    assert padded >= max(32, length)
    assert padded < length + 32


@settings(deadline=None, max_examples=30)
@given(rows=st.integers(1, 70), columns=st.integers(1, 70))
def test_padding_continues_a_frame_by_reflection(rows: int, columns: int) -> None:
    frame = np.random.default_rng(0).random((rows, columns), np.float32)
    padded = reflect_pad(torch.from_numpy(frame)[None, None])[0, 0].numpy()
    expected = np.pad(
        frame,
        ((0, padded_length(rows) - rows), (0, padded_length(columns) - columns)),
        mode="reflect" if min(rows, columns) > 1 else "edge",
    )
    if min(rows, columns) > 1:
        np.testing.assert_array_equal(padded, expected)
    assert padded.shape == expected.shape


def test_resizing_keeps_the_mean_and_the_aspect_of_the_working_scale() -> None:
    frames = torch.from_numpy(speckle((1, 1, 120, 90), (1.0, 1.5)).astype(np.float32))
    small = resize(frames, working_size((120, 90), (0.5, 0.5)))
    assert small.shape == (1, 1, 60, 45)
    assert small.mean().item() == pytest.approx(frames.mean().item(), rel=0.01)


def test_a_gain_keeps_the_local_brightness_of_the_picture_and_black_stays_black() -> None:
    rng = np.random.default_rng(2)
    before = torch.from_numpy(rng.uniform(0.2, 0.6, (1, 1, 256, 256)).astype(np.float32))
    before[..., 128:] *= 0.5
    after = before * 1.12
    after[..., 200:220, 20:60] = 0
    valid = torch.ones(1, 1, 256, 256)
    valid[..., :60] = 0
    kept = keep_tone(before, after, valid)
    assert (kept * valid).mean().item() == pytest.approx((before * valid).mean().item(), rel=0.02)
    assert kept[..., 200:220, 20:60].abs().max().item() == 0


def test_the_gain_of_tone_is_bounded_where_hardly_any_light_is() -> None:
    before = torch.full((1, 1, 64, 64), 0.4)
    kept = keep_tone(before, torch.full((1, 1, 64, 64), 1e-4), torch.ones(1, 1, 64, 64))
    assert kept.max().item() <= 1.25e-4 * 1.001


def a_wall() -> torch.Tensor:
    """Return shaded tissue beside a dark lumen, normalized: one boundary, at column 60."""
    frame = torch.linspace(0.5, 0.7, 96)[None, None, :, None].repeat(1, 1, 1, 120)
    frame[..., 60:] = 0.02
    return frame


def test_boundaries_are_where_the_level_steps_and_not_where_tissue_is_shaded() -> None:
    share = boundary_share(a_wall())
    assert share[..., 59:61].min().item() > 0.95
    assert share[..., :48].max().item() == 0
    assert share[..., 72:].max().item() == 0


def test_detail_comes_back_at_boundaries_only() -> None:
    after = a_wall()
    before = after + 0.1
    half = restore_boundaries(before, after, detail=0.5, crispness=0.0)
    np.testing.assert_allclose((half - after)[..., 59:61], 0.05, atol=3e-3)
    assert torch.equal(half[..., :48], after[..., :48])
    assert restore_boundaries(before, after, detail=0.0, crispness=0.0) is after


def test_crispness_raises_the_contrast_of_a_blurred_boundary() -> None:
    blurred = torch.nn.functional.avg_pool2d(a_wall(), 5, stride=1)
    crisp = restore_boundaries(blurred, blurred, detail=0.0, crispness=0.5)
    steepest = [frame.diff(dim=-1).abs().max().item() for frame in (blurred, crisp)]
    assert steepest[1] > 1.1 * steepest[0]


def test_the_strength_runs_from_nothing_over_kept_boundaries_to_the_smoothest() -> None:
    plans = [plan_strength(strength, 1.8) for strength in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert [plan.share for plan in plans] == [0.0, 0.5, 1.0, 1.0, 1.0]
    assert [plan.condition for plan in plans] == pytest.approx([1.0, 1.0, 1.0, 1 + 0.8 * 0.5**0.5, 1.8])
    assert [plan.detail for plan in plans] == pytest.approx([0.4, 0.4, 0.4, 0.2, 0.0])
    faded = plan_strength(0.3, None)
    assert (faded.condition, faded.share, faded.detail, faded.crispness) == (1.0, 0.3, 0.0, 0.0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_chroma_and_alpha_are_kept_when_luminance_is_replaced(dtype: type) -> None:
    frame = np.random.default_rng(1).integers(20, 200, (8, 9, 4)).astype(dtype)
    changed = replace_luminance(frame, np.full((8, 9), 12.0, np.float32))
    np.testing.assert_allclose(luminance(changed), luminance(frame) + 12, rtol=1e-5)
    assert changed.dtype == dtype
    chroma = [each[..., 0].astype(float) - each[..., 2] for each in (changed, frame)]
    np.testing.assert_array_equal(chroma[0], chroma[1])
    np.testing.assert_array_equal(changed[..., 3], frame[..., 3])


def test_doppler_in_a_gray_picture_is_found_and_a_tinted_picture_is_not() -> None:
    gray = np.repeat(speckle((64, 64), (1, 1)).astype(np.uint8)[..., None], 3, axis=2)
    assert colored_pixels(gray, 255.0) is None
    doppler = gray.copy()
    doppler[20:30, 20:30] = (200, 30, 10)
    found = colored_pixels(doppler, 255.0)
    assert found is not None
    assert found[20:30, 20:30].all()
    assert np.count_nonzero(found) < 15 * 15
    tinted = (gray * np.array([1.0, 0.7, 0.4])).astype(np.uint8)
    assert is_tinted([tinted], 255.0)
    assert not is_tinted([gray, doppler], 255.0)


def a_sector_sweep(frames: int = 10) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.mgrid[:200, :260]
    angle = np.arctan2(columns - 130, rows + 40)
    sector = (np.abs(angle) < 0.6) & (np.hypot(rows + 40, columns - 130) < 225) & (rows > 3)
    sweep = np.stack([speckle((200, 260), (1.0, 1.6), seed) * sector for seed in range(frames)])
    sweep[:, 2:9, 4:40] = 0
    sweep[:, 4:7, 8:30] = 220  # text on the background
    return sweep, sector


def test_the_sector_is_found_and_text_outside_does_not_belong_to_it() -> None:
    for frames in (1, 10):
        sweep, sector = a_sector_sweep(frames)
        found = find_sector(sweep)
        assert found is not None
        assert np.count_nonzero(found & ~sector) < 0.005 * sector.sum()
        assert np.count_nonzero(found & sector) > 0.97 * sector.sum()
        assert not found[4:7, 8:30].any()


@pytest.mark.parametrize("level", [140, 240, 255])
def test_static_overlay_inside_the_sector_is_found_in_a_moving_sweep_only(level: int) -> None:
    sweep, _ = a_sector_sweep()
    sweep[:, 100:104, 120:150] = level
    found = find_sector(sweep)
    assert found is not None
    assert not found[100:104, 120:150].any()
    frozen = np.repeat(sweep[:1], 10, axis=0)
    still = find_sector(frozen)
    assert still is not None
    assert still[60:90, 110:150].all()


def test_slowly_moving_speckle_is_no_overlay() -> None:
    rng = np.random.default_rng(0)
    still = speckle((96, 96), (1.0, 1.6))
    for noise in (0.5, 0.7, 0.8, 1.0, 1.5):
        frames = np.rint(np.clip(still + rng.normal(0, noise, (30, 96, 96)), 1, 255))
        found = find_sector(frames)
        assert found is None or found.mean() > 0.95
    drifting = np.stack([ndimage.shift(still, (0, 0.05 * index), order=1, mode="nearest") for index in range(30)])
    found = find_sector(drifting)
    assert found is None or found.mean() > 0.95


def test_a_deep_echo_apart_from_the_rest_belongs_to_the_picture_and_text_beside_it_does_not() -> None:
    frame = np.zeros((1, 240, 200))
    frame[0, :90] = speckle((90, 200), (1.0, 1.6))
    frame[0, 150:165, 60:140] = speckle((15, 80), (1.0, 1.6), 5)
    frame[0, 222:230, 20:60:3] = 230
    found = find_sector(frame)
    assert found is not None
    assert found[152:163, 62:138].mean() > 0.95
    assert not found[222:230, 20:60].any()


def test_a_reflector_that_saturates_in_every_frame_is_no_overlay() -> None:
    sweep, _ = a_sector_sweep()
    line = 400 * np.exp(-(((np.arange(200) - 120) / 4.0) ** 2))[:, None] * np.ones((1, 60))
    sweep[:, :, 100:160] = np.clip(sweep[:, :, 100:160] + line, 0, 255)
    found = find_sector(sweep)
    assert found is not None
    assert found[110:130, 104:156].all()


def test_a_frame_without_background_belongs_to_the_picture_as_a_whole() -> None:
    assert find_sector(speckle((3, 80, 80), (1, 1)) + 20) is None
    assert find_sector(np.full((2, 40, 40), 7.0)) is None


def test_pixels_that_are_never_finite_do_not_belong_to_the_picture() -> None:
    sweep = speckle((3, 64, 64), (1, 1)) + 20
    sweep[:, :5] = np.nan
    sweep[0, 30, 30] = np.inf
    found = find_sector(sweep)
    assert found is not None
    assert not found[:5].any()
    assert found[5:].all()


@pytest.mark.parametrize("sigma", [(1.0, 1.6), (2.0, 1.2), (1.4, 3.0)])
def test_the_grain_follows_the_width_of_the_point_spread_function(sigma: tuple[float, float]) -> None:
    frames = speckle((3, 256, 256), sigma)
    grain = measure_grain(frames, None, 0.0, 255.0)
    assert grain is not None
    # Intensity of a Gaussian field: correlation exp(-lag^2 / (2 sigma^2)), half of it at 1.18 sigma; the logarithm
    # narrows it.
    for measured, width in zip(grain, sigma, strict=True):
        assert measured == pytest.approx(2.0 * width, rel=0.25)


def test_no_grain_is_reported_where_there_is_no_texture() -> None:
    assert measure_grain(np.full((2, 128, 128), 90.0), None, 0.0, 255.0) is None


def test_the_working_scale_brings_the_grain_into_what_the_model_knows() -> None:
    auto = DespeckleSettings()
    assert working_scale(auto, (3.0, 4.0), KNOWN_GRAIN) == (1.0, 1.0)
    assert working_scale(auto, (12.0, 4.0), KNOWN_GRAIN) == (0.5, 1.0)
    assert working_scale(auto, (3.0, 1.2), KNOWN_GRAIN) == (1.0, 1.0)  # finer grain is not enlarged
    assert working_scale(auto, (300.0, 0.01), KNOWN_GRAIN) == (0.3, 1.0)
    assert working_scale(auto, None, KNOWN_GRAIN) == (1.0, 1.0)
    assert working_scale(auto.replace(scale=(0.7, 0.8)), (12.0, 4.0), KNOWN_GRAIN) == (0.7, 0.8)


def test_no_grain_makes_the_network_see_more_pixels_than_the_frame_has() -> None:
    auto, size = DespeckleSettings(), (4096, 3000)
    widths = [float(width) for width in np.geomspace(1e-3, 1e3, 61)]
    for rows, columns in itertools.product(widths, widths):
        scale = working_scale(auto, (rows, columns), KNOWN_GRAIN)
        assert all(seen <= length for seen, length in zip(working_size(size, scale), size, strict=True))


def test_the_finest_grain_on_a_huge_frame_is_seen_at_the_size_of_the_frame() -> None:
    tiled = np.random.default_rng(0).integers(60, 200, (512, 512), dtype=np.uint8)  # another value in every pixel
    statistics = Despeckler(device="cpu").analyze(np.tile(tiled, (1, 8, 8)))
    assert statistics.grain is not None
    assert max(statistics.grain) < 1.5
    assert working_size((4096, 4096), statistics.scale) == (4096, 4096)


def test_statistics_come_from_at_most_32_frames_over_the_whole_sweep() -> None:
    assert sample_indices(1) == [0]
    assert sample_indices(20) == list(range(20))
    chosen = sample_indices(1000)
    assert len(chosen) == 32
    assert (chosen[0], chosen[-1]) == (0, 999)


def test_the_range_is_robust_against_few_bright_pixels_and_needs_a_finite_one() -> None:
    stack = np.full((1, 100, 100), 50.0)
    stack[0, 0, :50] = np.linspace(0, 100, 50)
    stack[0, 50, 50] = 1e9
    low, high = robust_range(stack, None)
    assert low >= 0
    assert high < 1e6
    with pytest.raises(InputError, match="No pixel"):
        robust_range(np.full((1, 4, 4), np.nan), None)


def test_the_envelope_of_a_modulated_pulse_is_its_amplitude() -> None:
    time = np.arange(512)
    amplitude = np.exp(-(((time - 256) / 60) ** 2))
    rf = (1000 * amplitude * np.cos(0.9 * time))[:, None].repeat(4, axis=1)
    detected = envelope(rf.astype(np.int32), "rf")
    np.testing.assert_allclose(detected[60:450, 0], 1000 * amplitude[60:450], atol=12)


def test_log_compression_maps_the_dynamic_range_to_255() -> None:
    levels = compress(np.array([1000.0, 100.0, 31.6228, 1.0, 0.0], np.float32), 1000.0, 60.0)
    np.testing.assert_allclose(levels, [255, 170, 127.5, 0, 0], atol=0.01)


@pytest.mark.parametrize("axis", [0, 1])
def test_the_axis_of_fast_time_is_found_from_the_carrier(axis: int) -> None:
    rng = np.random.default_rng(0)
    noise = ndimage.gaussian_filter(rng.standard_normal((512, 64)), (3, 1)) * np.cos(0.9 * np.arange(512))[:, None]
    assert find_fast_axis(np.moveaxis(noise, 0, axis)) == axis


def test_fast_time_of_real_rf_runs_along_its_lines(shared: Path) -> None:
    import SimpleITK as sitk  # noqa: N813

    frames = sitk.GetArrayFromImage(sitk.ReadImage(str(shared / "data" / "mouse-liver-rf" / "MouseLiverRF.mha")))
    assert frames.shape[1:] == (128, 1536)
    assert find_fast_axis(frames[0]) == 1


@pytest.mark.parametrize("grain", [(6.0, 10.0), None])
def test_the_mean_of_tissue_is_not_cut_off_inside_dark_speckles(grain: tuple[float, float] | None) -> None:
    frame = speckle((160, 200), (2.5, 4.0))
    everywhere = np.ones(frame.shape, bool)
    statistics = SweepStatistics(0.0, 255.0, None, grain, (1.0, 1.0))
    change = frame.mean() - frame
    cut_off = [
        np.mean(np.abs(finish(frame, everywhere, change, known, tone=False, gamma=1.0) - frame.mean()) > 1)
        for known in (statistics, replace(statistics, grain=(2.0, 2.0)))
    ]
    assert cut_off[1] > 0.02
    assert cut_off[0] < 0.1 * cut_off[1]


def test_no_level_comes_out_that_is_nowhere_around() -> None:
    frame = speckle((60, 80), (1.0, 1.5))
    frame[:, 40:] += 60
    statistics = SweepStatistics(0.0, 315.0, None, (2.0, 3.0), (1.0, 1.0))
    result = finish(frame, np.ones(frame.shape, bool), np.full(frame.shape, 500.0), statistics, tone=False, gamma=1.0)
    assert np.all(result <= ndimage.maximum_filter(frame, 9))
