"""Speckle reducing anisotropic diffusion against what its paper says of it."""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_samples import speckled_frame
from Speckle2SelfTrainingLib.evaluation.frames import to_unit
from Speckle2SelfTrainingLib.evaluation.srad import (
    conductance,
    differences,
    diffuse,
    homogeneous_variation,
    instantaneous_variation,
    srad,
)


def speckle(size: int = 200) -> np.ndarray:
    """Fully developed speckle of power, whose coefficient of variation is 1, averaged over 9 looks: 1/3."""
    rng = np.random.default_rng(0)
    return np.asarray(rng.exponential(1.0, (9, size, size)).mean(axis=0), np.float32)


def test_conductance_is_1_at_the_speckle_scale_and_below_and_falls_to_0_on_edges() -> None:
    variation = np.array([[0.0, 0.04, 0.09, 1.0, 100.0]], np.float32)
    result = conductance(variation, 0.2)[0]
    assert result[1] == pytest.approx(1)
    assert result[0] == 1
    assert np.all(np.diff(result[1:]) < 0)
    assert result[4] < 0.001
    # 1 / (1 + (q^2 - q0^2) / (q0^2 (1 + q0^2)))
    assert result[2] == pytest.approx(1 / (1 + 0.05 / (0.04 * 1.04)))


def test_instantaneous_variation_is_0_where_flat_ignores_gain_and_is_large_at_an_edge() -> None:
    echoes = np.full((20, 20), 3.0, np.float32)
    echoes[:, 10:] = 9
    one, brighter = (instantaneous_variation(image, differences(image)) for image in (echoes, 5 * echoes))
    np.testing.assert_allclose(one, brighter, rtol=1e-5)
    assert one[5, 3] == 0
    # Bright side: relative steps 0, 0, -2/3, 0.
    assert one[5, 10] == pytest.approx((4 / 9 / 2 - 4 / 9 / 16) / (1 - 2 / 3 / 4) ** 2, rel=1e-5)


def test_in_homogeneous_speckle_the_instantaneous_variation_follows_from_that_of_the_pixels() -> None:
    # Independent pixels of variance s^2 and mean 1: half the squared differences is 4 s^2, the Laplacian's variance
    # 20 s^2, a sixteenth of it 1.25 s^2; the denominator is 1 for small s.
    echoes = np.asarray(1 + 0.02 * np.random.default_rng(0).standard_normal((300, 300)), np.float32)
    measured = instantaneous_variation(echoes, differences(echoes))[1:-1, 1:-1].mean()
    assert measured == pytest.approx(2.75 * 0.02**2, rel=0.02)


def test_a_step_keeps_the_mean_and_makes_no_new_extremes() -> None:
    echoes = speckle()
    after = diffuse(echoes, 0.33, 0.2)
    assert after.mean() == pytest.approx(float(echoes.mean()), rel=1e-5)
    assert echoes.min() <= after.min()
    assert after.max() <= echoes.max()
    assert after.std() < echoes.std()


def test_speckle_is_smoothed_and_a_strong_edge_stays() -> None:
    rng = np.random.default_rng(1)
    level = np.full((96, 96), 0.3)
    level[:, 48:] = 0.8
    frame = np.asarray(np.clip(level + rng.normal(0, 0.03, level.shape), 0, 1), np.float32)
    result = srad(frame, iterations=60, time_step=0.2, decompression=3.0)
    assert result[10:-10, 5:40].std() < 0.35 * frame[10:-10, 5:40].std()
    step = result[:, 49].mean() - result[:, 46].mean()
    assert step > 0.9 * 0.5


def test_a_flat_frame_stays_as_it_is_in_type_and_range() -> None:
    frame = np.full((40, 50), 0.4, np.float32)
    result = srad(frame, iterations=5)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, frame, atol=1e-5)


def test_the_speckle_scale_decays_so_that_diffusion_ends() -> None:
    frame = to_unit(speckled_frame())
    slow, fast = (srad(frame, iterations=80, time_step=0.2, decay=decay) for decay in (0.02, 2.0))
    assert slow.std() < fast.std() < frame.std()


def test_the_speckle_scale_comes_from_the_flattest_tissue() -> None:
    rng = np.random.default_rng(2)
    frame = np.asarray(np.clip(0.5 + 0.3 * rng.standard_normal((128, 128)), 0, 1), np.float32)
    frame[40:100, 40:100] = 0.5 + 0.02 * rng.standard_normal((60, 60))
    echoes = np.exp(frame)
    assert homogeneous_variation(frame, echoes) == pytest.approx(0.02, rel=0.2)
