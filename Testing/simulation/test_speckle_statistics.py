"""The simulator against the theory of speckle."""

from __future__ import annotations

import numpy as np
import pytest
from Speckle2SelfTrainingLib.simulation.display import GrayMap, rice_fluctuations, to_db
from Speckle2SelfTrainingLib.simulation.imaging import PointSpread
from Speckle2SelfTrainingLib.simulation.machine import Machine
from Speckle2SelfTrainingLib.simulation.scene import QUIET_DB
from Speckle2SelfTrainingLib.simulation.targets import Wire
from speckle_support import (
    COLUMNS,
    ROW_MM,
    ROWS,
    autocorrelation,
    flat_scene,
    half_width,
    power_of,
    receiver_of,
    spread_of,
)

RAYLEIGH_MSR = np.sqrt(np.pi / (4 - np.pi))  # 1.913, mean over standard deviation of the envelope
LOG_DEFICIT_DB = 10 * np.euler_gamma / np.log(10)  # 2.507, mean of the log below the log of the mean power


@pytest.mark.parametrize(
    ("axial", "lateral", "side_lobes"), [(1.4, 1.5, False), (3.0, 4.0, False), (5.0, 2.5, False), (3.0, 4.0, True)]
)
def test_fully_developed_speckle_has_rayleigh_statistics_and_the_stated_power(
    axial: float, lateral: float, side_lobes: bool
) -> None:
    receiver = receiver_of(spread_of(axial, lateral, side_lobes=side_lobes))
    power = np.stack([power_of(receiver, flat_scene(), seed) for seed in range(4)])
    envelope = np.sqrt(power)
    assert envelope.mean() / envelope.std() == pytest.approx(RAYLEIGH_MSR, rel=0.03)
    assert power.mean() == pytest.approx(1.0, rel=0.04)
    assert 10 * np.log10(power.mean()) - to_db(power).mean() == pytest.approx(LOG_DEFICIT_DB, abs=0.1)


def test_electronic_noise_alone_has_rayleigh_statistics_and_rises_with_the_time_gain() -> None:
    receiver = receiver_of(spread_of(3.0, 4.0), noise_db=-20, slope=0.5)
    power = np.stack([power_of(receiver, flat_scene(QUIET_DB), seed, noisy=True) for seed in range(4)])
    ends = [10 * np.log10(power[:, rows].mean()) for rows in (slice(0, 40), slice(-40, None))]
    assert ends[0] == pytest.approx(-19, abs=0.5)
    assert ends[1] - ends[0] == pytest.approx(0.5 * ROW_MM * (ROWS - 40), abs=0.6)
    level = np.sqrt(power[:, 180:200])
    assert level.mean() / level.std() == pytest.approx(RAYLEIGH_MSR, rel=0.05)


@pytest.mark.parametrize("axis", [1, 2])
@pytest.mark.parametrize(("axial", "lateral"), [(4.0, 5.0), (2.0, 3.0)])
def test_the_autocorrelation_of_the_power_is_that_of_the_point_spread_function(
    axis: int, axial: float, lateral: float
) -> None:
    receiver = receiver_of(spread_of(axial, lateral))
    power = np.stack([power_of(receiver, flat_scene(), seed) for seed in range(5)])
    found = autocorrelation(power, axis, 8)
    # A Gaussian amplitude of this full width gives intensity that correlates as exp(-lag^2 / (2 sigma^2)).
    sigma = (axial if axis == 1 else lateral) / 2.3548
    np.testing.assert_allclose(found, np.exp(-(np.arange(8) ** 2) / (2 * sigma**2)), atol=0.05)
    assert half_width(found) == pytest.approx((axial, lateral)[axis - 1], rel=0.1)


