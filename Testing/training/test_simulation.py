"""The simulator against the theory of speckle."""

from __future__ import annotations

import numpy as np
import pytest
from Speckle2SelfTrainingLib.simulation.anatomy import QUIET_DB, Scene
from Speckle2SelfTrainingLib.simulation.display import GrayMap, to_db
from Speckle2SelfTrainingLib.simulation.imaging import PointSpread, Receiver
from Speckle2SelfTrainingLib.simulation.probes import Probe, ScanConverter
from Speckle2SelfTrainingLib.simulation.sweep import Machine, simulate_sweep

ROWS, COLUMNS = 384, 320


def flat_scene(level: float = 0.0) -> Scene:
    """Homogeneous tissue without attenuation."""
    shape = (ROWS, COLUMNS)
    return Scene(
        np.full(shape, level, np.float32),
        np.full(shape, QUIET_DB, np.float32),
        np.zeros(shape, np.float32),
        np.zeros(shape, bool),
    )


def receiver_of(spread: PointSpread) -> Receiver:
    return Receiver(spread, COLUMNS, 0.1, np.full((ROWS, 1), -200, np.float32))


def power_of(receiver: Receiver, scene: Scene, seed: int = 0) -> np.ndarray:
    scatterers = np.random.default_rng(seed).standard_normal(receiver.scatterer_shape, dtype=np.float32)
    return receiver.look(receiver.expect(scene), scatterers, np.zeros((ROWS, COLUMNS), np.complex64))


def spread_of(axial: float, lateral: float) -> PointSpread:
    return PointSpread(axial, np.full(ROWS, lateral, np.float32))


@pytest.mark.parametrize(("axial", "lateral"), [(1.4, 1.5), (3.0, 4.0), (5.0, 2.5)])
def test_fully_developed_speckle_has_rayleigh_statistics_and_the_stated_power(axial: float, lateral: float) -> None:
    receiver = receiver_of(spread_of(axial, lateral))
    powers = np.stack([power_of(receiver, flat_scene(), seed) for seed in range(4)])
    inner = np.sqrt(powers[:, 20:-20, 20:-20])
    assert inner.mean() / inner.std() == pytest.approx(1.913, rel=0.04)
    assert (inner**2).mean() == pytest.approx(1.0, rel=0.05)


def test_the_autocorrelation_of_the_power_has_the_width_of_the_point_spread_function() -> None:
    receiver = receiver_of(spread_of(4.0, 5.0))
    power = np.concatenate([power_of(receiver, flat_scene(), seed)[16:-16, 16:-16] for seed in range(4)])
    power = power - power.mean()
    for axis, width in ((0, 4.0), (1, 5.0)):
        lags = [1.0]
        for lag in range(1, 8):
            ahead = power[lag:] if axis == 0 else power[:, lag:]
            behind = power[:-lag] if axis == 0 else power[:, :-lag]
            lags.append(float((ahead * behind).mean() / power.var()))
        # |h|^2 of a Gaussian amplitude h of this full width correlates as exp(-lag^2 / (2 sigma^2)).
        expected = np.exp(-(np.arange(8) ** 2) / (2 * (width / 2.3548) ** 2))
        np.testing.assert_allclose(lags, expected, atol=0.08)


def test_the_truth_is_the_mean_of_many_speckled_pictures() -> None:
    scene = flat_scene()
    scene.diffuse_db[150:] = -25
    scene.diffuse_db[150:, 200:] = -70
    receiver, gray_map = receiver_of(spread_of(2.0, 2.5)), GrayMap(8.0, 55.0, 1.3)
    mean = np.mean([gray_map(to_db(power_of(receiver, scene, seed))) for seed in range(60)], axis=0)
    expectation = receiver.expect(scene)
    truth = gray_map.expected(to_db(expectation.mean_power), expectation.speckle_share)
    assert np.abs(mean.mean() - truth.mean()) < 0.005
    assert np.abs(mean - truth).mean() < 0.03


def test_fully_developed_speckle_lies_2_51_db_below_its_mean_power() -> None:
    gray = GrayMap(40.0, 100.0).expected(np.zeros(4, np.float32), np.array([1, 1, 0, 0], np.float32))
    assert (gray[2] - gray[0]) * 100 == pytest.approx(2.51, abs=0.1)


def test_equal_seeds_give_equal_pixels_and_other_seeds_do_not() -> None:
    one, again, other = (
        next(simulate_sweep(np.random.default_rng(seed), size=(96, 96))).speckled for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_speckle_and_anatomy_change_slowly_along_a_sweep() -> None:
    frames = list(simulate_sweep(np.random.default_rng(12), frames=6, size=(128, 128)))
    speckled = np.stack([frame.speckled for frame in frames]).astype(float)
    clean = np.stack([frame.clean for frame in frames]).astype(float)
    residual = speckled - clean
    near = np.corrcoef(residual[0].ravel(), residual[1].ravel())[0, 1]
    far = np.corrcoef(residual[0].ravel(), residual[5].ravel())[0, 1]
    assert near > 0.3
    assert far < near
    assert 0 < np.abs(clean[1] - clean[0]).mean() < 20


def test_the_mean_of_picture_and_truth_agree_in_every_anatomy() -> None:
    for seed in range(6):
        frame = next(simulate_sweep(np.random.default_rng(seed), size=(160, 160), convex=seed % 2 == 1))
        inside = frame.sector
        assert frame.speckled[inside].mean() == pytest.approx(frame.clean[inside].mean(), abs=2.5)
        assert not frame.speckled[~inside].any()


def test_a_convex_probe_gives_a_sector_and_a_linear_one_a_rectangle() -> None:
    convex = ScanConverter(Probe(100, 60, 128, 96, 60.0), (200, 240))
    linear = ScanConverter(Probe(40, 40, 128, 96), (128, 128))
    assert linear.sector.all()
    assert 0.3 < convex.sector.mean() < 0.85
    assert not convex.sector[0, 0]
    assert linear.spacing == pytest.approx(40 / 128)


def test_the_beam_widens_away_from_the_focus() -> None:
    machine = Machine.random(np.random.default_rng(2), convex=False, samples=128, lines=96)
    lateral = machine.point_spread().lateral_fwhm
    focus = int(machine.focus / machine.probe.row_mm)
    assert lateral[focus] <= lateral.min() * 1.01
    assert lateral[-1] > lateral[focus]
