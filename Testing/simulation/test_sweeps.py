"""Simulated sweeps: what moves, what stays, and that any process gives the same pixels."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from Speckle2SelfLib.errors import WorkerError
from Speckle2SelfTrainingLib.simulation.display import GrayMap
from Speckle2SelfTrainingLib.simulation.kinds import KINDS
from Speckle2SelfTrainingLib.simulation.machine import Machine
from Speckle2SelfTrainingLib.simulation.parallel import ordered_map
from Speckle2SelfTrainingLib.simulation.probes import Probe, ScanConverter
from Speckle2SelfTrainingLib.simulation.speckle import SpeckleSource
from Speckle2SelfTrainingLib.simulation.sweep import Sweep, draw_sweep, simulate_sweep


def end_this_process(index: int) -> int:
    import os

    os._exit(3)


def a_sweep(seed: int = 12, **options: object) -> Sweep:
    return draw_sweep(np.random.default_rng(seed), size=(128, 128), **options)


def test_equal_seeds_give_equal_pixels_and_other_seeds_do_not() -> None:
    one, again, other = (
        next(simulate_sweep(np.random.default_rng(seed), size=(96, 96))).speckled for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_frame_is_the_same_whether_or_not_others_were_computed_before_it() -> None:
    all_frames = list(simulate_sweep(np.random.default_rng(7), frames=5, size=(96, 96)))
    alone = draw_sweep(np.random.default_rng(7), size=(96, 96)).frame(3)
    sent = pickle.loads(pickle.dumps(draw_sweep(np.random.default_rng(7), size=(96, 96)))).frame(3)
    for frame in (alone, sent):
        np.testing.assert_array_equal(frame.speckled, all_frames[3].speckled)
        np.testing.assert_array_equal(frame.clean, all_frames[3].clean)


def test_the_number_of_processes_does_not_change_a_pixel() -> None:
    here, shared = (
        list(simulate_sweep(np.random.default_rng(8), frames=5, size=(96, 96), processes=processes))
        for processes in (1, 2)
    )
    assert len(here) == len(shared) == 5
    for one, other in zip(here, shared, strict=True):
        np.testing.assert_array_equal(one.speckled, other.speckled)
        np.testing.assert_array_equal(one.clean, other.clean)
        np.testing.assert_array_equal(one.lumen, other.lumen)


def test_a_process_that_dies_is_said_in_a_sentence() -> None:
    with pytest.raises(WorkerError, match="use fewer processes"):
        list(ordered_map(end_this_process, 3, 2))


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


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8, 0.98])
def test_neighboring_frames_share_scatterers_as_stated_at_constant_power(correlation: float) -> None:
    source = SpeckleSource(4, (400, 200), (8, 8), correlation)
    planes = [source.scatterers(frame, 0) for frame in range(4)]
    found = np.corrcoef(planes[0].ravel(), planes[1].ravel())[0, 1]
    assert found == pytest.approx(correlation, abs=0.02)
    assert [plane.std() for plane in planes] == pytest.approx([1] * 4, abs=0.02)
    assert abs(np.corrcoef(source.scatterers(0, 0).ravel(), source.scatterers(0, 1).ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("kind", ["neck", "limb", "layers"])
def test_the_lumen_moves_and_pulses_along_a_sweep(kind: str) -> None:
    rng = np.random.default_rng(4)
    machine = Machine.random(rng, convex=False, samples=160, lines=100, aspect=1)
    sweep = Sweep(1, machine, KINDS[kind](rng, machine), (160, 160))
    masks = [sweep.frame(index).lumen for index in (0, 10, 25)]
    areas = [int(mask.sum()) for mask in masks]
    assert min(areas) > 100
    assert max(areas) < 1.6 * min(areas)
    assert not np.array_equal(masks[0], masks[1])


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("convex", [False, True])
def test_the_means_of_picture_and_truth_agree_in_every_anatomy(kind: str, convex: bool) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        machine = Machine.random(rng, convex=convex, samples=160, lines=100, aspect=1)
        frame = Sweep(seed, machine, KINDS[kind](rng, machine), (160, 160)).frame(0)
        inside = frame.sector
        assert frame.speckled[inside].mean() == pytest.approx(frame.clean[inside].mean(), abs=2.5)
        assert not frame.speckled[~inside].any()
        assert not frame.clean[~inside].any()


@pytest.mark.parametrize("kind", ["neck", "along", "layers", "limb", "shapes", "phantom"])
def test_the_lumen_is_darker_than_what_surrounds_it(kind: str) -> None:
    from scipy import ndimage

    rng = np.random.default_rng(5)
    machine = Machine.random(rng, convex=False, samples=192, lines=128, aspect=1)
    frame = Sweep(1, machine, KINDS[kind](rng, machine), (192, 192)).frame(0)
    around = ndimage.binary_dilation(frame.lumen, iterations=12) & ~ndimage.binary_dilation(frame.lumen, iterations=3)
    assert frame.lumen.sum() > 50
    assert frame.clean[frame.lumen].mean() + 15 < frame.clean[around].mean()


def test_a_larger_dynamic_range_leaves_less_in_black() -> None:
    sweep = a_sweep()
    black = []
    for dynamic_range in (25.0, 35.0, 45.0):
        gray_map = GrayMap(sweep.machine.gray_map.top_db, dynamic_range)
        machine = replace(sweep.machine, gray_map=gray_map, noise_db=-200.0)
        frame = replace(sweep, machine=machine).frame(0)
        black.append(float((frame.speckled == 0).mean()))
    assert black[0] > black[1] > black[2]


def test_a_convex_probe_gives_a_sector_and_a_linear_one_a_rectangle() -> None:
    convex = ScanConverter(Probe(100, 60, 128, 96, 60.0), (200, 240))
    linear = ScanConverter(Probe(40, 40, 128, 96), (128, 128))
    assert linear.sector.all()
    assert 0.3 < convex.sector.mean() < 0.85
    assert not convex.sector[0, 0]
    assert linear.spacing == pytest.approx(40 / 128)


def test_scan_conversion_keeps_places() -> None:
    probe = Probe(80.0, 50.0, 300, 200, 50.0)
    converter = ScanConverter(probe, (256, 256))
    depth, width = converter(*probe.grid)
    rows, columns = np.nonzero(converter.sector)
    inner = slice(200, -200)
    assert np.ptp((depth[rows, columns] - rows * converter.spacing)[inner]) < 0.5
    assert np.ptp((width[rows, columns] - columns * converter.spacing)[inner]) < 0.5


def test_the_beam_widens_away_from_the_focus() -> None:
    machine = Machine.random(np.random.default_rng(2), convex=False, samples=128, lines=96)
    lateral = machine.point_spread().lateral_fwhm
    focus = int(machine.focus / machine.probe.row_mm)
    assert lateral[focus] <= lateral.min() * 1.01
    assert lateral[-1] > lateral[focus]