def test_a_beam_with_side_lobes_is_as_wide_as_stated_and_spreads_further() -> None:
    column = COLUMNS // 2
    profiles = {}
    for side_lobes in (False, True):
        scene = flat_scene(QUIET_DB)
        scene.specular_db[:, column] = 0
        reflector = receiver_of(spread_of(3.0, 6.0, side_lobes=side_lobes)).expect(scene).reflector[ROWS // 2]
        profiles[side_lobes] = np.abs(reflector) / np.abs(reflector).max()
        assert profiles[side_lobes][column + 3] == pytest.approx(0.5, abs=0.03)
    assert profiles[False][column + 10 : column + 13].max() < 2e-3
    assert profiles[True][column + 10 : column + 13].max() > 5e-3


def test_the_speckle_of_a_machine_is_as_wide_as_its_beam_at_every_depth() -> None:
    rng = np.random.default_rng(3)
    machine = Machine.random(rng, convex=False, samples=ROWS, lines=COLUMNS)
    receiver = machine.receiver()
    expectation = receiver.expect(flat_scene())
    shape = receiver.scatterer_shape
    silence = np.zeros((ROWS, COLUMNS), np.complex64)
    looks = [receiver.look(expectation, rng.standard_normal(shape, dtype=np.float32), silence) for _ in range(10)]
    power = np.stack(looks)
    widths = machine.point_spread().lateral_fwhm
    assert widths.max() > 1.2 * widths.min()
    for row in (30, ROWS // 2, ROWS - 30):
        found = half_width(autocorrelation(power[:, row - 20 : row + 20], 2, 16))
        assert found == pytest.approx(widths[row], rel=0.15)


def test_a_wire_shows_the_point_spread_function_and_is_as_bright_on_any_grid() -> None:
    peaks = []
    for columns, pitch in ((COLUMNS, 0.1), (COLUMNS // 2, 0.2)):
        depth, width = np.meshgrid(np.arange(ROWS) * ROW_MM, (np.arange(columns) - columns / 2) * pitch, indexing="ij")
        scene = flat_scene(QUIET_DB)
        scene.specular_db = np.full(depth.shape, QUIET_DB, np.float32)
        scene.diffuse_db = np.full(depth.shape, -80, np.float32)
        scene.attenuation = np.zeros(depth.shape, np.float32)
        Wire((19.24, 1.33), 20.0).draw(scene, depth.astype(np.float32), width.astype(np.float32))
        spread = PointSpread(4.0, np.full(ROWS, 0.6 / pitch, np.float32))
        receiver = type(receiver_of(spread))(spread, columns, ROW_MM, np.full((ROWS, 1), -200, np.float32))
        reflector = receiver.expect(scene).reflector
        row, column = np.unravel_index(int(reflector.argmax()), reflector.shape)
        assert depth[row, column] == pytest.approx(19.24, abs=0.06)
        assert width[row, column] == pytest.approx(1.33, abs=0.6 * pitch)
        profile = reflector[:, column] / reflector[row, column]
        before = np.interp(0.5, profile[row - 8 : row + 1], np.arange(-8, 1))
        after = np.interp(0.5, profile[row : row + 9][::-1], np.arange(9)[::-1])
        assert after - before == pytest.approx(4.2, abs=0.3)
        peaks.append(20 * np.log10(reflector.max()))
    assert peaks[0] == pytest.approx(peaks[1], abs=0.7)


def test_attenuation_darkens_what_lies_below_and_fluid_enhances_it() -> None:
    receiver = receiver_of(spread_of(2.0, 2.5))
    scene = flat_scene(attenuation=0.5)
    assert to_db(receiver.expect(scene).mean_power)[-1].mean() == pytest.approx(-0.5 * ROWS * ROW_MM, abs=0.3)
    scene = flat_scene()
    scene.attenuation[100:200, 100:200] = -0.8
    level = to_db(receiver.expect(scene).mean_power)
    assert level[300, 150] - level[300, 20] == pytest.approx(8, abs=0.2)


def test_the_truth_is_the_mean_of_many_speckled_pictures_also_at_borders_reflectors_and_black() -> None:
    scene = flat_scene()
    scene.diffuse_db[150:] = -25
    scene.diffuse_db[150:, 200:] = -70
    scene.specular_db[80:82] = 3
    scene.specular_db[300:303] = -10
    scene.specular_db[200:, 60] = 5
    receiver, gray_map = receiver_of(spread_of(2.0, 2.5)), GrayMap(8.0, 55.0, 1.3)
    mean = np.mean([gray_map(to_db(power_of(receiver, scene, seed))) for seed in range(100)], axis=0)
    expectation = receiver.expect(scene)
    truth = gray_map.expected(to_db(expectation.mean_power), expectation.speckle_share)
    assert abs(mean.mean() - truth.mean()) < 0.003
    assert np.abs(mean - truth).mean() < 0.012
    for rows in (slice(79, 83), slice(148, 152), slice(299, 304)):
        assert abs((mean - truth)[rows].mean()) < 0.01


def test_the_truth_between_reflector_and_speckle_follows_the_rice_distribution() -> None:
    rng = np.random.default_rng(0)
    field = (rng.standard_normal(400_000) + 1j * rng.standard_normal(400_000)) * np.sqrt(0.5)
    table = rice_fluctuations()
    for index, share in ((0, 0.0), (4, 0.25), (8, 0.5), (16, 1.0)):
        drawn = 20 * np.log10(np.abs(np.sqrt(1 - share) + np.sqrt(share) * field))
        assert table[index].mean() == pytest.approx(drawn.mean(), abs=0.05)
        assert table[index].std() == pytest.approx(drawn.std(), abs=0.15)
    assert table[16].mean() == pytest.approx(-LOG_DEFICIT_DB, abs=0.03)


def test_fully_developed_speckle_is_shown_2_51_db_below_its_mean_power_and_a_reflector_is_not() -> None:
    gray = GrayMap(40.0, 100.0).expected(np.zeros(4, np.float32), np.array([1, 1, 0, 0], np.float32))
    assert gray[2] * 100 == pytest.approx(60, abs=0.1)
    assert (gray[2] - gray[0]) * 100 == pytest.approx(LOG_DEFICIT_DB, abs=0.05)


def test_the_bottom_does_not_shine_into_the_top() -> None:
    scene = flat_scene(-60)
    scene.diffuse_db[-3:] = 5
    scene.specular_db[-3:] = 5
    power = receiver_of(spread_of(4.0, 4.0)).expect(scene).mean_power
    assert to_db(power)[:200].max() < -59
