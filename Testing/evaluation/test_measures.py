"""The measures on frames whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from Speckle2SelfTrainingLib.evaluation.box_measures import (
    black_share,
    contrast_to_noise,
    equivalent_looks,
    generalized_contrast,
    mean_to_spread,
)
from Speckle2SelfTrainingLib.evaluation.brightness_measures import flicker, tone
from Speckle2SelfTrainingLib.evaluation.edge_measures import edges_kept
from Speckle2SelfTrainingLib.evaluation.perceptual_measures import lpips_distance
from Speckle2SelfTrainingLib.evaluation.texture_measures import homogeneity
from Speckle2SelfTrainingLib.evaluation.truth_measures import gmsd, psnr, ssim

TISSUE, LUMEN = (0, 0, 80, 80), (80, 0, 80, 80)


def a_picture(seed: int = 0) -> np.ndarray:
    """A smooth random picture, 8 bit."""
    picture = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal((96, 96)), 3)
    return np.asarray(255 * (picture - picture.min()) / np.ptp(picture), np.uint8)


def test_box_measures_of_known_noise() -> None:
    rng = np.random.default_rng(0)
    frame = np.concatenate([rng.normal(100, 10, (80, 80)), rng.normal(40, 10, (80, 80))])
    assert mean_to_spread(frame, TISSUE) == pytest.approx(10, rel=0.03)
    assert equivalent_looks(frame, TISSUE) == pytest.approx(100, rel=0.06)
    assert contrast_to_noise(frame, TISSUE, LUMEN) == pytest.approx(60 / np.sqrt(200), rel=0.05)
    assert equivalent_looks(np.full((9, 9), 5.0), (0, 0, 9, 9)) == float("inf")


def test_generalized_contrast_is_0_for_equal_boxes_1_for_separate_ones_and_the_overlap_between() -> None:
    frame = np.zeros((160, 80), np.uint8)
    assert generalized_contrast(frame, TISSUE, LUMEN) == 0
    frame[:80] = 1
    assert generalized_contrast(frame, TISSUE, LUMEN) == 1
    frame[80:100] = 1  # a quarter of the lumen looks like tissue
    assert generalized_contrast(frame, TISSUE, LUMEN) == pytest.approx(0.75)


def test_black_share_counts_levels_0_and_1() -> None:
    frame = np.repeat(np.array([[0, 1, 2, 90]], np.uint8), 4, axis=0)
    assert black_share(frame, (0, 0, 4, 4)) == 0.5


def test_edges_kept_is_one_for_the_input_falls_with_blur_and_ignores_gain() -> None:
    frame = np.zeros((120, 120))
    frame[30:90, 30:90] = 100
    frame = ndimage.gaussian_filter(frame, 1) + 20
    assert edges_kept(frame, frame) == pytest.approx(1)
    assert edges_kept(3 * frame, frame) == pytest.approx(1)
    blurred = ndimage.gaussian_filter(frame, 4)
    assert edges_kept(blurred, frame, 3.0) < 0.85
    assert edges_kept(blurred, frame, 1.0) < edges_kept(blurred, frame, 3.0)
    assert np.isnan(edges_kept(0 * frame, frame))


def test_homogeneity_of_a_flat_frame_is_one_and_of_a_checkerboard_follows_the_definition() -> None:
    assert homogeneity(np.full((20, 20), 9, np.uint8)) == pytest.approx(1)
    board = (np.indices((20, 20)).sum(0) % 2 * 10).astype(np.uint8)
    assert homogeneity(board) == pytest.approx(1 / (1 + 10**2))


def test_measures_with_truth_reward_the_truth() -> None:
    truth = np.random.default_rng(1).integers(0, 255, (64, 64), dtype=np.uint8)
    noisy = np.clip(truth + np.random.default_rng(2).normal(0, 20, truth.shape), 0, 255).astype(np.uint8)
    assert ssim(truth, truth, 255) == pytest.approx(1)
    assert psnr(noisy, truth, 255) == pytest.approx(10 * np.log10(255**2 / 20**2), abs=0.6)
    assert psnr(truth, truth, 255) == float("inf")


def test_gmsd_is_0_for_the_truth_and_for_another_brightness_and_grows_with_blur() -> None:
    truth = a_picture().astype(float)
    assert gmsd(truth, truth, 255) == 0
    assert gmsd(truth + 20, truth, 255) < 0.01  # only at the border, beyond which the filter sees black
    slight, strong = (gmsd(ndimage.gaussian_filter(truth, sigma), truth, 255) for sigma in (1, 3))
    assert 0 < slight < strong
    assert gmsd(truth / 255, ndimage.gaussian_filter(truth, 3) / 255, 1) == pytest.approx(strong)


def gradient_by_hand(frame: np.ndarray) -> np.ndarray:
    """Prewitt gradient magnitude of the frame averaged over 2 x 2 pixels; beyond the border is black."""
    small = frame.reshape(frame.shape[0] // 2, 2, frame.shape[1] // 2, 2).mean(axis=(1, 3))
    rows, columns = small.shape
    padded = np.pad(small, 1)
    magnitude = np.empty_like(small)
    for row in range(rows):
        for column in range(columns):
            around = padded[row : row + 3, column : column + 3]
            across = around[:, 0].sum() - around[:, 2].sum()
            down = around[0].sum() - around[2].sum()
            magnitude[row, column] = np.hypot(across, down) / 3
    return magnitude


def test_gmsd_follows_the_formulas_of_the_paper() -> None:
    truth, frame = a_picture().astype(float), a_picture(1).astype(float)
    one, other = gradient_by_hand(frame), gradient_by_hand(truth)
    similarity = (2 * one * other + 170) / (one**2 + other**2 + 170)
    assert gmsd(frame, truth, 255) == pytest.approx(np.sqrt(((similarity - similarity.mean()) ** 2).mean()))


def test_tone_is_the_ratio_of_means() -> None:
    assert tone(np.full((4, 4), 30), np.full((4, 4), 20)) == pytest.approx(1.5)
    assert np.isnan(tone(np.ones((4, 4)), np.zeros((4, 4))))


def test_flicker_compares_changes_of_the_mean_in_the_box_only() -> None:
    sweep = [np.full((20, 20), level, float) for level in (100, 110, 100, 110)]
    calm = [np.full((20, 20), level, float) for level in (100, 105, 100, 105)]
    for frame in calm:
        frame[10:] = np.random.default_rng(0).normal(0, 50)
    assert flicker(calm, sweep, (0, 0, 10, 10)) == pytest.approx(0.5)
    assert flicker(sweep, sweep, (0, 0, 10, 10)) == pytest.approx(1)
    assert np.isnan(flicker(sweep, [sweep[0]] * 4, (0, 0, 10, 10)))


def test_lpips_is_measured_or_says_why_not() -> None:
    distance, reason = lpips_distance()
    if distance is None:
        assert reason.startswith("not measured: ")
    else:
        picture = a_picture()
        assert distance(picture, picture) == pytest.approx(0, abs=1e-6)
        assert distance(picture, a_picture(1)) > 0.05
