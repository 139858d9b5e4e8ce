"""Vessels of known diameter, seen by the simulator: the measured diameter is within 1 %."""

from __future__ import annotations

import numpy as np
import pytest
from Speckle2SelfTrainingLib.measurement import measure_mask
from Speckle2SelfTrainingLib.simulation.lumen_truth import true_lumen_area, true_lumen_diameter
from Speckle2SelfTrainingLib.simulation.neck import TransverseNeck
from Speckle2SelfTrainingLib.simulation.phantom import Phantom
from vessel_support import a_round_vessel_sweep, a_vessel_sweep, at_half_power, known_diameter

PIXELS = {0.03: 448, 0.055: 320, 0.08: 256, 0.11: 224, 0.15: 192}  # by mm per pixel


@pytest.mark.parametrize("spacing", PIXELS)
def test_the_lumen_mask_of_a_frame_has_the_known_diameter(spacing: float) -> None:
    errors = []
    for seed in range(4):
        sweep, vessel = a_vessel_sweep(seed, spacing, PIXELS[spacing])
        index = 5 * seed
        frame = sweep.frame(index)
        measures = measure_mask(frame.lumen, (frame.spacing, frame.spacing))
        assert frame.spacing == pytest.approx(spacing)
        assert measures.plausible
        errors.append(measures.equivalent_diameter / known_diameter(vessel, index * sweep.step) - 1)
    assert np.abs(errors).max() <= 0.01
    assert abs(np.mean(errors)) <= 0.003


@pytest.mark.parametrize("spacing", PIXELS)
def test_a_vessel_cut_out_of_a_clean_frame_at_half_power_has_the_known_diameter(spacing: float) -> None:
    errors = []
    for seed in range(4):
        sweep, diameter = a_round_vessel_sweep(seed, spacing, PIXELS[spacing])
        mask = at_half_power(sweep.frame(0).clean, sweep.machine)
        measures = measure_mask(mask, spacing)
        assert measures.plausible
        errors.append(measures.equivalent_diameter / diameter - 1)
    assert np.abs(errors).max() <= 0.01
    assert abs(np.mean(errors)) <= 0.004


def test_the_truth_of_a_vessel_is_that_of_its_ellipse() -> None:
    for seed in range(2):
        sweep, vessel = a_vessel_sweep(seed, 0.08, 256)
        size = sweep.machine.field_of_view
        for time in (0.0, 0.17):
            truth = true_lumen_diameter(sweep.anatomy, size, time)
            assert truth == pytest.approx(known_diameter(vessel, time), rel=5e-4)


def test_the_truth_of_a_cyst_is_that_of_one_of_the_phantoms_circles() -> None:
    area = true_lumen_area(Phantom(np.random.default_rng(4), (36.0, 36.0)), (36.0, 36.0))
    assert min(abs(area / (np.pi * (share * 36) ** 2) - 1) for share in (0.035, 0.055, 0.08)) < 2e-3


def test_an_anatomy_without_an_artery_has_no_lumen() -> None:
    assert true_lumen_diameter(Phantom(np.random.default_rng(4), (36.0, 36.0), filled=False), (36.0, 36.0)) == 0


def test_a_neck_measured_at_its_pixels_has_the_diameter_of_its_anatomy() -> None:
    neck = TransverseNeck(np.random.default_rng(8), (36.0, 36.0))
    spacing = 0.09
    rows = (np.arange(400, dtype=np.float32) + 0.5) * spacing
    down, across = np.meshgrid(rows, rows - 18, indexing="ij")
    measures = measure_mask(neck.sample(down, across).lumen, spacing)
    assert measures.equivalent_diameter == pytest.approx(true_lumen_diameter(neck, (36.0, 36.0)), rel=0.01)
