"""Frames as exports show them: fine, aliased grain with the right truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from Speckle2SelfTrainingLib.simulation.display import export_size
from Speckle2SelfTrainingLib.simulation.kinds import KINDS
from Speckle2SelfTrainingLib.simulation.machine import Machine
from Speckle2SelfTrainingLib.simulation.phantom import Phantom
from Speckle2SelfTrainingLib.simulation.sweep import Sweep
from speckle_support import autocorrelation, half_width


def machine(seed: int = 0) -> Machine:
    return Machine.fine_grain(np.random.default_rng(seed), samples=512, lines=256)


def test_an_exported_frame_has_grain_as_fine_as_a_pixel_and_a_truth_of_the_same_mean() -> None:
    anatomy = Phantom(np.random.default_rng(1), (36.0, 36.0), filled=False)
    whole, exported = (Sweep(2, machine(), anatomy, (512, 512), exported=size).frame(0) for size in (None, (256, 256)))
    assert exported.speckled.shape == exported.clean.shape == exported.lumen.shape == (256, 256)
    assert exported.spacing == pytest.approx(2 * whole.spacing)
    level = exported.speckled[60:200].astype(float)  # around the focus
    grain = [half_width(autocorrelation(level[None], axis, 8)) for axis in (1, 2)]
    assert grain[0] == pytest.approx(1.3, abs=0.15)
    assert grain[1] == pytest.approx(2.4, abs=0.3)
    assert 40 < level.mean() < 80
    assert 15 < level.std() < 25
    assert exported.speckled.mean() == pytest.approx(exported.clean.mean(), abs=0.7)
    assert exported.speckled.std() > 0.8 * whole.speckled.std()


def test_a_dark_lumen_that_is_clipped_at_black_has_the_expected_gray_level_as_truth() -> None:
    rng = np.random.default_rng(3)
    seen = machine(2)
    anatomy = KINDS["neck"](rng, seen)
    frames = [Sweep(seed, seen, anatomy, (512, 512), exported=(256, 256)).frame(0) for seed in range(8)]
    lumen = ndimage.binary_erosion(frames[0].lumen, iterations=3)
    levels = np.stack([frame.speckled[lumen] for frame in frames])
    truth = frames[0].clean[lumen]
    assert 0.15 < (levels <= 1).mean() < 0.75
    assert levels.mean() == pytest.approx(truth.mean(), abs=0.5)
    assert np.abs(levels.mean(axis=0) - truth).mean() < 3 * levels.std() / np.sqrt(len(levels))


def test_exporting_is_linear_and_keeps_a_ramp() -> None:
    ramp = np.add.outer(np.arange(60.0), 2 * np.arange(80.0)).astype(np.float32)
    small = export_size(ramp, (30, 20))
    np.testing.assert_allclose(small, np.add.outer(np.arange(30) * 2 + 0.5, 2 * (np.arange(20) * 4 + 1.5)), atol=1e-3)
    noise = np.random.default_rng(0).standard_normal((60, 80)).astype(np.float32)
    np.testing.assert_allclose(export_size(ramp + noise, (30, 20)), small + export_size(noise, (30, 20)), atol=1e-4)
    np.testing.assert_array_equal(export_size(noise, (60, 80)), noise)
